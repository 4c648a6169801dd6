"""Two cases beside the table: very many chapters with rules of their own, and one activity against many rules."""

import time
from datetime import datetime, timedelta
from statistics import median

from django.db import connection
from django.utils import timezone

from scenarios.models import Activity, Chapter, PeerMentor
from scenarios.operations import evaluate_activity

from . import rules, ways, world
from .report import say

MENTORS = 20_000
CHAPTERS = 1_400


def many_chapters(
    now: datetime, mentors: int = MENTORS, chapters: int = CHAPTERS, rounds: int = 3
) -> dict[str, float | None]:
    """Weigh the same people by three rules for each chapter, and by twelve rules for all.

    The ratio is None where the engine gives up on so many rules, or takes a hundred times as long.
    """
    world.forget_decisions()
    rules.twelve()
    world.build(mentors, now=now, chapters=chapters)
    twelve = median([timed(now) for _ in range(rounds + 1)][1:])
    world.forget_decisions()
    rules.three_for_each_of(chapters)
    try:
        own = timed(now, 100 * twelve)
    except RuntimeError as error:
        say(f"{chapters:,} chapters with 3 rules each: {error}")
        return {"chapters_s": None, "chapters_twelve_s": round(twelve, 3), "chapters_ratio": None}
    # What takes that long needs no second look.
    if own < 20 * twelve:
        own = median([timed(now) for _ in range(rounds)])
    say(f"{chapters:,} chapters with 3 rules each: {own:.3f} s; 12 rules: {twelve:.3f} s")
    return {
        "chapters_s": round(own, 3),
        "chapters_twelve_s": round(twelve, 3),
        "chapters_ratio": round(own / twelve, 2),
    }


def timed(now: datetime, seconds: float = ways.PATIENCE) -> float:
    world.reset(now=now)
    return ways.batches(now, seconds)


def one_activity(now: datetime, times: int = 200) -> dict[str, float]:
    """Judge that many activities, each of another mentor, by fifty rules; on the people who are there."""
    world.forget_decisions()
    rules.fifty_on_activity()
    chapter = Chapter.objects.get(pk="ch_bench_0")
    people = PeerMentor.objects.filter(organization=chapter.organization_id).order_by("pk")
    took = []
    with ways.nobody_rung():
        for n, mentor_id in enumerate(people.values_list("pk", flat=True)[:times], start=1):
            activity = Activity(
                activity_id=f"act_bench_new_{n}",
                mentor_id=mentor_id,
                chapter_id=chapter.pk,
                activity_type="visit",
                duration_seconds=60 * (20 + n % 90),
                distance_meters=1000,
                completed_at=now - timedelta(minutes=n),
                contact_id=f"contact_{n % 50}",
                contact_type="home visit",
                is_group=n % 10 == 0,
                participants=6,
            )
            began = time.perf_counter()
            evaluation = evaluate_activity(activity, chapter, now=timezone.now())
            took.append(1000 * (time.perf_counter() - began))
            if evaluation.status != "completed" or evaluation.rules_evaluated != 50:
                raise RuntimeError(f"not evaluated: {evaluation.status} {evaluation.error_message}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scenarios_decision")
        (decisions,) = cursor.fetchone()
    took.sort()
    result = {"activity_ms": round(median(took), 1), "activity_p95_ms": round(took[len(took) * 95 // 100], 1)}
    say(f"one activity against 50 rules: {result['activity_ms']} ms, {decisions / len(took):.1f} decisions each")
    return result
