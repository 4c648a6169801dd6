from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from .. import operations
from ..models import RuleVersion
from ..models.rules import RuleState
from . import parameters
from .base import NOTHING, Kept, ReadOnly, SizedChangeList, badge
from .facts import trigger_label
from .filters import DayFilter
from .rule_form import RuleForm
from .rule_history import does, restored, rule_page, would_have_written

STATE_TONES = {RuleState.ON: "success", RuleState.WATCHING: "info", RuleState.OFF: "warning"}


class StateFilter(DropdownFilter):
    """Rules in one state; those that are retired are shown to those who ask for them."""

    title = _("state")
    parameter_name = "state"
    all_option = ["", _("All but retired")]

    def lookups(self, request, model_admin):
        return RuleState.choices

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() else queryset.exclude(state=RuleState.RETIRED)


class RuleChangeList(SizedChangeList):
    """Rules, and of those that only watch how many mentors they would have written to."""

    def get_results(self, request):
        super().get_results(request)
        watching = [rule.pk for rule in self.result_list if rule.state == RuleState.WATCHING]
        numbers = operations.watched(watching, now=timezone.now()) if watching else {}
        for rule in self.result_list:
            rule.would_have_written = numbers.get(rule.pk, 0)


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

    @display(description=_("state"), ordering="state")
    def state_badge(self, rule):
        return badge(rule.get_state_display(), STATE_TONES.get(rule.state, ""))


class RuleAdmin(RuleColumns, Kept):
    """Registered in `config.pages`: whom a rule would touch is said by name."""

    form = RuleForm
    list_display = ["name", "state_and_watched", "does", "applies_to", "priority"]
    list_filter = [StateFilter, "trigger_type", "organization"]
    list_select_related = ["organization", "chapter", "prompt_template"]
    search_fields = ["name", "scenario_id", "id__exact"]
    ordering = ["priority", "id"]
    autocomplete_fields = ["organization", "chapter", "prompt_template"]
    actions = ["turn_on", "watch_only", "turn_off"]
    change_form_outer_before_template = "admin/scenarios/rule_sentence.html"
    change_form_outer_after_template = "admin/scenarios/rule_versions.html"

    def get_object(self, request, object_id, from_field=None):
        """Return the rule, or, where an earlier version is asked for, the rule as an unsaved draft of that version."""
        rule = super().get_object(request, object_id, from_field)
        number = request.GET.get("version", "")
        version = None
        if rule is not None and number.isdecimal():
            version = rule.versions.filter(number=min(int(number), 2**31 - 1)).first()
        if version and request.method == "GET":
            return restored(rule, version)
        if version:
            # What is posted is the version as it was filled in from it.
            rule.restored_from = version
        return rule

    def get_fieldsets(self, request, obj=None):
        looks = ["trigger_type", "threshold_days", "judged", *parameters.form_fields()]
        why = [(_("For the record"), {"fields": ["change_reason"]})] if obj else []
        return [
            (None, {"fields": ["name", "state"]}),
            (_("What it looks for"), {"fields": looks}),
            (_("Whom it is for"), {"fields": ["organization", "chapter"]}),
            (_("What it says, and when"), {"fields": ["prompt_template", "delay_hours", "cooldown_days", "priority"]}),
            *why,
            (_("Technical"), {"fields": ["scenario_id"], "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        # The cooldown goes by this word: with another one everybody could be told again at once.
        return ["scenario_id"] if obj else []

    def save_model(self, request, obj, form, change):
        operations.save_rule(
            obj,
            by=request.user,
            reason=form.cleaned_data.get("change_reason", ""),
            restoring=hasattr(obj, "restored_from"),
            now=timezone.now(),
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        rule = self.get_object(request, unquote(object_id))
        page = rule_page(rule, may_restore=self.has_change_permission(request, rule)) if rule else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except operations.RuleConflict as conflict:
            # The form was right when it was looked at; something has changed since.
            messages.error(request, str(conflict))
            return redirect(request.get_full_path())

    def get_changelist(self, request, **kwargs):
        return RuleChangeList

    @display(description=_("state"), ordering="state")
    def state_and_watched(self, rule):
        if rule.state != RuleState.WATCHING:
            return self.state_badge(rule)
        return format_html("{}<div>{}</div>", self.state_badge(rule), would_have_written(rule.would_have_written))

    @admin.action(description=_("Turn on"), permissions=["change"])
    def turn_on(self, request, queryset):
        turned = self._turn(request, queryset, RuleState.ON, _("Turned on from the list."))
        said = ngettext("%(count)d rule is on now.", "%(count)d rules are on now.", turned)
        messages.success(request, said % {"count": turned})

    @admin.action(description=_("Watch only"), permissions=["change"])
    def watch_only(self, request, queryset):
        turned = self._turn(request, queryset, RuleState.WATCHING, _("Set to watch only from the list."))
        said = ngettext("%(count)d rule only watches now.", "%(count)d rules only watch now.", turned)
        messages.success(request, said % {"count": turned})

    @admin.action(description=_("Turn off"), permissions=["change"])
    def turn_off(self, request, queryset):
        turned = self._turn(request, queryset, RuleState.OFF, _("Turned off from the list."))
        said = ngettext("%(count)d rule is off now.", "%(count)d rules are off now.", turned)
        messages.success(request, said % {"count": turned})

    def _turn(self, request, queryset, state: RuleState, reason) -> int:
        """Set the state of the chosen rules, say which can't be set, and return how many were."""
        now, turned = timezone.now(), 0
        for rule in queryset.exclude(state=state):
            try:
                operations.set_rule_state(rule, state, by=request.user, reason=str(reason), now=now)
            except operations.RuleConflict as conflict:
                messages.error(request, str(conflict))
            else:
                self.log_change(request, rule, str(reason))
                turned += 1
        return turned


@admin.register(RuleVersion)
class RuleVersionAdmin(RuleColumns, ReadOnly):
    list_display = ["name", "number", "state_badge", "looks_for", "days", "valid_from", "valid_until", "changed_by"]
    list_filter = ["trigger_type", ("valid_from", DayFilter)]
    list_select_related = ["organization", "chapter", "changed_by"]
    search_fields = ["name", "scenario_id", "rule__id__exact"]
    ordering = ["-valid_from", "-id"]
    fieldsets = [
        (None, {"fields": ["rule", "number", "valid_from", "valid_until", "changed_by", "change_reason"]}),
        (_("What it looks for"), {"fields": ["state_badge", "looks_for", "threshold_days", "judged", "details"]}),
        (_("Whom it is for"), {"fields": ["organization", "chapter"]}),
        (_("What it says, and when"), {"fields": ["prompt_template", "delay_hours", "cooldown_days", "priority"]}),
    ]
    readonly_fields = ["state_badge", "looks_for", "details"]

    @display(description=_("details"))
    def details(self, version):
        return parameters.in_words(version) or NOTHING
