from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from .. import operations
from ..models import RuleVersion
from . import parameters
from .base import NOTHING, Kept, ReadOnly, badge
from .facts import trigger_label
from .filters import DayFilter
from .rule_form import RuleForm
from .rule_history import does, restored, rule_page


class RuleColumns:
    @display(description=_("what it does"))
    def does(self, rule):
        return does(rule)

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


class RuleAdmin(RuleColumns, Kept):
    """Registered in `config.pages`: whom a rule would touch is said by name."""

    form = RuleForm
    list_display = ["name", "state", "does", "applies_to", "priority"]
    list_filter = ["enabled", "trigger_type", "organization"]
    list_select_related = ["organization", "chapter", "prompt_template"]
    search_fields = ["name", "scenario_id", "id__exact"]
    ordering = ["priority", "id"]
    autocomplete_fields = ["organization", "chapter", "prompt_template"]
    actions = ["turn_on", "turn_off"]
    change_form_outer_before_template = "admin/scenarios/rule_sentence.html"
    change_form_outer_after_template = "admin/scenarios/rule_versions.html"

    def get_object(self, request, object_id, from_field=None):
        """Return the rule, or, where an earlier version is asked for, the rule as an unsaved draft of that version."""
        rule = super().get_object(request, object_id, from_field)
        number = request.GET.get("version", "")
        if rule is not None and request.method == "GET" and number.isdecimal():
            version = rule.versions.filter(number=min(int(number), 2**31 - 1)).first()
            return restored(rule, version) if version else rule
        return rule

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
        page = rule_page(rule, may_restore=self.has_change_permission(request, rule)) if rule else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

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
