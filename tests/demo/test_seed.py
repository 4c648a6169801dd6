import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from config import demo
from notifications.models import Contact, Notification, Variant
from scenarios.engine import active
from scenarios.models import (
    Activity,
    Certification,
    Chapter,
    HumanContact,
    Membership,
    OptOut,
    Organization,
    Pause,
    PeerMentor,
    Rule,
    RuleVersion,
)
from scenarios.operations import evaluate_activity
from scheduler import schedule
from scheduler.models import Batch, Run
from scheduler.operations import plan_due
from tests.demo.conftest import SEEDED_AT


def people(now: datetime):
    return active(now, now).order_by("id").annotate(last_active_at=Max("activities__completed_at"))


def test_148_mentors_are_active(seeded_at):
    assert people(seeded_at).count() == 148


def test_the_printed_mentors_come_first_with_their_printed_last_activity(seeded_at):
    first = people(seeded_at).values_list("user_id", "organization_id", "last_active_at")[:2]
    assert list(first) == [
        ("usr_mentor_7821", "org_oslo_01", datetime(2026, 3, 24, 12, tzinfo=UTC)),
        ("usr_mentor_4402", "org_bergen_02", datetime(2026, 3, 20, 9, tzinfo=UTC)),
    ]


def test_there_are_three_organisations_and_a_dozen_chapters_with_people_in_each(seeded_at):
    assert set(Organization.objects.values_list("id", flat=True)) == {"org_oslo_01", "org_bergen_02", "org_boston_01"}
    assert Chapter.objects.count() == 12
    assert set(Chapter.objects.values_list("id", flat=True)) == set(
        Membership.objects.values_list("chapter", flat=True)
    )


def test_some_are_paused_some_have_left_and_some_of_the_active_have_opted_out(seeded_at):
    here = people(seeded_at)
    away = PeerMentor.objects.exclude(id__in=here.values("id"))
    assert away.filter(left_at__isnull=False).exists()
    assert away.filter(left_at__isnull=True, pauses__ends_at__isnull=True, pauses__isnull=False).exists()
    assert OptOut.objects.filter(mentor__in=here, trigger_type="").exists()
    assert OptOut.objects.filter(mentor__in=here).exclude(trigger_type="").exists()


def test_nobody_can_be_written_to_in_earnest(seeded_at):
    assert Contact.objects.count() == PeerMentor.objects.count()
    assert not Contact.objects.exclude(email__endswith="@example.org").exists()
    assert set(Contact.objects.values_list("language", flat=True)) == {"nb", "en"}
    assert len(set(Contact.objects.values_list("email", flat=True))) == Contact.objects.count()


def test_nothing_was_recorded_in_the_future(seeded_at):
    for model in (PeerMentor, Membership, Pause, OptOut, HumanContact, Activity, Certification):
        assert model.objects.exists()
        assert not model.objects.filter(recorded_at__gt=seeded_at).exists()


def test_nothing_was_done_before_joining_or_logged_before_it_was_done(seeded_at):
    for activity in Activity.objects.select_related("mentor"):
        assert activity.mentor.joined_at <= activity.completed_at <= activity.recorded_at


def test_every_field_holds_what_a_form_would_accept(seeded_at):
    everything = (Organization, Chapter, PeerMentor, Activity, Certification, Contact, Run, Batch, Notification)
    for model in everything:
        # Foreign keys are the database's to check; a form would ask for each of them.
        keys = [field.name for field in model._meta.fields if field.is_relation]
        for row in model.objects.all():
            row.clean_fields(exclude=keys)


def test_every_rule_and_every_wording_would_pass_its_form(seeded_at):
    for row in [*Rule.objects.all(), *Variant.objects.all()]:
        row.full_clean()


def test_every_rule_has_been_in_force_in_its_present_words_for_long(seeded_at):
    assert Rule.objects.exists()
    for rule in Rule.objects.all():
        version = rule.versions.get()
        assert (version.number, version.terms()) == (1, rule.terms())
        assert version.valid_from < seeded_at - timedelta(days=365)
        assert version.valid_until is None


def test_bergen_has_its_own_stricter_rule_in_the_place_of_the_shared_one(seeded_at):
    shared, own = (RuleVersion.objects.get(rule_id=pk) for pk in ("rule_inactivity", "rule_inactivity_bergen"))
    assert (shared.organization_id, own.organization_id) == (None, "org_bergen_02")
    assert shared.scenario_id == own.scenario_id
    assert own.threshold_days < shared.threshold_days


def test_every_brief_has_an_approved_wording_in_both_languages(seeded_at):
    approved = Variant.objects.filter(state="approved").values_list("template", "language")
    templates = {template for template, _language in approved}
    assert set(approved) == {(template, language) for template in templates for language in ("en", "nb")}
    assert set(Rule.objects.values_list("prompt_template", flat=True)) <= templates


