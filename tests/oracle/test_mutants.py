"""The oracle can fail: an engine with one small mistake in it is found out. Mistakes are patched in, never written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from psycopg import sql

from scenarios import gates
from scenarios.engine import compare, facts, population, question, rows, scope
from scenarios.engine.question import Question
from scenarios.measures import JOINED
from scenarios.models.decisions import Reason
from scenarios.triggers import activity_missed, below_weekly_target, inactivity
from scenarios.triggers.filters import ActivityFilters

from .model import DAILY, days
from .playing import ASKED_FOR, Player, clean_tables, examples
from .strategies import MOMENT
from .worlds import stories

pytestmark = pytest.mark.django_db
Patch = pytest.MonkeyPatch
LOOKING: dict[str, Callable[[Patch], None]] = {}
PLAYING: dict[str, Callable[[Patch], None]] = {}


def mutant(sort: dict, name: str) -> Callable:
    def keep(mistake: Callable[[Patch], None]) -> Callable:
        sort[name] = mistake
        return mistake

    return keep


@pytest.fixture(autouse=True)
def nothing_kept():
    """Statements are kept for as long as a process lives: none of before a mistake, and none that was made with it."""
    question.forget()
    yield
    question.forget()


def changed(text: str, old: str, new: str) -> str:
    assert old in text, "the statement has changed: think of another mistake"
    return text.replace(old, new)


def reworded(gate_list: tuple, code: Reason, old: str, new: str) -> tuple:
    return tuple((reason, changed(test, old, new) if reason == code else test) for reason, test in gate_list)


@mutant(LOOKING, "more than the threshold, and not the threshold itself")
def _(patch):
    patch.setattr(compare, "days", lambda number: days(number) - (MOMENT if number < 0 else timedelta(0)))


@mutant(LOOKING, "a certification at the very edge of its window is left out")
def _(patch):
    patch.setattr(compare, "days", lambda number: days(number) - (MOMENT if number > 0 else timedelta(0)))


@mutant(LOOKING, "a day of the threshold is a calendar day of 25 hours")
def _(patch):
    patch.setattr(compare, "days", lambda number: days(number) + timedelta(hours=1 if number > 0 else -1))


@mutant(LOOKING, "what is completed at the very instant doesn't count")
def _(patch):
    patch.setitem(facts.COUNTS, "activity", "f.completed_at < {instant}")


@mutant(LOOKING, "what is recorded at the very moment isn't known")
def _(patch):
    patch.setattr(facts, "RECORDED", changed(facts.RECORDED, "f.recorded_at <=", "f.recorded_at <"))


@mutant(LOOKING, "what was withdrawn stays known")
def _(patch):
    patch.setattr(facts, "RECORDED", changed(facts.RECORDED, "f.withdrawn_at IS NULL OR", "TRUE OR"))


@mutant(LOOKING, "a membership lasts through its last instant")
def _(patch):
    patch.setitem(facts.COUNTS, "membership", changed(facts.COUNTS["membership"], "f.ends_at >", "f.ends_at >="))


@mutant(LOOKING, "a window of days includes its beginning")
def _(patch):
    patch.setattr(facts, "days", lambda number: days(number) + MOMENT)


@mutant(LOOKING, "the year begins in Greenwich")
def _(patch):
    patch.setattr(facts, "YEAR_BEGAN", changed(facts.YEAR_BEGAN, "z.time_zone", "'UTC'"))


@mutant(LOOKING, "who is active is asked as known at the instant")
def _(patch):
    active = population.active
    patch.setattr(population, "active", lambda instant, _known_at, **more: active(instant, instant, **more))


@mutant(LOOKING, "a narrower rule replaces nothing")
def _(patch):
    patch.setattr(scope, "_rank", lambda version: 0)


@mutant(LOOKING, "of very many rules, a narrower one replaces nothing")
def _(patch):
    patch.setattr(rows, "MANY", 0)
    patch.setattr(rows, "narrower", lambda version, scenarios: [])


@mutant(LOOKING, "of very many rules, each fires from its threshold of another on")
def _(patch):
    patch.setattr(rows, "MANY", 0)
    compared = rows.fires
    patch.setattr(rows, "fires", lambda measure, when, _threshold, facts: compared(measure, when, 5, facts))


@mutant(LOOKING, "the end of a pause starts no clock")
def _(patch):
    patch.setattr(inactivity, "LAST_PAUSE_END", JOINED)
    patch.setattr(activity_missed, "LAST_PAUSE_END", JOINED)


@mutant(LOOKING, "silence counts from before anybody knew")
def _(patch):
    patch.setattr(facts, "KNOWN_FROM", "s.joined_at AS known_from")


@mutant(LOOKING, "a statement holds for those who came later too")
def _(patch):
    patch.setattr(
        facts, "KNOWN_FROM", changed(facts.KNOWN_FROM, "s.recorded_at <= stated.stated_at", "stated.since IS NOT NULL")
    )


@mutant(LOOKING, "a rule's target goes before the mentor's own")
def _(patch):
    first_of = below_weekly_target.FirstOf
    patch.setattr(below_weekly_target, "FirstOf", lambda parts: first_of(parts[::-1]))


@mutant(LOOKING, "a range of minutes leaves out its ends")
def _(patch):
    filters = ActivityFilters.filters

    def strict(self, given):
        return tuple(replace(row, operator=row.operator.removesuffix("=") or "=") for row in filters(self, given))

    patch.setattr(ActivityFilters, "filters", strict)


@mutant(PLAYING, "an occasion is the day in Greenwich")
def _(patch):
    utc = sql.SQL("to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    patch.setattr(Question, "_occasion", lambda self: utc.format(self.facts.moment()))


@mutant(PLAYING, "the cooldown is a day longer")
def _(patch):
    longer = reworded(gates.HISTORY, Reason.COOLDOWN_ACTIVE, "< v.cooldown_days", "<= v.cooldown_days")
    patch.setattr(gates, "HISTORY", longer)


@mutant(PLAYING, "the cooldown belongs to the rule")
def _(patch):
    narrow = reworded(gates.HISTORY, Reason.COOLDOWN_ACTIVE, "dv.scenario_id = v.scenario_id", "d.rule_id = v.rule_id")
    patch.setattr(gates, "HISTORY", narrow)


@mutant(PLAYING, "one certification blocks another")
def _(patch):
    wide = reworded(gates.HISTORY, Reason.COOLDOWN_ACTIVE, "d.subject = f.subject AND", "")
    patch.setattr(gates, "HISTORY", wide)


@mutant(PLAYING, "the cooldown is asked before the occasion")
def _(patch):
    patch.setattr(gates, "HISTORY", gates.HISTORY[::-1])


@mutant(PLAYING, "a conversation silences us a day longer")
def _(patch):
    old = "< o.human_contact_days"
    patch.setattr(gates, "PERSONAL", reworded(gates.PERSONAL, Reason.HUMAN_CONTACT, old, old.replace("<", "<=")))


@mutant(PLAYING, "the conversation is asked before the opt-out")
def _(patch):
    left, paused, opted_out, contact = gates.PERSONAL
    patch.setattr(gates, "PERSONAL", (left, paused, contact, opted_out))


@mutant(PLAYING, "an opt-out from one kind is one from all")
def _(patch):
    old = "x.trigger_type IN ('', v.trigger_type)"
    patch.setattr(gates, "PERSONAL", reworded(gates.PERSONAL, Reason.USER_OPTED_OUT, old, "TRUE"))


@mutant(PLAYING, "what was outranked slips through in a second run")
def _(patch):
    patch.setattr(gates, "OUTRANKED", (Reason.OUTRANKED, "FALSE"))


@mutant(PLAYING, "the largest number goes first")
def _(patch):
    patch.setattr(gates, "_ranked", changed(gates._ranked, "ORDER BY priority", "ORDER BY priority DESC"))


@mutant(PLAYING, "the cap lets one more through")
def _(patch):
    patch.setattr(gates, "_cap", changed(gates._cap, ">= a.weekly_cap", "> a.weekly_cap"))


@mutant(PLAYING, "the cap's week is a microsecond longer")
def _(patch):
    patch.setattr(gates, "WEEK", gates.WEEK + MOMENT)


@mutant(PLAYING, "the hours between two messages are those of the clock in Greenwich")
def _(patch):
    patch.setattr(gates, "_too_soon", changed(gates._too_soon, "a.time_zone", "'UTC'"))


@mutant(PLAYING, "nobody waits between two messages")
def _(patch):
    patch.setattr(gates, "_too_soon", "FALSE")


# These are found out within seconds; the others are tried in long runs.
QUICK = (
    "more than the threshold, and not the threshold itself",
    "a narrower rule replaces nothing",
    "of very many rules, a narrower one replaces nothing",
    "silence counts from before anybody knew",
    "who is active is asked as known at the instant",
    "the cooldown is a day longer",
    "the conversation is asked before the opt-out",
    "the largest number goes first",
    "the cap lets one more through",
    "nobody waits between two messages",
)


def some(mistakes: dict[str, Callable]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name in mistakes if ASKED_FOR or name in QUICK])


@some(LOOKING)
def test_a_mistake_in_what_fires_is_found_out(name, monkeypatch):
    seen: Counter = Counter()
    LOOKING[name](monkeypatch)

    @examples(100)
    @given(stories(looks=8))
    def check(story):
        with clean_tables():
            Player(story, seen).look(story)

    with pytest.raises(AssertionError):
        check()
    print(seen["examples"], "examples until", name)


@some(PLAYING)
def test_a_mistake_in_the_gates_is_found_out(name, monkeypatch):
    seen: Counter = Counter()
    PLAYING[name](monkeypatch)

    @examples(100)
    @given(stories([DAILY]))
    def check(story):
        with clean_tables():
            Player(story, seen).play(story)

    with pytest.raises(AssertionError):
        check()
    print(seen["examples"], "examples until", name)
