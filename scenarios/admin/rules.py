from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import F
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from .. import operations
from ..models import Rule, RuleVersion
from ..models.rules import Terms
from . import parameters
from .base import NOTHING, Kept, ReadOnly, address_of, badge
from .facts import trigger_label
from .filters import DayFilter
from .rule_form import RuleForm

VERSIONS_SHOWN = 20


class RuleColumns:
    @display(description=_("looks for"), ordering="trigger_type")
    def looks_for(self, rule):
        return trigger_label(rule.trigger_type)

    @display(description=_("for"))
    def applies_to(self, rule):
        return str(rule.chapter or rule.organization or _("everybody"))

    @display(description=_("days"), ordering="threshold_days")
    def days(self, rule):
        return rule.threshold_days

    @display(description=_("state"), ordering="enabled")
    def state(self, rule):
        return badge(_("on"), "success") if rule.enabled else badge(_("off"))


@admin.register(Rule)
class RuleAdmin(RuleColumns, Kept):
    form = RuleForm
    list_display = ["name", "state", "looks_for", "days", "applies_to", "cooldown_days", "priority", "prompt_template"]
    list_filter = ["enabled", "trigger_type", "organization"]
    list_select_related = ["organization", "chapter", "prompt_template"]
    search_fields = ["name", "scenario_id", "id__exact"]
    ordering = ["priority", "id"]
    autocomplete_fields = ["organization", "chapter", "prompt_template"]
    actions = ["turn_on", "turn_off"]
    change_form_outer_after_template = "admin/scenarios/rule_versions.html"

    def get_fieldsets(self, request, obj=None):
        looks = ["trigger_type", "threshold_days", "judged", *parameters.form_fields()]
        why = [(_("For the record"), {"fields": ["change_reason"]})] if obj else []
        return [
            (None, {"fields": ["name", "scenario_id", "enabled"]}),
            (_("What it looks for"), {"fields": looks}),
            (_("Whom it is for"), {"fields": ["organization", "chapter"]}),
            (_("What it says, and when"), {"fields": ["prompt_template", "delay_hours", "cooldown_days", "priority"]}),
            *why,
        ]

    def get_readonly_fields(self, request, obj=None):
        # The cooldown goes by this word: with another one everybody could be told again at once.
        return ["scenario_id"] if obj else []

    def save_model(self, request, obj, form, change):
        operations.save_rule(
            obj, by=request.user, reason=form.cleaned_data.get("change_reason", ""), now=timezone.now()
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        rule = self.get_object(request, unquote(object_id))
        versions = version_rows(rule) if rule else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "versions": versions})

    @admin.action(description=_("Turn on"), permissions=["change"])
    def turn_on(self, request, queryset):
        self._turn(request, queryset, enabled=True)

    @admin.action(description=_("Turn off"), permissions=["change"])
    def turn_off(self, request, queryset):
        self._turn(request, queryset, enabled=False)

    def _turn(self, request, queryset, *, enabled):
        now, turned = timezone.now(), 0
        for rule in queryset.exclude(enabled=enabled):
            rule.enabled = enabled
            reason = _("Turned on from the list.") if enabled else _("Turned off from the list.")
            operations.save_rule(rule, by=request.user, reason=str(reason), now=now)
            self.log_change(request, rule, str(reason))
            turned += 1
        said = (
            ngettext("%(count)d rule was turned on.", "%(count)d rules were turned on.", turned)
            if enabled
            else ngettext("%(count)d rule was turned off.", "%(count)d rules were turned off.", turned)
        )
        messages.success(request, said % {"count": turned})


@admin.register(RuleVersion)
class RuleVersionAdmin(RuleColumns, ReadOnly):
    list_display = ["name", "number", "state", "looks_for", "days", "valid_from", "valid_until", "changed_by"]
    list_filter = ["trigger_type", ("valid_from", DayFilter)]
    list_select_related = ["organization", "chapter", "changed_by"]
    search_fields = ["name", "scenario_id", "rule__id__exact"]
    ordering = ["-valid_from", "-id"]
    fieldsets = [
        (None, {"fields": ["rule", "number", "valid_from", "valid_until", "changed_by", "change_reason"]}),
        (_("What it looks for"), {"fields": ["state", "looks_for", "threshold_days", "judged", "details"]}),
        (_("Whom it is for"), {"fields": ["organization", "chapter"]}),
        (_("What it says, and when"), {"fields": ["prompt_template", "delay_hours", "cooldown_days", "priority"]}),
    ]
    readonly_fields = ["state", "looks_for", "details"]

    @display(description=_("details"))
    def details(self, version):
        return parameters.in_words(version) or NOTHING


def version_rows(rule: Rule) -> list[dict]:
    """Return the latest versions of a rule, each with what it changed, in words."""
    related = ["organization", "chapter", "prompt_template", "changed_by"]
    versions = list(rule.versions.select_related(*related).order_by(F("number").desc())[: VERSIONS_SHOWN + 1])
    older = [*versions[1:], None]
    return [
        {
            "number": version.number,
            "url": address_of("scenarios_ruleversion", version.pk),
            "valid_from": version.valid_from,
            "valid_until": version.valid_until,
            "who": version.changed_by or NOTHING,
            "why": version.change_reason or NOTHING,
            "changes": changes(before, version) if before else [_("the first version")],
        }
        for version, before in list(zip(versions, older, strict=True))[:VERSIONS_SHOWN]
    ]


def changes(before: RuleVersion, after: RuleVersion) -> list[str]:
    """Say field by field what one version says that the one before didn't."""
    return [
        _("%(field)s: %(old)s → %(new)s")
        % {"field": capfirst(field.verbose_name), "old": said(before, field), "new": said(after, field)}
        for field in Terms._meta.local_fields
        if getattr(before, field.attname) != getattr(after, field.attname)
    ]


def said(version: RuleVersion, field) -> str:
    """Return a field's value as a person reads it."""
    if field.name == "trigger_type":
        return trigger_label(version.trigger_type)
    if field.name == "parameters":
        return parameters.in_words(version) or NOTHING
    if field.choices:
        return str(getattr(version, f"get_{field.name}_display")())
    value = getattr(version, field.name)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return NOTHING if value in (None, "", {}) else str(value)
