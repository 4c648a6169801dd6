"""Who must hear what: said once more in plain Python, from the fixture alone.

It reads no table and calls nothing of the product. A key is who hears, by which rule, and what about: (user, rule,
occasion). The occasion is the local date of the run, or the activity.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from tests.chaos.world import DAILY_RULES, HUMAN_CONTACT_DAYS, LONG_SECONDS, LONG_VISIT, DailyRule, Mentor, Visit

Key = tuple[str, str, str]


class Oracle:
    """Remembers what was told, since that is what a cooldown is about."""

    def __init__(self) -> None:
        self.told_on: dict[tuple[str, str], date] = {}

    def daily(self, mentors: Iterable[Mentor], slot: datetime) -> set[Key]:
        """Return who hears of the run of this slot, and remember it as told that day."""
        told = {}
        for mentor in mentors:
            rule = self.winner(mentor, slot)
            if rule is not None:
                told[mentor.user_id, rule.id] = slot.astimezone(mentor.zone).date()
        self.told_on |= told
        return {(user_id, rule_id, day.isoformat()) for (user_id, rule_id), day in told.items()}

    def in_mid_run(self, mentors: Sequence[Mentor], slot: datetime) -> tuple[set[Key], set[Key]]:
        """Return who must and who may hear of the next slot, when the clock jumps to it before all of today was told.

        A cooldown counts from the day on which somebody was told, so what was told last has two answers.
        """
        late = Oracle()
        for (user_id, rule_id), day in self.told_on.items():
            late.told_on[user_id, rule_id] = day + timedelta(days=1) if day == max(self.told_on.values()) else day
        must, may = late.daily(mentors, slot), self.daily(mentors, slot)
        return must & may, must | may

    def winner(self, mentor: Mentor, slot: datetime) -> DailyRule | None:
        if not may_hear(mentor, "inactivity", slot):
            return None
        firing = [rule for rule in DAILY_RULES if fires(rule, mentor, slot) and not self.cools_down(rule, mentor, slot)]
        return min(firing, key=lambda rule: rule.priority, default=None)

    def cools_down(self, rule: DailyRule, mentor: Mentor, slot: datetime) -> bool:
        last = self.told_on.get((mentor.user_id, rule.id))
        return last is not None and (slot.astimezone(mentor.zone).date() - last).days < rule.cooldown_days

    def visits(self, mentors: dict[str, Mentor], visits: Iterable[Visit], now: datetime) -> set[Key]:
        """Return who hears of the activities that they log now."""
        return {
            (visit.user_id, LONG_VISIT, visit.id)
            for visit in visits
            if visit.seconds >= LONG_SECONDS and may_hear(mentors[visit.user_id], "activity_completed", now)
        }


def fires(rule: DailyRule, mentor: Mentor, slot: datetime) -> bool:
    ended_pauses = [ends for _starts, ends in mentor.pauses if ends <= slot]
    since = max(mentor.joined_at, mentor.last_activity, *ended_pauses)
    return slot - since >= timedelta(days=rule.idle_days)


def may_hear(mentor: Mentor, trigger_type: str, at: datetime) -> bool:
    """Is the mentor there, and hasn't asked for quiet, nor just been talked to?"""
    has_left = mentor.left_at is not None and mentor.left_at <= at
    is_paused = any(starts <= at < ends for starts, ends in mentor.pauses)
    wants_quiet = bool(mentor.opted_out_of & {"", trigger_type})
    today = at.astimezone(mentor.zone).date()
    days_since = [(today - talk.astimezone(mentor.zone).date()).days for talk in mentor.talked_to_at]
    was_talked_to = any(days < HUMAN_CONTACT_DAYS for days in days_since)
    return mentor.joined_at <= at and not (has_left or is_paused or wants_quiet or was_talked_to)
