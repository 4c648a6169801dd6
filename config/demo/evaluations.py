"""The log of evaluations: the one that the second contract prints, and 141 before it.

On 26 March the run of 20 March had not been logged yet, so that two rules fired then; judged today, one does. The older
ones are runs of an autumn, each logged an hour later; what fired was told a day after the run.
"""

from datetime import UTC, datetime, timedelta
from random import Random

from scenarios.engine import Frame, Logged, judge, rules_for_activities
from scenarios.models import Activity, Chapter, Decision, Evaluation, PeerMentor
from scenarios.operations.deciding import Origin, record

from .parts import days
from .places import BOSTON
from .told import notification, write_instant

RUNNER, CIRCLE = "usr_4bc8d2", "ch_boston_001"
BEFORE = 141
RUNNERS = 10
AUTUMN = datetime(2025, 10, 6, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
MISSED = "rule_8f3a2c"


def write_evaluations(versions: dict) -> None:
    """Write the log. `versions` are those of the rules, by rule ID."""
    if MISSED in versions:
        chapter = Chapter.objects.get(pk=CIRCLE)
        _write_autumn(chapter, versions[MISSED], len(rules_for_activities(AUTUMN, chapter)))
        _write_printed(chapter)


def _write_printed(chapter: Chapter) -> None:
    runner = PeerMentor.objects.get(user_id=RUNNER)
    week_before, missing = datetime(2026, 3, 16, 7, tzinfo=UTC), datetime(2026, 3, 20, 7, tzinfo=UTC)
    evaluated_at = datetime(2026, 3, 26, 6, tzinfo=UTC)
    # A demo that is seeded years later begins after all this.
    Activity.objects.filter(mentor=runner, completed_at__range=(week_before, missing)).delete()
    _store(_run(runner, "act_7e2f90", week_before, distance_meters=6100), recorded_at=week_before + HOUR)
    _store(_run(runner, "act_7e2f97", missing, distance_meters=6400), recorded_at=evaluated_at + 2.5 * HOUR)
    printed = _run(
        runner,
        "act_7e2f9a",
        datetime(2026, 3, 24, 7, 30, tzinfo=UTC),
        distance_meters=5200,
        duration_seconds=1860,
    )
    _store(printed, recorded_at=evaluated_at)
    rules = rules_for_activities(evaluated_at, chapter)
    frame = Frame(printed.completed_at, evaluated_at, evaluated_at)
    hits = judge(rules, Logged(runner.pk, printed, chapter.pk), frame)
    evaluation = Evaluation.objects.create(
        id="eval_f2c9a1",
        chapter=chapter,
        activity=printed,
        evaluated_at=evaluated_at,
        rules_evaluated=len(rules),
        triggered_count=len(hits),
    )
    record(hits, frame, Origin(evaluation_id=evaluation.pk))
    told = evaluation.decisions.get(outcome=Decision.Outcome.PENDING)
    told.outcome, told.settled_at = Decision.Outcome.TOLD, evaluated_at
    told.save()
    notification(told, chapter.name, evaluated_at).save()


def _write_autumn(chapter: Chapter, missed, rules_evaluated: int) -> None:
    """Write runs two days apart, and now and then four: then the rule fires on whoever rested."""
    dice = Random(12)
    runs: list[Activity] = []
    fired: dict[str, datetime] = {}
    runners = _runners()
    # What they did that autumn is what follows here, and nothing else.
    Activity.objects.filter(mentor__in=runners, completed_at__range=(AUTUMN - days(3), AUTUMN + days(60))).delete()
    for n, runner in enumerate(runners):
        last = AUTUMN + days(n % 7) + dice.uniform(-0.5, 0.5) * HOUR
        runs.append(_run(runner, f"act_a{n:02d}00", last))
        for number in range(1, len(range(n, BEFORE, len(runners))) + 1):
            rested = number % 6 == 3 + n % 3
            instant = last + days(4 if rested else 2) + dice.uniform(-0.5, 0.5) * HOUR
            runs.append(_run(runner, f"act_a{n:02d}{number:02d}", instant))
            if rested:
                fired[runs[-1].activity_id] = last
            last = instant
    for run in runs:
        run.distance_meters, run.duration_seconds = dice.randrange(3500, 9000, 100), dice.randrange(1500, 3600, 60)
        run.recorded_at = run.completed_at + HOUR
    Activity.objects.bulk_create(runs)
    judged = sorted((run for run in runs if run.activity_id[-2:] != "00"), key=lambda run: run.completed_at)
    evaluations = Evaluation.objects.bulk_create(
        Evaluation(
            id=f"eval_{number:06x}",
            chapter=chapter,
            activity=run,
            evaluated_at=run.recorded_at,
            rules_evaluated=rules_evaluated,
            triggered_count=run.activity_id in fired,
            status=Evaluation.Status.REVIEWED if number % 9 == 0 else Evaluation.Status.COMPLETED,
        )
        for number, run in enumerate(judged, start=0xD10A00)
    )
    told = [
        _told(evaluation, missed, fired[evaluation.activity.activity_id])
        for evaluation in evaluations
        if evaluation.triggered_count
    ]
    for decision in Decision.objects.bulk_create(told):
        notification(decision, chapter.name, decision.scheduled_for).save()


def _runners() -> list[PeerMentor]:
    """Return some of Boston who had joined by then, and whom no gate or target concerns."""
    unconcerned = {"weekly_distance_meters": None, "left_at": None, "pauses": None, "opt_outs": None}
    joined = PeerMentor.objects.filter(organization=BOSTON, joined_at__lt=AUTUMN - days(30), **unconcerned)
    return list(joined.filter(human_contacts=None).exclude(user_id=RUNNER).order_by("pk")[:RUNNERS])


def _told(evaluation: Evaluation, missed, since: datetime) -> Decision:
    run = evaluation.activity
    due = run.completed_at + timedelta(hours=missed.delay_hours)
    return Decision(
        mentor=run.mentor,
        organization_id=run.mentor.organization_id,
        rule_id=missed.rule_id,
        rule_version=missed,
        occasion=run.activity_id,
        readings={"from": write_instant(since), "to": write_instant(run.completed_at)},
        evaluation=evaluation,
        instant=run.completed_at,
        known_at=evaluation.evaluated_at,
        decided_at=evaluation.evaluated_at,
        scheduled_for=due,
        outcome=Decision.Outcome.TOLD,
        settled_at=due,
    )


def _run(runner: PeerMentor, activity_id: str, completed_at: datetime, **fields) -> Activity:
    return Activity(
        activity_id=activity_id,
        mentor=runner,
        chapter_id=CIRCLE,
        activity_type="run",
        completed_at=completed_at,
        **fields,
    )


def _store(run: Activity, *, recorded_at: datetime) -> None:
    run.recorded_at = recorded_at
    run.save()
