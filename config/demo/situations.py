"""What can be going on with a mentor, and how many are in each situation.

Whatever a daily rule must see is dated back from the moment of seeding.
"""

from datetime import datetime
from random import Random

from .parts import BASIC, FURTHER, Course, Part, Told, days
from .places import BERGEN, BOSTON, OSLO
from .rules import CERTIFICATION

# Each function alters a part that is active and well.


def well(part: Part, now: datetime, dice: Random) -> None:
    """Nothing to add."""


def silent(part: Part, now: datetime, dice: Random) -> None:
    """Longer than any rule allows."""
    part.last = now - days(dice.uniform(16, 60))


def silent_for_bergen(part: Part, now: datetime, dice: Random) -> None:
    """Longer than Bergen's own rule allows, and not yet as long as the shared one would."""
    part.last = now - days(dice.uniform(8, 11))


def expiring(part: Part, now: datetime, dice: Random) -> None:
    part.courses[0].expires_at = now + days(dice.uniform(6, 27))


def silent_and_expiring(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    expiring(part, now, dice)


def never_logged(part: Part, now: datetime, dice: Random) -> None:
    part.joined_at, part.last = now - days(dice.uniform(20, 40)), None


def just_joined(part: Part, now: datetime, dice: Random) -> None:
    part.joined_at, part.last = now - days(dice.uniform(1, 4)), None


def silent_and_opted_out(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.opt_outs = [""]


def silent_without_reminders(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.opt_outs = ["inactivity"]


def expiring_without_reminders(part: Part, now: datetime, dice: Random) -> None:
    expiring(part, now, dice)
    part.opt_outs = ["certification_expiry"]


def opted_out(part: Part, now: datetime, dice: Random) -> None:
    part.opt_outs = [""]


def silent_but_talked_to(part: Part, now: datetime, dice: Random) -> None:
    silent(part, now, dice)
    part.talked_at = now - days(dice.uniform(2, 4))


def told_lately(part: Part, now: datetime, dice: Random) -> None:
    """Told of the silence some days ago, and silent still."""
    part.last = last = now - days(dice.uniform(28, 60))
    told_at = now - days(dice.uniform(4, 9))
    part.told = [Told(part.inactivity_rule, told_at, (last, told_at))]


def told_today(part: Part, now: datetime, dice: Random) -> None:
    part.last = last = now - days(dice.uniform(16, 60))
    part.told = [Told(part.inactivity_rule, now, (last, now))]


def told_twice_this_week(part: Part, now: datetime, dice: Random) -> None:
    """Told of a silence that then ended, told of one certification, and now a second one comes due."""
    since, until = part.silence = (now - days(25), now - days(4))
    part.last = until
    part.courses = [
        Course(BASIC[part.organization], now + days(27.5)),
        Course(FURTHER[part.organization], now + days(29)),
    ]
    told_at, told_again_at = now - days(5), now - days(2)
    part.told = [
        Told(part.inactivity_rule, told_at, (since, told_at)),
        Told(CERTIFICATION, told_again_at, (told_again_at, part.courses[0].expires_at), course=0),
    ]


def renewed(part: Part, now: datetime, dice: Random) -> None:
    """The certification that expires soon has a successor."""
    part.courses.append(Course(part.courses[0].kind, now + days(720)))
    expiring(part, now, dice)


def expired(part: Part, now: datetime, dice: Random) -> None:
    part.courses.append(Course(FURTHER[part.organization], now - days(dice.uniform(20, 200))))


def back_from_a_pause(part: Part, now: datetime, dice: Random) -> None:
    """Nothing logged for months, but the pause ended only days ago."""
    part.last = now - days(dice.uniform(90, 120))
    part.pauses = [(part.last + days(2), now - days(dice.uniform(2, 5)))]


def paused(part: Part, now: datetime, dice: Random) -> None:
    part.last = now - days(dice.uniform(30, 150))
    part.pauses = [(part.last + days(dice.uniform(1, 10)), None)]


def left(part: Part, now: datetime, dice: Random) -> None:
    part.left_at = now - days(dice.uniform(10, 300))
    part.last = part.left_at - days(dice.uniform(5, 60))


# How many of each; together with the contract's four people, 23 of 148 are told on the first day. The rest are well.
PROGRAMME = {
    OSLO: (
        (silent, 4),
        (expiring, 3),
        (silent_and_expiring, 1),
        (never_logged, 1),
        (silent_and_opted_out, 1),
        (silent_without_reminders, 1),
        (silent_but_talked_to, 1),
        (told_lately, 1),
        (told_today, 1),
        (told_twice_this_week, 1),
        (opted_out, 2),
        (just_joined, 1),
        (renewed, 2),
        (expired, 1),
        (back_from_a_pause, 2),
        (paused, 4),
        (left, 3),
    ),
    BERGEN: (
        (silent_for_bergen, 3),
        (expiring, 2),
        (silent_and_opted_out, 1),
        (silent_but_talked_to, 1),
        (told_lately, 1),
        (opted_out, 1),
        (renewed, 1),
        (back_from_a_pause, 1),
        (paused, 2),
        (left, 2),
    ),
    BOSTON: (
        (silent, 3),
        (expiring, 2),
        (silent_and_expiring, 1),
        (never_logged, 1),
        (expiring_without_reminders, 1),
        (silent_but_talked_to, 1),
        (told_twice_this_week, 1),
        (just_joined, 1),
        (expired, 1),
        (paused, 2),
        (left, 2),
    ),
}
AWAY = (paused, left)
ACTIVE = {OSLO: 68, BERGEN: 44, BOSTON: 36}
