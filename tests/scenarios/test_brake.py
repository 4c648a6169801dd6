"""What is plausible, number by number, at the edges."""

from datetime import timedelta

import pytest

from scenarios.brake import Day, NothingNew, OtherPeople, Share, Terms, TooMany, implausible, usual
from tests.factories import NOW, days

TERMS = Terms(limit_percent=25, fewest=8)
HOUR = timedelta(hours=1)


def a_day(ago: float = 0, *, told: int = 3, active: int = 100, silence: timedelta = HOUR, **fields) -> Day:
    at = NOW - days(ago)
    return Day(at.date(), at, active, {"idle": told} if told else {}, at - silence, **fields)


def share(told: int, *, active: int = 100, **fields) -> Share:
    return Share("idle", "We miss you", told, active, **fields)


def judge(past=(), *, told: int = 3, terms: Terms = TERMS, **today):
    day = a_day(told=told, **today)
    return implausible(day, past, [share(told, active=day.active)] if told else [], terms)


USUAL = [a_day(n) for n in range(1, 20)]


def test_an_organization_without_history_is_judged_by_the_limit_alone():
    assert judge(told=25) is None
    assert isinstance(judge(told=26), TooMany)
    assert judge(told=26, terms=Terms(limit_percent=100, fewest=8)) is None


def test_few_people_are_never_too_many():
    assert judge(told=7, active=7) is None
    assert isinstance(judge(told=8, active=8), TooMany)


def test_more_than_two_and_a_half_times_the_busiest_day_is_too_many():
    past = [*USUAL, a_day(25, told=4)]
    assert judge(past, told=10) is None
    assert judge(past, told=11) == TooMany(share(11), 25, usual=3)


def test_a_few_days_of_history_are_no_history():
    assert judge(USUAL[:6], told=25) is None
    assert judge(USUAL[:7], told=25) is not None


def test_a_rule_is_compared_with_the_days_since_it_is_there():
    new = share(20, since=(NOW - days(3)).date())
    assert implausible(a_day(told=20), [a_day(n, told=0) for n in range(1, 20)], [new], TERMS) is None


def test_a_share_over_the_limit_that_was_let_through_lately_is_let_through_again():
    past = [*USUAL, a_day(30, told=40, released=True)]
    assert judge(past, told=50) is None
    assert judge(past, told=51) is not None


def test_the_limit_of_a_chapter_is_its_own():
    chapter = share(12, active=40, chapter="Fana")
    assert implausible(a_day(told=12), [], [share(12), chapter], TERMS) == TooMany(chapter, 25, None)


@pytest.mark.parametrize(("hours", "held"), [(60, False), (61, True)])
def test_a_silence_is_too_long_after_two_days_and_a_half(hours, held):
    assert isinstance(judge(USUAL, silence=hours * HOUR), NothingNew) is held


def test_where_silences_are_long_a_longer_one_is_allowed():
    past = [*USUAL, a_day(21, silence=days(3))]
    assert judge(past, silence=days(7.5)) is None
    assert isinstance(judge(past, silence=days(7.6)), NothingNew)


def test_a_silence_does_not_make_itself_usual():
    past = [a_day(n) for n in range(3, 20)] + [a_day(n, silence=days(3 - n) + HOUR) for n in (1, 2)]
    assert isinstance(judge(past, silence=days(3) + HOUR), NothingNew)


def test_a_silence_that_a_person_has_let_through_is_let_through_to_its_end():
    past = [*USUAL, a_day(1, silence=days(4), released=True)]
    assert judge(past, silence=days(5)) is None


def test_a_silence_says_nothing_of_rules_that_go_by_something_else():
    expiring = share(3, by_activities=False)
    assert implausible(a_day(silence=days(9)), USUAL, [expiring], TERMS) is None


@pytest.mark.parametrize(("active", "held"), [(130, False), (131, True), (70, False), (69, True)])
def test_a_third_of_the_mentors_more_or_less_is_too_sudden(active, held):
    assert isinstance(judge(USUAL, active=active), OtherPeople) is held


def test_a_handful_who_come_or_go_are_no_news():
    past = [a_day(n, active=6) for n in range(1, 9)]
    assert judge(past, active=13) is None
    assert judge(past, active=14) is not None


def test_a_change_that_a_person_has_let_through_is_the_new_number():
    past = [*[a_day(n, active=50) for n in range(2, 9)], a_day(1, released=True)]
    assert judge(past) is None
    assert isinstance(judge(past, active=50), OtherPeople)


def test_where_nobody_would_be_told_nothing_is_held():
    assert judge(USUAL, told=0, active=10, silence=days(20)) is None


def test_the_sentences_are_for_people():
    assert str(judge(told=40)) == (
        "40 of 100 mentors would hear “We miss you” today; the limit is 25 %. Was an import of activities lost?"
    )
    assert "usually it is 3" in str(judge(USUAL, told=40))
    assert str(judge(USUAL, silence=days(4))) == (
        "No activity was recorded for 4 days; lately it was never longer than 1 day. Has an import stopped?"
    )
    assert str(judge(USUAL, active=200)).startswith("There are 200 active mentors today; lately there were 100.")


def test_usual_is_a_middling_day_and_unknown_in_the_first_week():
    assert usual([a_day(n, told=n) for n in range(1, 10)]) == 5
    assert usual(USUAL[:6]) is None