def test_the_runner_of_the_second_contract_rested_for_more_than_three_days_before_the_posted_run(seeded_at):
    posted = datetime(2026, 3, 24, 7, 30, tzinfo=UTC)
    runs = Activity.objects.filter(mentor__user_id="usr_4bc8d2").exclude(activity_id="act_7e2f9a")
    assert not runs.filter(completed_at__range=(posted - timedelta(days=3), posted)).exists()
    assert runs.filter(completed_at__lt=posted, completed_at__gt=posted - timedelta(days=7)).exists()
    assert runs.filter(completed_at__gt=seeded_at - timedelta(days=3)).exists()
    assert Membership.objects.filter(mentor__user_id="usr_4bc8d2", chapter="ch_boston_001").exists()


def test_the_posted_run_is_judged_by_twelve_rules_of_which_one_fires_as_printed(seeded_at):
    run = Activity(
        activity_id="act_7e2f9a",
        mentor=PeerMentor.objects.get(user_id="usr_4bc8d2"),
        activity_type="run",
        distance_meters=5200,
        duration_seconds=1860,
        completed_at=datetime(2026, 3, 24, 7, 30, tzinfo=UTC),
    )
    evaluation = evaluate_activity(run, Chapter.objects.get(pk="ch_boston_001"), now=seeded_at)
    assert (evaluation.status, evaluation.rules_evaluated, evaluation.triggered_count) == ("completed", 12, 1)
    decision = evaluation.decisions.get()
    assert decision.rule_id == "rule_8f3a2c"
    assert decision.rule_version.scenario_id == "missed_activity_3day"
    assert decision.rule_version.prompt_template_id == "tmpl_re_engage_01"
    assert decision.scheduled_for == datetime(2026, 3, 25, 7, 30, tzinfo=UTC)


def test_eight_shared_rules_are_judged_on_activities_and_the_printed_two_come_first(seeded_at):
    rules = Rule.objects.filter(judged="activity", organization=None, state="on").order_by("priority", "id")
    assert rules.count() == 8
    columns = ("id", "scenario_id", "trigger_type", "threshold_days", "delay_hours", "priority")
    assert list(rules.values_list(*columns)[:2]) == [
        ("rule_8f3a2c", "missed_activity_3day", "activity_missed", 3, 24, 1),
        ("rule_3b9e7d", "low_mileage_week", "below_weekly_target", 7, 12, 2),
    ]


def test_the_next_run_is_the_next_daily_time_that_leaves_an_hour_to_try_the_contracts(seeded_at):
    daily = schedule.daily_schedules().get()
    # Half past midnight in Oslo: six o'clock is still ahead.
    assert schedule.next_slot(daily, seeded_at) == seeded_at + timedelta(hours=5, minutes=30)
    assert plan_due(now=seeded_at + timedelta(hours=5, minutes=29)) == []
    assert len(plan_due(now=seeded_at + timedelta(hours=5, minutes=31))) == 1
    assert Run.objects.count() == 91


def test_no_planned_run_comes_within_the_hour(db):
    demo.seed(now=(seeded_at := datetime(2026, 11, 22, 4, 30, tzinfo=UTC)))
    assert plan_due(now=seeded_at + timedelta(minutes=59)) == []
    assert schedule.next_slot(schedule.daily_schedules().get(), seeded_at) == datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_the_same_moment_gives_the_same_demo(db):
    def seeded() -> list[dict]:
        with transaction.atomic():
            demo.seed(now=SEEDED_AT)
            rows = [
                *PeerMentor.objects.order_by("id"),
                *Activity.objects.order_by("id"),
                *Contact.objects.order_by("pk"),
            ]
            as_written = json.loads(serializers.serialize("json", rows))
            transaction.set_rollback(True)
        return [{name: value for name, value in row["fields"].items() if name != "mentor"} for row in as_written]

    assert seeded() == seeded()


def test_seeding_twice_is_refused(db):
    call_command("seed_demo", stdout=StringIO())
    with pytest.raises(CommandError, match="already"):
        call_command("seed_demo")


def test_seeding_once_leaves_alone_what_is_there(db, capsys):
    Organization.objects.create(id="org_own", name="Our own")
    call_command("seed_demo", once=True)
    assert Organization.objects.count() == 1
    assert capsys.readouterr().out == ""


def test_seeding_once_fills_an_empty_database_by_the_clock(db, capsys):
    call_command("seed_demo", once=True)
    assert people(timezone.now()).count() == 148
    assert "148" in capsys.readouterr().out
