"""Does the harness find each mutant within a few cycles, and nothing where there is none? `make chaos MUTATE=all`"""

import json
import os
import subprocess
import sys

from tests.chaos.inject.mutants import MUTANTS

CYCLES = 6
FOUND = 1


def main(seed: int) -> int:
    """Return 0 where each mutant was found, and the product itself passes under the very same faults."""
    faults = dict.fromkeys(name for mutant in MUTANTS.values() for name in mutant.shown_by)
    missed = []
    for name in MUTANTS:
        code, lines = harness(CYCLES, seed, MUTATE=name)
        found = code == FOUND and counts_something(lines[-1])
        if not found:
            missed.append(name)
        print(f"{name:<20} {'found' if found else 'MISSED'}  {why(lines)}", flush=True)
    code, lines = harness(2 * len(faults), seed, FAULTS=",".join(faults), MUTATE="")
    print(f"{'(none)':<20} {'FOUND SOMETHING' if code else 'passes'}  {lines[-1]}", flush=True)
    return int(bool(missed or code))


def harness(cycles: int, seed: int, **environment: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "tests.chaos", str(cycles), str(seed)]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.splitlines() or ["it said nothing"]


def counts_something(last: str) -> bool:
    """Tell a finding from a harness that fell over."""
    try:
        said = json.loads(last)
    except ValueError:
        return False
    return any(said[what] for what in ("lost", "duplicated_in_outbox", "wrong"))


def why(lines: list[str]) -> str:
    """Return what was found, and in which cycle."""
    cycles = [line.split()[0] for line in lines if line[:3].strip().isdigit()]
    found = [line for line in lines if line.startswith(("lost:", "doubled:", "wrong:"))]
    return f"in cycle {cycles[-1] if cycles else '?'}: {found[0] if found else lines[-1]}"
