"""A year of activities for one mentor: roughly weekly, thinner in July, and logged late or in lumps, as people do."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from scenarios.models import Activity

from .parts import Part, days
from .places import BOSTON

YEAR = days(365)
# Everybody has something to look back on, however long they have been silent.
AT_LEAST = 8

# Type: (how often, shortest and longest in minutes, slowest and fastest in metres a minute or nothing)
KINDS = {
    "visit": (4, (30, 110), None),
    "phone": (3, (10, 45), None),
    "walk": (2, (30, 90), (60, 85)),
    "group_meeting": (1, (45, 120), None),
    "run": (1, (25, 60), (140, 190)),
    "bike": (1, (40, 110), (230, 330)),
}
WITH_SOMEBODY = {"visit": "in_person", "phone": "phone"}
FLAGS = ("low_mood", "needs_follow_up")


class Logbook:
    """Writes down activities with ids that are never given twice, and never one that a contract posts."""

    def __init__(self, dice: Random):
        self.dice = dice
        self.used = {"act_7e2f9a"}

    def year_of(self, part: Part, mentor_id: int, now: datetime) -> Iterator[Activity]:
        for completed_at in self._instants(part, now):
            yield self._activity(part, mentor_id, completed_at, now)

    def _instants(self, part: Part, now: datetime) -> Iterator[datetime]:
        """Return when something was done, newest first. The latest, and the last before a silence, are exact."""
        instant, silence, count = part.last, part.silence, 0
        while instant and instant > part.joined_at and (count < AT_LEAST or instant > now - YEAR):
            yield instant
            count += 1
            instant = self._week_before(instant)
            if silence and instant < silence[1]:
                instant, silence = silence[0], None

    def _week_before(self, instant: datetime) -> datetime:
        # The same weekday, give or take some hours; sometimes a week is skipped, in July most are.
        weeks = self.dice.choices((1, 2, 3), (2, 3, 6) if instant.month == 7 else (8, 2, 1))[0]
        return instant - days(7 * weeks) + timedelta(minutes=self.dice.randint(-90, 90))

    def _activity(self, part: Part, mentor_id: int, completed_at: datetime, now: datetime) -> Activity:
        dice = self.dice
        kind = part.only or self._kind(part)
        _weight, minutes, pace = KINDS[kind]
        duration = dice.randint(*minutes)
        company = WITH_SOMEBODY.get(kind, "")
        return Activity(
            activity_id=self._id(),
            mentor_id=mentor_id,
            chapter_id=part.chapters[0],
            activity_type=kind,
            completed_at=completed_at,
            recorded_at=self._recorded(completed_at, now),
            duration_seconds=duration * 60,
            distance_meters=10 * round(duration * dice.uniform(*pace) / 10) if pace else None,
            contact_id=f"con_{part.user_id[-4:]}_{dice.randint(1, 4)}" if company else "",
            contact_type=company,
            wellbeing_flags=[dice.choice(FLAGS)] if company and dice.random() < 0.02 else [],
            is_group=kind == "group_meeting",
            participants=dice.randint(3, 14) if kind == "group_meeting" else None,
        )

    def _kind(self, part: Part) -> str:
        weights = [weight for weight, _, _ in KINDS.values()]
        # In Boston they run and ride.
        if part.organization == BOSTON:
            weights = [
                weight if kind not in ("run", "bike") else 4 for kind, weight in zip(KINDS, weights, strict=True)
            ]
        return self.dice.choices(tuple(KINDS), weights)[0]

    def _id(self) -> str:
        while (activity_id := f"act_{self.dice.randrange(16**6):06x}") in self.used:
            pass
        self.used.add(activity_id)
        return activity_id

    def _recorded(self, completed_at: datetime, now: datetime) -> datetime:
        """Return when it was logged: the same day, days later, or in one go with others at the end of a month."""
        how = self.dice.random()
        late = days(self.dice.uniform(0.01, 0.3) if how < 0.6 else self.dice.uniform(1, 6))
        recorded_at = completed_at + late
        if how > 0.9:
            recorded_at = completed_at.replace(day=1, hour=19) + days(32)
        # What is logged in the future isn't there yet; it was logged right away instead.
        return recorded_at if recorded_at < now else completed_at + timedelta(minutes=15)
