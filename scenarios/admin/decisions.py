from datetime import datetime

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display

from .. import engine, triggers
from ..models import Decision, Evaluation
from ..models.decisions import Reason
from .base import NOTHING, ReadOnly, address_of, badge
from .facts import trigger_label
from .filters import DayFilter

OUTCOME_TONES = {"told": "success", "pending": "info", "withdrawn": "warning"}
EVALUATION_TONES = {"completed": "success", "failed": "danger"}
READING_LABELS = {"from": _("counted from"), "to": _("counted until"), "kind": _("kind")}


class OutcomeFilter(DropdownFilter):
    """What became of it. Django's own would take the empty outcome for no choice at all."""

    title = _("outcome")
    parameter_name = "became"

    def lookups(self, request, model_admin):
        return [(value or "not", label) for value, label in Decision.Outcome.choices]

    def queryset(self, request, queryset):
        return queryset.filter(outcome=self.value().replace("not", "")) if self.value() else queryset


class ReasonFilter(DropdownFilter):
    title = _("reason")
    parameter_name = "why"

    def lookups(self, request, model_admin):
        return Reason.choices

    def queryset(self, request, queryset):
        because = Q(reason=self.value()) | Q(outcome_reason=self.value())
        return queryset.filter(because) if self.value() else queryset


class TriggerFilter(DropdownFilter):
    title = _("trigger")
    parameter_name = "trigger"

    def lookups(self, request, model_admin):
        return [(slug, trigger.label) for slug, trigger in sorted(triggers.registry.items())]

    def queryset(self, request, queryset):
        return queryset.filter(rule_version__trigger_type=self.value()) if self.value() else queryset


class DecisionAdmin(ReadOnly):
    """Registered in `notifications.admin`, where the mentor has a name and the decision a message."""

    list_display = ["sentence", "mentor", "outcome_badge", "rule", "decided_at"]
    list_filter = [
        OutcomeFilter,
        ReasonFilter,
        TriggerFilter,
        ("rule", AutocompleteSelectFilter),
        ("organization", AutocompleteSelectFilter),
        ("decided_at", DayFilter),
    ]
    list_select_related = ["mentor", "rule", "rule_version", "organization"]
    search_fields = ["mentor__user_id__exact"]
    search_help_text = _("User ID")
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["sentence", "mentor", "rule", "version", "occasion"]}),
        (_("What was read"), {"fields": ["readings_in_words", "instant", "known_at", "decided_at"]}),
        (_("What became of it"), {"fields": ["outcome_badge", "why", "scheduled_for", "settled_at"]}),
        (_("Where it comes from"), {"fields": ["run", "evaluation", "organization"]}),
    ]
    readonly_fields = ["sentence", "version", "readings_in_words", "outcome_badge", "why", "run"]

    def lookup_allowed(self, lookup, value, request=None):
        # The run's page links here.
        return lookup in {"run_id", "mentor", "evaluation"} or super().lookup_allowed(lookup, value, request)

    @display(description=_("why"))
    def sentence(self, decision):
        return engine.explain(decision)

    @display(description=_("outcome"), ordering="outcome")
    def outcome_badge(self, decision):
        return outcome_badge(decision)

    @display(description=_("reason"))
    def why(self, decision):
        code = decision.reason or decision.outcome_reason
        return engine.reason_sentence(code) if code else NOTHING

    @display(description=_("rule as it was"))
    def version(self, decision):
        url = address_of("scenarios_ruleversion", decision.rule_version_id)
        text = _("version %(number)d: %(trigger)s, %(days)s days") % {
            "number": decision.rule_version.number,
            "trigger": trigger_label(decision.rule_version.trigger_type),
            "days": decision.rule_version.threshold_days or NOTHING,
        }
        return format_html('<a class="text-link" href="{}">{}</a>', url, text)

    @display(description=_("readings"))
    def readings_in_words(self, decision):
        zone = decision.organization.zone
        rows = [(capfirst(READING_LABELS.get(k, k)), in_words(v, zone)) for k, v in decision.readings.items()]
        return format_html_join("", "<div>{}: {}</div>", rows) if rows else NOTHING

    @display(description=_("run"))
    def run(self, decision):
        if not decision.run_id:
            return NOTHING
        url = address_of("scheduler_run", decision.run_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, decision.run_id)


def outcome_badge(decision: Decision) -> str:
    return badge(decision.get_outcome_display(), OUTCOME_TONES.get(decision.outcome, ""))


def in_words(reading, zone) -> str:
    """Return one recorded reading as a person writes it: instants in the organisation's time."""
    try:
        instant = datetime.fromisoformat(reading)
    except (TypeError, ValueError):
        return str(reading)
    said = formats.date_format(instant.astimezone(zone), "DATETIME_FORMAT")
    return said if str(zone) == timezone.get_current_timezone_name() else f"{said} ({zone})"


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnly):
    list_display = ["id", "state", "activity", "chapter", "rules_evaluated", "triggered_count", "evaluated_at"]
    list_filter = ["status", ("chapter", AutocompleteSelectFilter), ("evaluated_at", DayFilter)]
    list_select_related = ["activity", "chapter"]
    search_fields = ["id__exact", "activity__activity_id__exact", "activity__mentor__user_id__exact"]
    ordering = ["-evaluated_at", "-id"]
    fields = [
        "id",
        "state",
        "error_message",
        "activity",
        "chapter",
        "evaluated_at",
        "rules_evaluated",
        "triggered_count",
        "decisions",
        "updated_at",
        "deleted_at",
    ]
    readonly_fields = ["state", "decisions"]

    def get_queryset(self, request):
        evaluations = super().get_queryset(request)
        return evaluations.filter(deleted_at__isnull=True) if self.is_list(request) else evaluations

    @display(description=_("status"), ordering="status")
    def state(self, evaluation):
        return badge(evaluation.get_status_display(), EVALUATION_TONES.get(evaluation.status, ""))

    @display(description=_("decisions"))
    def decisions(self, evaluation):
        url = f"{reverse('admin:scenarios_decision_changelist')}?evaluation={evaluation.pk}"
        return format_html('<a class="text-link" href="{}">{}</a>', url, _("Show them"))
