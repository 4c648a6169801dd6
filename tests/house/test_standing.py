"""Messages that nobody sends are noticed; messages that are many are not."""

from datetime import timedelta

import pytest

from notifications.models import Notification
from scenarios.models import Clearance, Decision
from scheduler.models import Heartbeat, Incident
from scheduler.operations import watch
from scheduler.operations.heartbeats import note_alive
from tests.admin.cast import make_notification
from tests.factories import NOW

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND


def make_due(due_at=NOW - 60 * MINUTE) -> Notification:
    return make_notification(status="pending", finished_at=None, due_at=due_at)


def looks(*seconds: int) -> list[bool]:
    """Tell after each look whether work stands still."""
    found = []
    for second in seconds:
        watch(now=NOW + second * SECOND)
        found.append(Incident.objects.filter(kind="deaf", closed_at__isnull=True).exists())
    return found


def test_messages_stand_when_the_first_of_them_is_untouched_for_a_minute_and_not_sooner():
    make_due()
    make_due()
    assert looks(0, 30, 59, 60, 90) == [False, False, False, True, True]
    assert Incident.objects.count() == 1


def test_an_hour_of_messages_does_not_stand_while_one_after_the_other_is_sent():
    due = [make_due() for _n in range(4)]
    found = []
    for number, message in enumerate(due):
        found += looks(number * 50, number * 50 + 40)
        Notification.objects.filter(pk=message.pk).update(status="sent", finished_at=NOW)
    assert not any(found)


def test_a_message_that_is_tried_does_not_stand():
    message = make_due()
    found = []
    for attempt in range(4):
        found += looks(attempt * 50, attempt * 50 + 40)
        Notification.objects.filter(pk=message.pk).update(attempts=attempt + 1)
    assert not any(found)


def test_standing_is_over_when_the_first_is_taken_up():
    first = make_due()
    make_due()
    assert looks(0, 60) == [False, True]
    Notification.objects.filter(pk=first.pk).update(status="sent", finished_at=NOW)
    assert looks(61) == [False]
    assert Heartbeat.objects.filter(kind="front").count() == 1


def test_what_stands_for_days_is_one_incident_and_never_over():
    make_due()
    for hour in range(60):
        for minute in (0, 2):
            now = NOW + hour * 60 * MINUTE + minute * MINUTE
            watch(now=now)
            note_alive(key="clock", kind="tick", started_at=NOW, now=now)
    assert list(Incident.objects.values_list("kind", "closed_at")) == [("deaf", None)]


def test_what_is_due_later_or_held_back_by_a_switch_does_not_stand():
    make_due(due_at=NOW + 60 * MINUTE)
    organization = make_due().mentor.organization
    organization.telling_enabled = False
    organization.save()
    assert looks(0, 60, 120) == [False, False, False]
    assert not Heartbeat.objects.exists()


def test_what_was_written_and_then_held_by_the_brake_waits_for_a_person_and_not_for_a_sender():
    held, sent = make_due(), make_due(due_at=NOW - MINUTE)
    Decision.objects.filter(pk=held.decision_id).update(run_id="run_1")
    Clearance.objects.create(
        run_id="run_1",
        organization=held.decision.organization,
        status="held",
        explanation="Unusually many.",
        judged_at=NOW,
    )
    Notification.objects.filter(pk=sent.pk).update(status="sent", finished_at=NOW)
    assert looks(0, 60, 120) == [False, False, False]
    Clearance.objects.update(status="released", settled_at=NOW)
    assert looks(180, 240) == [False, True]
