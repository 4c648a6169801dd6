"""The rules of both contracts. A rule whose trigger type isn't there is left out."""

from datetime import UTC, datetime

from notifications import readymade
from scenarios import triggers
from scenarios.models import Rule, RuleVersion
from scenarios.models.rules import Judged, RuleState

from .places import BERGEN, BOSTON, OSLO

IN_FORCE_SINCE = datetime(2025, 1, 1, tzinfo=UTC)

INACTIVITY, INACTIVITY_BERGEN, CERTIFICATION = "rule_inactivity", "rule_inactivity_bergen", "rule_certification"

READY_MADE = {terms["scenario_id"]: terms for terms in readymade.RULES}

DAILY = (
    # What can't wait goes first: after the expiry date a mentor may not visit anybody.
    {
        "id": CERTIFICATION,
        "scenario_id": "certification_expiry",
        "name": "Certification expires within a month",
        "trigger_type": "certification_expiry",
        "threshold_days": 30,
        "cooldown_days": 7,
        "priority": 10,
        "prompt_template_id": "tmpl_certification_01",
    },
    # Frogner looks further ahead than the shared rule, which it replaces there.
    {
        "id": "rule_certification_frogner",
        "organization_id": OSLO,
        "chapter_id": "ch_oslo_004",
        "scenario_id": "certification_expiry",
        "name": "Certification expires within six weeks (Frogner)",
        "trigger_type": "certification_expiry",
        "threshold_days": 42,
        "cooldown_days": 7,
        "priority": 10,
        "prompt_template_id": "tmpl_certification_01",
    },
    {
        "id": INACTIVITY,
        "scenario_id": "inactivity",
        "name": "Two weeks without an activity",
        "trigger_type": "inactivity",
        "threshold_days": 14,
        "cooldown_days": 30,
        "priority": 20,
        "prompt_template_id": "tmpl_inactivity_01",
    },
    # The same scenario: in Bergen this one replaces the shared rule.
    {
        "id": INACTIVITY_BERGEN,
        "organization_id": BERGEN,
        "scenario_id": "inactivity",
        "name": "A week without an activity (Bergen)",
        "trigger_type": "inactivity",
        "threshold_days": 7,
        "cooldown_days": 30,
        "priority": 20,
        "prompt_template_id": "tmpl_inactivity_01",
    },
)

ON_ACTIVITY = (
    {
        "id": "rule_8f3a2c",
        "scenario_id": "missed_activity_3day",
        "name": "Back after three days without a run or a ride",
        "trigger_type": "activity_missed",
        "parameters": {"activity_types": ["run", "bike"]},
        "threshold_days": 3,
        "delay_hours": 24,
        "cooldown_days": 3,
        "priority": 1,
        "prompt_template_id": "tmpl_re_engage_01",
    },
    {
        "id": "rule_3b9e7d",
        "scenario_id": "low_mileage_week",
        "name": "A week far below the target",
        "trigger_type": "below_weekly_target",
        "parameters": {"activity_types": ["run", "bike"], "threshold_percent": 60},
        "threshold_days": 7,
        "delay_hours": 12,
        "cooldown_days": 7,
        "priority": 2,
        "prompt_template_id": "tmpl_mileage_nudge_01",
    },
    {**READY_MADE["wellbeing_flag_raised"], "id": "rule_wellbeing"},
    {**READY_MADE["after_first_contact"], "id": "rule_first_contact"},
    {
        **READY_MADE["after_long_session"],
        "id": "rule_long_session",
        "parameters": {"activity_types": ["visit", "phone"]},
    },
    {
        "id": "rule_silent_10",
        "scenario_id": "no_contact_10days",
        "name": "Back after ten days without contact",
        "trigger_type": "activity_missed",
        "threshold_days": 10,
        "delay_hours": 4,
        "cooldown_days": 10,
        "priority": 6,
        "prompt_template_id": "tmpl_re_engage_01",
    },
    {**READY_MADE["after_group_activity"], "id": "rule_group"},
    {
        "id": "rule_first_activity",
        "scenario_id": "first_activity",
        "name": "The very first activity",
        "trigger_type": "activity_completed",
        "parameters": {"first_only": True},
        "delay_hours": 1,
        "cooldown_days": 0,
        "priority": 8,
        "prompt_template_id": "tmpl_first_activity_01",
    },
    {
        "id": "rule_first_long_run",
        "organization_id": BOSTON,
        "scenario_id": "first_long_run",
        "name": "The first long run",
        "trigger_type": "activity_completed",
        "parameters": {"activity_types": ["run"], "min_distance_meters": 16_000, "first_only": True},
        "delay_hours": 2,
        "cooldown_days": 0,
        "priority": 9,
        "prompt_template_id": "tmpl_well_done_01",
    },
    {
        "id": "rule_first_long_ride",
        "organization_id": BOSTON,
        "scenario_id": "first_long_ride",
        "name": "The first long ride",
        "trigger_type": "activity_completed",
        "parameters": {"activity_types": ["bike"], "min_distance_meters": 40_000, "first_only": True},
        "delay_hours": 2,
        "cooldown_days": 0,
        "priority": 10,
        "prompt_template_id": "tmpl_well_done_01",
    },
    {
        "id": "rule_marathon",
        "organization_id": BOSTON,
        "scenario_id": "marathon_distance",
        "name": "A marathon",
        "trigger_type": "activity_completed",
        "parameters": {"activity_types": ["run"], "min_distance_meters": 42_195},
        "delay_hours": 2,
        "cooldown_days": 30,
        "priority": 11,
        "prompt_template_id": "tmpl_well_done_01",
    },
    {
        "id": "rule_long_walk",
        "organization_id": BOSTON,
        "scenario_id": "long_walk",
        "name": "Two hours on foot",
        "trigger_type": "long_session",
        "parameters": {"activity_types": ["walk"], "min_duration_minutes": 120},
        "delay_hours": 12,
        "cooldown_days": 14,
        "priority": 12,
        "prompt_template_id": "tmpl_long_session_01",
    },
)


def write_rules() -> dict[str, RuleVersion]:
    """Write every rule that there is a trigger for, each with its first version. Return the versions by rule ID."""
    rows = [Rule(state=RuleState.ON, judged=Judged.DAILY, **fields) for fields in DAILY]
    rows += [Rule(state=RuleState.ON, **{"judged": Judged.ACTIVITY, **fields}) for fields in ON_ACTIVITY]
    rows = [rule for rule in rows if rule.trigger_type in triggers.registry]
    Rule.objects.bulk_create(rows)
    versions = RuleVersion.objects.bulk_create(
        RuleVersion(rule=rule, number=1, valid_from=IN_FORCE_SINCE, change_reason="First version", **rule.terms())
        for rule in rows
    )
    return {version.rule_id: version for version in versions}
