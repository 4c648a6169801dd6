"""The engine against the oracle: random people, facts, rules and days, the whole set of decisions at every step.

`ORACLE_EXAMPLES=2000` draws so many new worlds for each test instead of the usual ones.
"""

from collections import Counter

import pytest
from hypothesis import given

from scenarios import triggers
from scenarios.engine import question, rows

from .model import DAILY, ON_ACTIVITY
from .playing import ASKED_FOR, Player, clean_tables, examples
from .strategies import PARAMETERS
from .triggers import ORACLES
from .worlds import stories

pytestmark = pytest.mark.django_db

# The types of the package itself; a test may have registered one of its own.
REGISTERED = {slug: kind for slug, kind in triggers.registry.items() if type(kind).__module__.startswith("scenarios.")}
REASONS = {
    f"reason {reason}"
    for reason in (
        *("none", "mentor_left", "mentor_paused", "user_opted_out", "human_contact"),
        *("already_told", "cooldown_active", "outranked", "frequency_capped", "watching"),
    )
}
FIRED = {f"fired {slug} {judged}" for slug, kind in REGISTERED.items() for judged in kind.judged}
USUAL = 40


def test_every_trigger_type_has_an_oracle_and_every_parameter_its_values():
    assert set(ORACLES) == set(REGISTERED), "a trigger type without an oracle is a type that nobody checks"
    assert {name for kind in REGISTERED.values() for name in kind.parameters} <= set(PARAMETERS)


@pytest.fixture
def seen() -> Counter:
    return Counter()


def enough(seen: Counter, wanted: set[str]) -> None:
    """Fail where something never came about: worlds in which nothing fires prove nothing."""
    print("\n".join(f"{number:>8} {what}" for what, number in sorted(seen.items())))
    if not 0 < ASKED_FOR < USUAL:
        # Few worlds may be without one or two of the rarest kinds; very many must have them all.
        assert len(wanted - seen.keys()) <= (0 if ASKED_FOR else 2), wanted - seen.keys()


def test_runs_of_several_days_decide_what_the_oracle_decides(seen):
    @examples(USUAL)
    @given(stories([DAILY]))
    def check(story):
        with clean_tables():
            Player(story, seen).play(story)

    check()
    enough(seen, REASONS)


def test_runs_and_posted_activities_decide_what_the_oracle_decides(seen):
    @examples(USUAL)
    @given(stories([DAILY, ON_ACTIVITY]))
    def check(story):
        with clean_tables():
            Player(story, seen).play(story)

    check()
    enough(seen, REASONS)


def test_the_same_fires_in_any_frame_and_on_any_activity(seen):
    @examples(USUAL)
    @given(stories(looks=8))
    def check(story):
        with clean_tables():
            Player(story, seen).look(story)

    check()
    enough(seen, FIRED)


@pytest.fixture
def as_rows(monkeypatch):
    """Let every rule of a place be compared as the row of a table, as thousands of them are."""
    monkeypatch.setattr(rows, "MANY", 0)
    question.forget()
    yield
    question.forget()


def test_the_same_fires_where_the_rules_are_very_many(seen, as_rows):
    @examples(USUAL)
    @given(stories(looks=8))
    def check(story):
        with clean_tables():
            Player(story, seen).look(story)

    check()
    enough(seen, FIRED)


def test_runs_decide_the_same_where_the_rules_are_very_many(seen, as_rows):
    @examples(USUAL)
    @given(stories([DAILY]))
    def check(story):
        with clean_tables():
            Player(story, seen).play(story)

    check()
    enough(seen, REASONS)
