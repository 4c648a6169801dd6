"""The harness itself, without a process: the oracle, the comparison, and the names that it takes hold of."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from tests.chaos.checking import Expected, compare
from tests.chaos.inject.failpoints import FAILPOINTS, find
from tests.chaos.oracle import Oracle, fires, may_hear
from tests.chaos.sinks import SINKS, Arrival
from tests.chaos.tables import Told
from tests.chaos.world import HALF_A_DAY, LONG_VISIT, QUIET, QUIET_LONG, Mentor, Visit, World, slot_of

DAY = date(2026, 3, 25)
SLOT = slot_of(DAY)
KEY = ("usr_1", "quiet", "2026-03-25")
ADDRESSES = {"usr_1": "usr_1@chaos.example"}


def days(number: float) -> timedelta:
    return timedelta(days=number)


def mentor(idle: float = 5, **fields) -> Mentor:
    return Mentor("usr_1", 0, SLOT - days(400), SLOT - days(idle), **fields)


def told(key=KEY, **fields) -> Told:
    return Told(**{**SENT, "key": key, **fields})


SENT = {"status": "sent", "outcome": "told", "message_id": "<1>", "attempts": 1, "crashes": 0, "last_error": ""}


def arrival(message_id: str = "<1>", *, ambiguous: bool = False) -> Arrival:
    return Arrival(0.0, message_id, ADDRESSES["usr_1"], "quiet", ambiguous)


def judge(must=(KEY,), outbox=(), arrivals=(), *, may=(), refused=(), sender_deaths=0):
    expected = Expected(frozenset(must), ADDRESSES, may=frozenset(may), refused=frozenset(refused))
    return compare(expected, outbox, arrivals, sender_deaths=sender_deaths)


@pytest.mark.parametrize(("idle", "quiet"), [(2.99, False), (3, True), (3.01, True)])
def test_a_rule_fires_from_its_threshold_on(idle, quiet):
    assert fires(QUIET, mentor(idle), SLOT) is quiet


def test_a_pause_that_is_over_counts_as_the_last_sign_of_life():
    assert not fires(QUIET, mentor(pauses=[(SLOT - days(4), SLOT - days(1))]), SLOT)


@pytest.mark.parametrize(
    ("fields", "hears"),
    [
        ({}, True),
        ({"left_at": SLOT - days(1)}, False),
        ({"pauses": [(SLOT - days(1), SLOT + days(1))]}, False),
        ({"opted_out_of": {""}}, False),
        ({"opted_out_of": {"activity_completed"}}, True),
        ({"talked_to_at": [SLOT - days(6)]}, False),
        ({"talked_to_at": [SLOT - days(7)]}, True),
    ],
)
def test_who_is_away_or_wants_quiet_hears_nothing(fields, hears):
    assert may_hear(mentor(**fields), "inactivity", SLOT) is hears


def test_the_rule_that_goes_first_gives_way_while_it_cools_down():
    oracle, silent = Oracle(), mentor(idle=15)
    heard = [next(iter(oracle.daily([silent], SLOT + days(n))))[1] for n in range(4)]
    assert heard == [QUIET_LONG.id, QUIET.id, QUIET.id, QUIET_LONG.id]


def test_only_a_long_visit_is_told():
    visits = [Visit(f"act_{seconds}", "usr_1", 0, SLOT - days(2), seconds) for seconds in (3599, 3600)]
    assert Oracle().visits({"usr_1": mentor()}, visits, SLOT) == {("usr_1", LONG_VISIT, "act_3600")}


def test_the_same_seed_draws_the_same_world():
    worlds = [World(50, DAY, Random(3)) for _n in range(2)]
    for world in worlds:
        world.go_on()
    assert worlds[0].mentors == worlds[1].mentors
    assert worlds[0].mentors != World(50, DAY, Random(4)).mentors


def test_nothing_in_the_world_lies_within_hours_of_a_threshold():
    world = World(50, DAY, Random(1))
    for _n in range(30):
        world.go_on()
        slot = slot_of(world.today)
        for one in world.mentors:
            apart = (slot - one.last_activity) % days(1)
            assert abs(apart - HALF_A_DAY) <= timedelta(hours=1), "an hour where the clocks change"


def test_one_of_each_that_arrived_once_is_good():
    assert judge(outbox=[told()], arrivals=[arrival()]).is_good


def test_what_is_missing_in_the_outbox_or_on_the_wire_is_lost():
    assert judge().lost
    assert judge(outbox=[told()]).lost, "it counts as sent and never arrived"
    assert judge(outbox=[told(status="sending", outcome="pending")], arrivals=[arrival()]).lost


def test_two_in_the_outbox_or_two_ids_on_the_wire_are_doubled():
    assert judge(outbox=[told(), told(message_id="<2>")], arrivals=[arrival(), arrival("<2>")]).doubled
    assert judge(outbox=[told()], arrivals=[arrival(), arrival("<2>")]).doubled


def test_what_nobody_expects_is_wrong():
    assert judge(must=(), outbox=[told()], arrivals=[arrival()]).wrong


def test_what_may_be_is_neither_lost_nor_wrong_and_still_only_once():
    assert judge(must=(), may=(KEY,)).is_good
    assert judge(must=(), may=(KEY,), outbox=[told()], arrivals=[arrival()]).is_good
    assert judge(must=(), may=(KEY,), outbox=[told()], arrivals=[arrival(), arrival("<2>")]).doubled


def test_a_jump_in_mid_run_leaves_open_only_what_cools_down_a_day():
    oracle, quiet, silent = Oracle(), mentor(idle=5), replace(mentor(idle=15), user_id="usr_2")
    oracle.daily([quiet, silent], SLOT)
    must, may = oracle.in_mid_run([quiet, silent], SLOT + days(1))
    assert must == {("usr_2", "quiet", "2026-03-26")}
    assert may - must == {("usr_1", "quiet", "2026-03-26")}


def test_a_repeat_needs_a_sender_that_died_or_a_receiver_that_did_not_answer():
    repeated = [arrival(), arrival()]
    assert judge(outbox=[told()], arrivals=repeated).wrong
    after_a_crash = judge(outbox=[told()], arrivals=repeated, sender_deaths=1)
    assert after_a_crash.is_good
    assert (after_a_crash.after_crash, after_a_crash.ambiguous) == (1, 0)
    unanswered = judge(outbox=[told()], arrivals=[arrival(ambiguous=True), arrival()])
    assert unanswered.is_good
    assert (unanswered.after_crash, unanswered.ambiguous) == (0, 1)


def test_who_is_refused_for_good_need_not_hear_but_the_outbox_must_say_why():
    given_up = {"status": "discarded", "last_error": "refused (550)"}
    refused = set(ADDRESSES.values())
    assert judge(outbox=[told(**given_up)], refused=refused).is_good
    assert judge(outbox=[told(**given_up)]).lost, "nobody refused it"
    assert judge(outbox=[told(status="discarded")], refused=refused).wrong


@pytest.mark.parametrize("point", FAILPOINTS.values(), ids=lambda point: point.name)
def test_every_point_to_die_at_is_a_name_that_the_product_still_has(point):
    find(point.path)


def test_every_channel_has_a_sink():
    from notifications import channels

    assert set(SINKS) >= set(channels.registry)
