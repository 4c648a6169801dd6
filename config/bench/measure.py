"""What `make bench` measures, one size after the other, on the servers that it was given."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median

import django


@dataclass(frozen=True)
class Size:
    """One line of the table. Ratios are medians of what each round measured side by side; seconds are medians too."""

    mentors: int
    decisions: int
    told: int
    floor_s: float
    engine_s: float
    batches_s: float
    run_s: float
    naive_s: float
    engine_ratio: float
    batches_ratio: float
    run_ratio: float
    naive_ratio: float
    naive_sample: int
    worker_peak_mb: float | None
    rounds: int


def main(sizes: Sequence[int]) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from . import report, rules, special, workers, world

    began = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0)
    now = timezone.now()
    world.make_places(chapters=100)
    measured = []
    for mentors in sizes:
        world.forget_decisions()
        rules.twelve()
        with workers.workers(settings.HOME) as celery:
            measured.append(measure(mentors, now, celery))
    chapters = special.many_chapters(now)
    activity_ms = special.one_activity(now)
    print(report.table(measured, chapters, activity_ms))
    summary = {
        **asdict(measured[-1]),
        **chapters,
        **activity_ms,
        **report.machine(),
        "took_s": round(time.monotonic() - began),
        "sizes": [asdict(size) for size in measured],
    }
    print(json.dumps(summary), flush=True)
    return 0


def measure(mentors: int, now: datetime, celery, rounds: int = 3) -> Size:
    """Build the mentors and do the same run in every way; raise where two of them differ."""
    from . import ways, world
    from .report import say

    began = time.monotonic()
    world.build(mentors, now=now)
    say(f"{mentors:,} mentors built in {time.monotonic() - began:.0f} s")
    sample = min(mentors, 1000)
    differs = Differs(now, mentors, sample)

    def timed(way: Callable[[], float], name: str) -> float:
        world.reset(now=now)
        took = way()
        differs.check(name)
        say(f"  {name:<8} {took:8.3f} s")
        return took

    world.reset(now=now)
    naive_s = ways.mentor_by_mentor(now, range(1, sample + 1)) * mentors / sample
    differs.expected_of_sample = ways.digest(now, sample)
    say(f"  naive    {naive_s:8.0f} s" + (f" (from {sample:,} of them)" if sample < mentors else ""))
    took: dict[str, list[float]] = {"floor": [], "engine": [], "batches": [], "run": []}
    # The first round warms everything up and isn't counted.
    for number in range(rounds + 1):
        for name, way in (
            ("floor", lambda: ways.floor(now)),
            ("engine", lambda: ways.engine(now)),
            ("batches", lambda: ways.batches(now)),
            ("run", lambda: ways.through_celery(now, celery.look)),
        ):
            seconds = timed(way, name)
            if number:
                took[name].append(seconds)
    reasons = ways.reasons(now)
    say("  " + ", ".join(f"{reason or 'to be told'} {count:,}" for reason, count in sorted(reasons.items())))
    floors = took["floor"]
    return Size(
        mentors=mentors,
        decisions=sum(reasons.values()),
        told=reasons.get("", 0),
        floor_s=round(median(floors), 3),
        engine_s=round(median(took["engine"]), 3),
        batches_s=round(median(took["batches"]), 3),
        run_s=round(median(took["run"]), 3),
        naive_s=round(naive_s, 1),
        engine_ratio=ratio(took["engine"], floors),
        batches_ratio=ratio(took["batches"], floors),
        run_ratio=ratio(took["run"], floors),
        naive_ratio=round(naive_s / median(floors), 1),
        naive_sample=sample,
        worker_peak_mb=celery.peak_mb,
        rounds=rounds,
    )


def ratio(these: Sequence[float], floors: Sequence[float]) -> float:
    """Return the median over the rounds: what else the machine does at a moment slows both of a round."""
    return round(median(one / floor for one, floor in zip(these, floors, strict=True)), 2)


class Differs:
    """Holds every way to the decisions of the first one, and to those of the naive one where that has been."""

    def __init__(self, as_of: datetime, mentors: int, sample: int) -> None:
        self.as_of, self.mentors, self.sample = as_of, mentors, sample
        self.expected: tuple[int, str] | None = None
        self.expected_of_sample: tuple[int, str] | None = None

    def check(self, name: str) -> None:
        from . import ways

        found = ways.digest(self.as_of, self.mentors)
        self.expected = self.expected or found
        if found != self.expected:
            raise RuntimeError(f"{name} decided otherwise: {found} and not {self.expected}")
        if self.expected_of_sample and (of_sample := ways.digest(self.as_of, self.sample)) != self.expected_of_sample:
            raise RuntimeError(f"{name} decided otherwise than naive: {of_sample} and not {self.expected_of_sample}")


if __name__ == "__main__":
    django.setup()
    sys.exit(main([int(size) for size in sys.argv[1:]]))
