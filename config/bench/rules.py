"""The rules of the bench, with ids of their own, so that hand-written SQL can name them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from scenarios.models import PromptTemplate, Rule, RuleVersion
from scenarios.models.rules import RuleState

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# Nothing becomes due while the bench is at work: telling is not what is measured.
DELAY_HOURS = 72

# Scenario, trigger type, threshold, priority, parameters. `floor.sql` says the same as constants, in this order.
TWELVE: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
    ("quiet", "inactivity", 14, 50, {}),
    ("quiet_month", "inactivity", 30, 30, {}),
    ("quiet_long", "inactivity", 50, 20, {}),
    ("expiry", "certification_expiry", 30, 40, {}),
    ("expiry_soon", "certification_expiry", 7, 10, {}),
    ("visit_missed", "activity_missed", 60, 60, {"activity_types": ["visit"]}),
    ("phone_missed", "activity_missed", 45, 70, {"activity_types": ["phone"], "min_minutes": 10}),
    ("few_minutes", "below_weekly_target", 7, 80, {"amount": "minutes", "threshold_percent": 50}),
    ("few_activities", "below_weekly_target", 14, 90, {"amount": "count"}),
    ("short_distance", "below_weekly_target", 28, 100, {"amount": "distance"}),
    ("quiet", "inactivity", 21, 50, {}),
    ("quiet", "inactivity", 10, 50, {}),
)
# The last two replace the first, in one organisation and in one chapter.
SCOPES = {10: {"organization_id": "org_bench_1"}, 11: {"organization_id": "org_bench_0", "chapter_id": "ch_bench_4"}}

# What a chapter's own rules look for.
OF_A_CHAPTER: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("quiet", "inactivity", 10, {}),
    ("expiry", "certification_expiry", 20, {}),
    ("few_minutes", "below_weekly_target", 7, {"amount": "minutes", "threshold_percent": 50}),
)

ON_ACTIVITY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("activity_missed", {}),
    ("activity_missed", {"activity_types": ["visit"]}),
    ("below_weekly_target", {"amount": "minutes", "weekly_target": 60}),
    ("below_weekly_target", {"amount": "distance", "weekly_target": 7000}),
    ("activity_completed", {"activity_types": ["phone"], "first_only": True}),
    ("first_contact", {}),
    ("long_session", {}),
    ("wellbeing_flag", {"flags": ["low_mood", "sleep"]}),
    ("group_activity", {"min_participants": 4}),
    ("activity_completed", {"min_distance_meters": 5000}),
)


def twelve() -> None:
    """Make the twelve daily rules that every mentor is weighed against."""
    add(
        {
            "scenario_id": scenario,
            "trigger_type": trigger_type,
            "threshold_days": threshold,
            "priority": priority,
            "parameters": parameters,
            **SCOPES.get(n, {}),
        }
        for n, (scenario, trigger_type, threshold, priority, parameters) in enumerate(TWELVE)
    )


def three_for_each_of(chapters: int) -> None:
    """Make three daily rules of its own for each chapter, with thresholds of its own."""
    add(
        {
            "scenario_id": scenario,
            "trigger_type": trigger_type,
            "threshold_days": threshold + chapter % 10,
            "priority": 10 + place,
            "parameters": parameters,
            "organization_id": f"org_bench_{chapter % 2}",
            "chapter_id": f"ch_bench_{chapter}",
        }
        for chapter in range(chapters)
        for place, (scenario, trigger_type, threshold, parameters) in enumerate(OF_A_CHAPTER)
    )


def fifty_on_activity() -> None:
    """Make fifty rules that judge a logged activity, of every type that there is."""
    add(
        {
            "scenario_id": f"logged_{n}",
            "trigger_type": ON_ACTIVITY[n % len(ON_ACTIVITY)][0],
            "threshold_days": 3 + n // len(ON_ACTIVITY),
            "priority": 1 + n,
            "parameters": ON_ACTIVITY[n % len(ON_ACTIVITY)][1],
            "judged": "activity",
        }
        for n in range(50)
    )


def add(terms: Iterable[dict[str, Any]]) -> None:
    """Add the rules in the place of those that there were."""
    RuleVersion.objects.all().delete()
    Rule.objects.all().delete()
    brief, _new = PromptTemplate.objects.get_or_create(id="tmpl_bench", defaults={"name": "Bench", "purpose": "-"})
    rules = [
        Rule(
            id=f"rule_bench_{n:04}",
            name=f"Rule {n}",
            prompt_template=brief,
            delay_hours=DELAY_HOURS,
            cooldown_days=30,
            state=RuleState.ON,
            **said,
        )
        for n, said in enumerate(terms, start=1)
    ]
    Rule.objects.bulk_create(rules, batch_size=500)
    RuleVersion.objects.bulk_create(
        [
            RuleVersion(pk=n, rule=rule, number=1, valid_from=LONG_AGO, **rule.terms())
            for n, rule in enumerate(rules, start=1)
        ],
        batch_size=500,
    )
