"""When each trigger type fires, in plain Python, from the words of the design's table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from .model import ON_ACTIVITY, Activity, Certification, Frame, Mentor, Rule, days


@dataclass(frozen=True)
class Sight:
    """What can be seen of one mentor in a frame; `judged` is the activity that is judged, where one is."""

    mentor: Mentor
    frame: Frame
    judged: Activity | None = None
    logged: tuple[Activity, ...] = ()
    # The occasions of the mentor that were told or wait to be, as (rule, occasion).
    told: frozenset[tuple[str, str]] = frozenset()

    @property
    def instant(self) -> datetime:
        return self.frame.instant

    def activities(self, rule: Rule | None = None) -> list[Activity]:
        """Return the activities up to the instant, without the judged one itself; those that match the rule's filters.

        Another one that was completed at the very same instant counts as before.
        """
        own = self.judged.id if self.judged else None
        return [
            activity
            for activity in self.mentor.activities + self.logged
            if activity.known(self.frame.known_at)
            and activity.completed_at <= self.instant
            and activity.id != own
            and (rule is None or passes_filters(activity, rule))
        ]

    def certifications(self) -> list[Certification]:
        return [
            certification
            for certification in self.mentor.certifications
            if certification.known(self.frame.known_at)
            and (certification.issued_at is None or certification.issued_at <= self.instant)
        ]

    def clock_starts(self, activities: Iterable[Activity]) -> datetime:
        """Return the last of the activities; at the earliest joining, the end of the last pause, or our knowledge."""
        pause_ends = [
            pause.ends_at
            for pause in self.mentor.pauses
            if pause.known(self.frame.known_at) and pause.ends_at is not None and pause.ends_at <= self.instant
        ]
        known_from = self.mentor.known_from(self.frame.known_at)
        return max(
            [self.mentor.joined_at, known_from, *pause_ends, *(activity.completed_at for activity in activities)]
        )


# What fires, as the subjects with their occasions; an empty occasion is the usual one, of the day or the activity.
Fired = dict[str, str]
Oracle = Callable[[Sight, Rule], Fired]
ORACLES: dict[str, Oracle] = {}


def oracle(slug: str) -> Callable[[Oracle], Oracle]:
    def keep(function: Oracle) -> Oracle:
        ORACLES[slug] = function
        return function

    return keep


def on_mentor(fires: bool, occasion: str = "") -> Fired:
    return {"": occasion} if fires else {}


def passes_filters(activity: Activity, rule: Rule) -> bool:
    """Tell whether the activity is of the rule's sort. A missing field is no match; minutes include both ends."""
    kinds, contacts = rule.given("activity_types"), rule.given("contact_types")
    least, most = rule.given("min_minutes"), rule.given("max_minutes")
    if kinds and activity.kind not in kinds:
        return False
    if contacts and "*" not in contacts and activity.contact_type not in contacts:
        return False
    if least is not None and (activity.seconds is None or activity.seconds < least * 60):
        return False
    return most is None or (activity.seconds is not None and activity.seconds <= most * 60)


def threshold(rule: Rule) -> int:
    assert rule.threshold_days is not None
    return rule.threshold_days


def judged_of_this_sort(sight: Sight, rule: Rule) -> Activity | None:
    return sight.judged if sight.judged and passes_filters(sight.judged, rule) else None


@oracle("inactivity")
def inactivity(sight: Sight, rule: Rule) -> Fired:
    return on_mentor(sight.instant - sight.clock_starts(sight.activities()) >= days(threshold(rule)))


@oracle("activity_missed")
def activity_missed(sight: Sight, rule: Rule) -> Fired:
    """Judged on an activity, only one of the rule's sort is judged: a phone call says nothing of missed runs."""
    if rule.judged == ON_ACTIVITY and not judged_of_this_sort(sight, rule):
        return {}
    return on_mentor(sight.instant - sight.clock_starts(sight.activities(rule)) >= days(threshold(rule)))


