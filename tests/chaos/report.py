"""What is printed: a line for each cycle, and one JSON object at the end."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.chaos.cycle import Day


def line(number: int, day: Day) -> str:
    verdict = day.verdict
    waits = ", ".join(f"{name} {seconds:.1f}" for name, seconds in sorted(day.recovered.items()))
    parts = [
        f"{number:>3}  {day.seconds:5.1f} s  {day.fault:<34} {verdict.expected:>3} expected",
        f"{verdict.after_crash}+{verdict.ambiguous} repeats" if verdict.after_crash + verdict.ambiguous else "",
        f"back: {waits}" if waits else "",
        f"[{', '.join(day.notes)}]" if day.notes else "",
    ]
    return "  ".join(part for part in parts if part)


def summary(days: Sequence[Day], *, seed: int, seconds: float) -> str:
    recovered: dict[str, list[float]] = defaultdict(list)
    completed: dict[str, list[float]] = defaultdict(list)
    for day in days:
        if day.recovered:
            recovered[day.fault].append(max(day.recovered.values()))
        completed[day.fault].append(day.completed)
    return json.dumps(
        {
            "cycles": len(days),
            "seed": seed,
            "expected": sum(day.verdict.expected for day in days),
            "lost": sum(len(day.verdict.lost) for day in days),
            "duplicated_in_outbox": sum(len(day.verdict.doubled) for day in days),
            "duplicated_on_wire": {
                "crash": sum(day.verdict.after_crash for day in days),
                "ambiguous": sum(day.verdict.ambiguous for day in days),
            },
            "wrong": sum(len(day.verdict.wrong) for day in days),
            "recovered": {name: spread(all_) for name, all_ in sorted(recovered.items())},
            "completed": {name: spread(all_) for name, all_ in sorted(completed.items())},
            "seconds": round(seconds, 1),
        }
    )


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the middle, the 95th of a hundred and the largest, in seconds."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"p50": at(0.5), "p95": at(0.95), "max": round(ordered[-1], 2)}
