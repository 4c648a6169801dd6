"""What the bench says: as it goes, and at the end."""

import os
import platform
import sys
from datetime import UTC, datetime
from typing import Any

HEAD = (
    *("mentors", "decisions", "floor", "engine", "batches", "run", "naive"),
    *("engine/floor", "batches/floor", "run/floor", "naive/floor", "worker"),
)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def table(sizes: list[Any], chapters: dict[str, float | None], activity: dict[str, float]) -> str:
    rows = [
        (
            *(f"{size.mentors:,}", f"{size.decisions:,}"),
            *(f"{size.floor_s:.3f} s", f"{size.engine_s:.3f} s", f"{size.batches_s:.3f} s"),
            *(f"{size.run_s:.3f} s", f"{size.naive_s:,.0f} s", f"{size.engine_ratio:.2f}"),
            *(f"{size.batches_ratio:.2f}", f"{size.run_ratio:.2f}", f"{size.naive_ratio:.0f}"),
            f"{size.worker_peak_mb} MB",
        )
        for size in sizes
    ]
    widths = [max(len(row[n]) for row in (HEAD, *rows)) for n in range(len(HEAD))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (HEAD, *rows)]
    return "\n".join(
        (
            "",
            *lines,
            "",
            "1,400 chapters with 3 rules each, against 12 rules for all: "
            + (f"{chapters['chapters_ratio']} x" if chapters["chapters_ratio"] else "the engine gives up"),
            f"One activity against 50 rules: {activity['activity_ms']} ms (95 %: {activity['activity_p95_ms']} ms)",
            "",
        )
    )


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "date": datetime.now(UTC).date().isoformat(),
    }
