"""Rules as staff write them, every state they were ever in, and the brief for the message that they send."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .. import triggers
from ..ids import new_rule_id, new_template_id
from ..text import LineField, TextField
from .people import Chapter, Organization


class PromptTemplate(models.Model):
    """The brief for a message; the wording that is sent is an approved `notifications.Variant` of it.

    It belongs to one organisation, whose rules alone may use it, or is shared by all. It keeps its organisation (a
    trigger of the database sees to that): who needs it elsewhere copies it.
    """

    id = models.CharField(_("ID"), primary_key=True, max_length=64, default=new_template_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
        help_text=_("Only this organisation's rules can use it. Empty: shared by all organisations."),
    )
    name = LineField(_("name"), max_length=200)
    purpose = TextField(_("purpose"), max_length=2000, help_text=_("What the message should achieve."))
    tone = LineField(_("tone"), max_length=200, blank=True, help_text=_("For example: warm, short, no alarm."))

    class Meta:
        verbose_name = _("message brief")
        verbose_name_plural = _("message briefs")
        ordering = ["name"]

    def __str__(self):
        return f"{self.name} ({self.organization})" if self.organization else self.name


class Judged(models.TextChoices):
    DAILY = "daily", _("every day")
    ACTIVITY = "activity", _("when an activity is logged")


class RuleState(models.TextChoices):
    """How far a rule has come. Only one that is on sends messages and replaces a wider rule of its scenario."""

    DRAFT = "draft", _("Draft")
    WATCHING = "watching", _("Watching")
    ON = "on", _("On")
    OFF = "off", _("Off")
    RETIRED = "retired", _("Retired")


# In which states a rule is evaluated; one that watches records what it would have sent, and sends nothing.
EVALUATED = (RuleState.WATCHING, RuleState.ON)
# Which states staff can choose, by the present one; a new rule has none.
NEXT_STATES: dict[str, tuple[RuleState, ...]] = {
    "": (RuleState.DRAFT, RuleState.WATCHING),
    RuleState.DRAFT: (RuleState.WATCHING, RuleState.ON, RuleState.RETIRED),
    RuleState.WATCHING: (RuleState.ON, RuleState.OFF, RuleState.RETIRED),
    RuleState.ON: (RuleState.WATCHING, RuleState.OFF, RuleState.RETIRED),
    RuleState.OFF: (RuleState.WATCHING, RuleState.ON, RuleState.RETIRED),
    RuleState.RETIRED: (),
}


class Terms(models.Model):
    """What a rule says; the rule and each of its versions have the same columns."""

    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
        help_text=_("Empty: all organisations."),
    )
    chapter = models.ForeignKey(
        Chapter,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("chapter"),
        help_text=_("Empty: the whole organisation."),
    )
    name = LineField(_("name"), max_length=200)
    scenario_id = models.SlugField(
        _("scenario"),
        max_length=64,
        help_text=_("The rule's own word, such as missed_activity_3day. A chapter's rule replaces a shared one."),
    )
    trigger_type = models.CharField(_("trigger"), max_length=50, choices=triggers.choices)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    threshold_days = models.PositiveSmallIntegerField(
        _("threshold (days)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    delay_hours = models.PositiveSmallIntegerField(
        _("delay (hours)"),
        default=0,
        validators=[MaxValueValidator(8760)],
        help_text=_("How long to wait before telling."),
    )
    cooldown_days = models.PositiveSmallIntegerField(
        _("cooldown (days)"),
        default=7,
        validators=[MaxValueValidator(3650)],
        help_text=_("The same mentor hears of this scenario again after this many days at the earliest."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("1 goes first. A mentor hears one message at a time: the one with the smallest number."),
    )
    judged = models.CharField(_("judged"), max_length=10, choices=Judged.choices, default=Judged.DAILY)
    prompt_template = models.ForeignKey(
        PromptTemplate, models.PROTECT, related_name="+", verbose_name=_("message brief")
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=RuleState.choices,
        default=RuleState.DRAFT,
        help_text=_(
            "Draft: nothing happens yet. Watching: the rule is checked every time, and you can see who would have got a"
            " message, but nobody gets one. On: mentors get messages. Off: nothing happens. Retired: off for good."
        ),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(chapter__isnull=True) | Q(organization__isnull=False),
                name="%(class)s_chapter_has_organization",
                violation_error_message=_("Choose the organisation of the chapter too."),
            ),
            models.CheckConstraint(
                condition=Q(threshold_days__isnull=True) | Q(threshold_days__range=(1, 3650)),
                name="%(class)s_threshold_range",
            ),
            models.CheckConstraint(condition=Q(delay_hours__lte=8760), name="%(class)s_delay_range"),
            models.CheckConstraint(condition=Q(cooldown_days__lte=3650), name="%(class)s_cooldown_range"),
            models.CheckConstraint(condition=Q(priority__range=(1, 1000)), name="%(class)s_priority_range"),
            models.CheckConstraint(condition=Q(judged__in=Judged.values), name="%(class)s_judged_known"),
            models.CheckConstraint(condition=Q(state__in=RuleState.values), name="%(class)s_state_known"),
        ]

    @property
    def trigger(self) -> triggers.Trigger:
        return triggers.get(self.trigger_type)

    @property
    def is_on(self) -> bool:
        return self.state == RuleState.ON

    @property
    def sentence(self) -> str:
        """What the rule will do, in plain words."""
        when = _("Every day: %(who)s hears from us%(later)s, %(often)s.")
        if self.judged == Judged.ACTIVITY:
            when = _("When an activity is logged: %(who)s hears from us%(later)s, %(often)s.")
        later = ngettext(" %(hours)d hour later", " %(hours)d hours later", self.delay_hours)
        often = ngettext("at most once a day", "at most once every %(days)d days", max(self.cooldown_days, 1))
        return str(when) % {
            "who": self.trigger.describe(self),
            "later": later % {"hours": self.delay_hours} if self.delay_hours else "",
            "often": often % {"days": self.cooldown_days} if self.cooldown_days > 1 else often,
        }

    @property
    def foreign_template(self) -> str:
        """Say whose message this is, where it belongs to an organisation that isn't the rule's; otherwise ""."""
        template = self.prompt_template
        if template.organization_id in (None, self.organization_id):
            return ""
        return _("“%(message)s” belongs to %(organization)s. Choose a shared message, or one of this organisation.") % {
            "message": template.name,
            "organization": template.organization,
        }

    def terms(self) -> dict:
        """Return what the rule says as field values, ready for another row of the same columns."""
        return {field.attname: getattr(self, field.attname) for field in Terms._meta.local_fields}


class Rule(Terms):
    id = models.CharField(_("ID"), primary_key=True, max_length=64, default=new_rule_id, editable=False)

    class Meta(Terms.Meta):
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["priority", "id"]
        constraints = [
            *Terms.Meta.constraints,
            models.UniqueConstraint(
                fields=["scenario_id", "organization", "chapter"],
                nulls_distinct=False,
                name="rule_scenario_once_per_scope",
                violation_error_message=_("There is already a rule for this scenario here."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Hold the parts of a rule to each other. Raise ValidationError by field."""
        errors: dict[str, Any] = {}
        if self.chapter and self.organization_id and self.chapter.organization_id != self.organization_id:
            errors["chapter"] = _("This chapter belongs to another organisation.")
        if self.prompt_template_id and (foreign := self.foreign_template):
            errors["prompt_template"] = foreign
        if self.trigger_type in triggers.registry:
            errors.update(self.trigger.complaints(self))
        if errors:
            raise ValidationError(errors)


class RuleVersion(Terms):
    """One state of a rule. The engine reads versions only; a decision points to the one that made it."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", verbose_name=_("rule"))
    number = models.PositiveIntegerField(_("version"))
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )
    change_reason = LineField(_("reason"), max_length=300, blank=True)

    class Meta(Terms.Meta):
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        ordering = ["rule_id", "-number"]
        constraints = [
            *Terms.Meta.constraints,
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number_once"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(valid_until__isnull=True), name="rule_version_current_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="rule_version_valid_until_after_from",
            ),
        ]

    def __str__(self):
        return f"{self.name} · {self.number}"