@oracle("certification_expiry")
def certification_expiry(sight: Sight, rule: Rule) -> Fired:
    """Of two of one kind that expire at the same instant, the one that was entered last is looked at."""
    latest: dict[str, Certification] = {}
    for certification in sight.certifications():
        other = latest.get(certification.kind)
        if other is None or certification.expires_at >= other.expires_at:
            latest[certification.kind] = certification
    return {
        certification.id: ""
        for certification in latest.values()
        if days(0) <= certification.expires_at - sight.instant <= days(threshold(rule))
    }


@oracle("below_weekly_target")
def below_weekly_target(sight: Sight, rule: Rule) -> Fired:
    counted = rule.given("amount", "distance")
    target = sight.mentor.targets.get(counted)
    if target is None:
        target = rule.given("weekly_target")
    if target is None:
        return {}
    window = days(threshold(rule))
    activities = [row for row in sight.activities(rule) if sight.instant - row.completed_at < window]
    if rule.judged == ON_ACTIVITY:
        own = judged_of_this_sort(sight, rule)
        if own is None or sight.instant - sight.mentor.known_from(sight.frame.known_at) < window:
            return {}
        activities.append(own)
    elif sight.instant - sight.clock_starts([]) < window:
        # Who hasn't been there for the whole window had no chance to reach anything in it.
        return {}
    amount = {
        "distance": Fraction(sum(row.metres or 0 for row in activities)),
        "minutes": Fraction(sum(row.seconds or 0 for row in activities), 60),
        "count": Fraction(len(activities)),
    }[counted]
    wanted = Fraction(target * rule.given("threshold_percent", 100), 100) * Fraction(threshold(rule), 7)
    return on_mentor(amount < wanted)


@oracle("milestone")
def milestone(sight: Sight, rule: Rule) -> Fired:
    """The highest that is reached; one that was told, or is lower than one that was told, is behind the mentor."""
    date = sight.mentor.organization.date
    year = date(sight.instant).year
    reached = sum(date(activity.completed_at).year == year for activity in sight.activities(rule))
    behind = [0]
    for rule_id, occasion in sight.told:
        if rule_id == rule.id and occasion.startswith(f"{year}:"):
            behind.append(int(occasion.split(":")[1]))
    ahead = [step for step in rule.given("counts", (50, 100, 200)) if max(behind) < step <= reached]
    return on_mentor(bool(ahead), f"{year}:{max(ahead, default=0)}")


@oracle("activity_completed")
def activity_completed(sight: Sight, rule: Rule) -> Fired:
    """The first of its sort is the first that passes everything that the rule asks for, the distance too."""
    least = rule.given("min_distance_meters")

    def passes(activity: Activity) -> bool:
        return least is None or (activity.metres is not None and activity.metres >= least)

    own = judged_of_this_sort(sight, rule)
    first = not any(map(passes, sight.activities(rule)))
    return on_mentor(own is not None and passes(own) and (first or not rule.given("first_only", False)))


@oracle("first_contact")
def first_contact(sight: Sight, rule: Rule) -> Fired:
    """The earlier ones count whatever their sort was: the person was met before."""
    own = judged_of_this_sort(sight, rule)
    met = {activity.contact_id for activity in sight.activities()}
    return on_mentor(own is not None and own.contact_id != "" and own.contact_id not in met)


@oracle("long_session")
def long_session(sight: Sight, rule: Rule) -> Fired:
    own = judged_of_this_sort(sight, rule)
    least = rule.given("min_duration_minutes", 60) * 60
    return on_mentor(own is not None and own.seconds is not None and own.seconds >= least)


@oracle("wellbeing_flag")
def wellbeing_flag(sight: Sight, rule: Rule) -> Fired:
    own = judged_of_this_sort(sight, rule)
    enough = all if rule.given("mode", "any") == "all" else any
    return on_mentor(own is not None and enough(flag in own.flags for flag in rule.given("flags")))


@oracle("group_activity")
def group_activity(sight: Sight, rule: Rule) -> Fired:
    own = judged_of_this_sort(sight, rule)
    least = rule.given("min_participants")
    if own is None or own.is_group is not True:
        return {}
    return on_mentor(least is None or (own.participants is not None and own.participants >= least))
