"""Certification expiry: ahead of time, for what hasn't been renewed, and never after the fact."""

from datetime import timedelta

import pytest

from tests.factories import LONG_AGO, NOW, days, make_certification, make_mentor, make_rule
from tests.scenarios.weighing import fired, fires_on

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def rule():
    return make_rule("certification_expiry", threshold_days=30, scenario_id="certification")


@pytest.fixture
def mentor():
    return make_mentor(idle_for=days(1))


@pytest.mark.parametrize(
    ("time_left", "fires"),
    [
        (days(30) + MOMENT, False),
        (days(30), True),
        (days(1), True),
        (days(0), True),
        (-MOMENT, False),
    ],
    ids=["just before the window", "as the window opens", "inside", "as it expires", "just expired"],
)
def test_fires_from_the_threshold_to_the_expiry_both_included(mentor, time_left, fires):
    make_certification(mentor, expires_at=NOW + time_left)
    assert fires_on(mentor) is fires


def test_is_quiet_without_any_certification(mentor):
    assert not fires_on(mentor)


def test_is_quiet_once_it_is_renewed(mentor):
    make_certification(mentor, expires_at=NOW + days(10))
    make_certification(mentor, expires_at=NOW + days(400), recorded_at=NOW - days(1))
    assert not fires_on(mentor)
    assert fires_on(mentor, known_at=NOW - days(2))


def test_a_renewal_of_another_kind_is_no_renewal(mentor):
    first = make_certification(mentor, kind="Basic course", expires_at=NOW + days(10))
    make_certification(mentor, kind="Hearing aids", expires_at=NOW + days(400))
    assert fired(mentor) == {(mentor.user_id, "certification", first.certification_id)}


def test_each_certification_is_judged_on_its_own(mentor):
    for kind in ("Basic course", "Hearing aids"):
        make_certification(mentor, kind=kind, expires_at=NOW + days(10))
    assert len(fired(mentor)) == 2


def test_a_certification_issued_later_does_not_exist_yet(mentor):
    make_certification(mentor, expires_at=NOW + days(10), issued_at=NOW + days(1))
    assert not fires_on(mentor)
    assert fires_on(mentor, at=NOW + days(1))


def test_a_withdrawn_certification_is_forgotten(mentor):
    make_certification(mentor, expires_at=NOW + days(10), recorded_at=LONG_AGO, withdrawn_at=NOW - days(1))
    assert not fires_on(mentor)
