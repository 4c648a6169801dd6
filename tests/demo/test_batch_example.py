"""The printed batch must come out as printed on a fresh seed, at whatever hour and date that was."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from config import demo
from scenarios.models import Decision
from scheduler.operations import append_batch

PRINTED = [
    ("usr_mentor_7821", "inactivity", True, ""),
    ("usr_mentor_4402", "certification_expiry", True, ""),
    ("usr_mentor_5503", "inactivity", False, "cooldown_active"),
]
USER_IDS = [user_id for user_id, *_ in PRINTED]
MOMENTS = [
    # Two weeks and a bit after the printed activity: before that the first mentor wasn't inactive yet.
    datetime(2026, 4, 7, 12, 0, 1, tzinfo=UTC),
    # Around midnight in UTC, in Oslo and in Boston.
    datetime(2026, 7, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 21, 23, 5, tzinfo=UTC),
    datetime(2026, 12, 31, 5, 1, tzinfo=UTC),
    # While the clocks go back, and go forward, in Oslo.
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    # A leap day, and a time when all the printed instants are years ago.
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2031, 6, 1, 6, 0, tzinfo=UTC),
]


LATER = (timedelta(0), timedelta(hours=7), timedelta(hours=23), timedelta(days=2))


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_the_printed_batch_comes_out_as_printed(db, moment):
    demo.seed(now=moment)
    for later in LATER:
        with transaction.atomic():
            appended = append_batch(run_id="run_01HSCHED99", user_ids=USER_IDS, now=moment + later)
            transaction.set_rollback(True)
        got = [(result.user_id, result.trigger_type, result.notified, result.reason) for result in appended.results]
        assert got == PRINTED
        assert (appended.batch.index, appended.batch.user_count, appended.batch.notifications_sent) == (0, 3, 2)


def test_the_inactivity_of_the_second_mentor_is_recorded_as_outranked(seeded_at):
    append_batch(run_id="run_01HSCHED99", user_ids=USER_IDS, now=seeded_at)
    decisions = Decision.objects.filter(run_id="run_01HSCHED99", mentor__user_id="usr_mentor_4402")
    assert set(decisions.values_list("rule", "reason")) == {
        ("rule_certification", ""),
        ("rule_inactivity_bergen", "outranked"),
    }
