"""Hand messages over, one by one, and write down right after each what became of it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from traceback import extract_tb

from django.utils.translation import gettext as _

from .. import channels
from ..models import Notification
from . import claiming, recording
from .patience import patiently
from .ways import Ways

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def send(claimed: Sequence[Notification], *, clock: Clock, stopping: Callable[[], bool]) -> tuple[int, bool]:
    """Send what was claimed and give back what wasn't begun.

    Return how many were begun, and whether the channels are open.
    """
    by_channel = attrgetter("channel")
    tour = Tour(Ways(notification.decision.organization_id for notification in claimed), clock, stopping)
    try:
        for slug, messages in groupby(sorted(claimed, key=by_channel), by_channel):
            tour.send_through(channels.get(slug), list(messages))
    finally:
        for token in {notification.lease_token for notification in claimed}:
            claiming.give_back(token)
    return tour.begun, tour.open


class Tour:
    """One sender on its way with what it has claimed."""

    def __init__(self, ways: Ways, clock: Clock, stopping: Callable[[], bool]):
        self.ways, self.clock, self.stopping = ways, clock, stopping
        self.begun = 0
        self.open = True

    def send_through(self, channel: channels.Channel, messages: Sequence[Notification]) -> None:
        try:
            with channel.session() as hand_over:
                for notification in messages:
                    if self.stopping():
                        break
                    self.send_one(notification, hand_over)
        except channels.Unavailable as closed:
            log.warning("%s is closed: %s", channel.slug, closed)
            self.open = False
            claiming.postpone(channel.slug, messages[0].lease_token, why=str(closed), now=self.clock())

    def send_one(self, notification: Notification, hand_over: channels.Send) -> None:
        """Send one message and record it. No transaction is open meanwhile: a slow server must not keep locks."""
        if not recording.start(notification, now=self.clock()):
            return
        self.begun += 1
        envelope = self.ways.envelope(notification, notification.decision.organization)
        failure = _hand_over(notification, envelope, hand_over)
        patiently(lambda: _record(notification, failure, self.clock()))
        if isinstance(failure, channels.Unavailable):
            raise failure


def _hand_over(
    notification: Notification, envelope: channels.Envelope, hand_over: channels.Send
) -> channels.Permanent | channels.Retry | None:
    """Hand it over; return what went wrong."""
    try:
        hand_over(envelope)
    except (channels.Permanent, channels.Retry) as failure:
        return failure
    except Exception as error:  # a fault of one channel must not silence the rest
        place = extract_tb(error.__traceback__)[-1]
        # Neither the error's text nor its traceback: they may hold an address.
        log.error("%s failed with %s in %s", notification.pk, type(error).__name__, place.name)
        return channels.Retry(_("The channel failed (%s).") % type(error).__name__, unknown=True)
    return None


def _record(notification: Notification, failure: channels.Permanent | channels.Retry | None, now: datetime) -> None:
    match failure:
        case None:
            known = recording.sent(notification, now=now)
        case channels.Retry():
            known = recording.failed(notification, failure, now=now)
        case _:
            known = recording.discarded(notification, str(failure), now=now)
    if not known:
        log.warning("notification %s was taken over while it was being sent", notification.pk)
