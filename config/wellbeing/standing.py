"""Do messages stand still? Their number says nothing, nor their age: a large day's messages are sent for an hour."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from scheduler.models import Heartbeat

from .status import notifications_due

# A sender takes what is due within a second, and looks after one message for less than that.
STANDS_STILL_AFTER = timedelta(seconds=60)
# What isn't seen for a day is forgotten, and a message may stand for longer.
SEEN_EVERY = timedelta(hours=1)


def messages_standing(now: datetime) -> str:
    """Say that the message that goes first has been the same, untouched, for a minute; an empty text otherwise.

    Who is first, and since when, is written down: any process of any worker may do the next look.
    """
    fronts = Heartbeat.objects.filter(kind=Heartbeat.Kind.FRONT)
    first = notifications_due(now).values_list("id", "due_at", "attempts").first()
    if first is None:
        fronts.delete()
        return ""
    # Taken in hand and put back it would be due later, or have one attempt more.
    key = f"message {first[0]}, due {first[1]:%Y-%m-%dT%H:%M:%S.%fZ}, attempts {first[2]}"
    front, is_new = Heartbeat.objects.get_or_create(
        key=key, defaults={"kind": Heartbeat.Kind.FRONT, "started_at": now, "seen_at": now}
    )
    if is_new:
        fronts.exclude(key=key).delete()
    elif now - front.seen_at >= SEEN_EVERY:
        fronts.filter(key=key).update(seen_at=now)
    if now - front.started_at < STANDS_STILL_AFTER:
        return ""
    return _("Messages are due, and for a minute nobody has taken up the first of them.")
