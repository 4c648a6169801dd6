"""The decision engine a second time, in plain Python from the design's words: slow, naive, and easy to read.

It shares nothing with `scenarios`: people and rules are `model`'s plain values, earlier decisions its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .model import DAILY, ON_ACTIVITY, Activity, Chapter, Decision, Edit, Frame, Hit, Mentor, Rule, World, days
from .triggers import ORACLES, Sight

NOTHING = "no_scenario_triggered"


def population(mentors: Iterable[Mentor], frame: Frame) -> list[Mentor]:
    """Return the active: joined, not left, not paused at the instant, as far as was known."""
    return [
        mentor
        for mentor in known_by_name(mentors, frame)
        if not mentor.has_left(frame.instant, frame.known_at) and not mentor.is_paused(frame.instant, frame.known_at)
    ]


def known_by_name(mentors: Iterable[Mentor], frame: Frame) -> list[Mentor]:
    """Return those whom a caller may name: everybody who had joined and was known."""
    return [row for row in mentors if row.joined_at <= frame.instant and row.recorded_at <= frame.known_at]


def rank(rule: Rule) -> int:
    return 2 if rule.chapter else 1 if rule.organization else 0


def applying(rules: Iterable[Rule], organization: str, chapters: set[str]) -> list[Rule]:
    """Return the rules for somebody of these chapters: of one scenario the most specific alone.

    A rule that only watches replaces no wider one.
    """
    holding = [
        rule
        for rule in rules
        if (rule.chapter in chapters if rule.chapter else rule.organization in (None, organization))
    ]
    narrowest: dict[str, int] = {}
    for rule in (rule for rule in holding if rule.state == "on"):
        narrowest[rule.scenario] = max(rank(rule), narrowest.get(rule.scenario, 0))
    return [rule for rule in holding if rank(rule) >= narrowest.get(rule.scenario, 0)]


@dataclass
class Oracle:
    """A world, and what has happened in it so far."""

    world: World
    rules: list[Rule] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    logged: dict[str, tuple[Activity, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = list(self.world.rules)

    def in_force(self, known_at: datetime) -> list[Rule]:
        return [rule for rule in self.rules if rule.in_force(known_at)]

    def fired_daily(self, mentors: Iterable[Mentor], frame: Frame) -> list[Hit]:
        """Return what fires of the daily rules; the occasion is the local date of the slot."""
        rules = self.in_force(frame.known_at)
        hits = []
        for mentor in mentors:
            chapters = mentor.chapters(frame.instant, frame.known_at)
            sight = self.sight(mentor, frame)
            today = mentor.organization.date(frame.instant).isoformat()
            for rule in applying(rules, mentor.organization.id, chapters):
                if rule.judged == DAILY:
                    fired = ORACLES[rule.trigger_type](sight, rule)
                    hits += [Hit(mentor, rule, key, occasion or today) for key, occasion in fired.items()]
        return hits

    def sight(
        self, mentor: Mentor, frame: Frame, judged: Activity | None = None, without: Decision | None = None
    ) -> Sight:
        told = frozenset(
            (row.hit.rule.id, row.hit.occasion)
            for row in self.decisions
            if row.hit.mentor.id == mentor.id
            and row is not without
            and row.stands
            and row.frame.decided_at <= frame.known_at
            and row.frame.instant <= frame.instant
        )
        return Sight(mentor, frame, judged, self.logged.get(mentor.id, ()), told)

    def on_activities(self, mentor: Mentor, chapter: str, known_at: datetime) -> list[Rule]:
        """Return the rules that an activity of the mentor is judged by: the posted chapter counts, and no other."""
        rules = applying(self.in_force(known_at), mentor.organization.id, {chapter})
        return [rule for rule in rules if rule.judged == ON_ACTIVITY]

    def fired_on(self, mentor: Mentor, activity: Activity, chapter: str, frame: Frame) -> list[Hit]:
        """Return what fires on one activity, stored or not."""
        sight = self.sight(mentor, frame, activity)
        return [
            Hit(mentor, rule, key, occasion or activity.id)
            for rule in self.on_activities(mentor, chapter, frame.known_at)
            for key, occasion in ORACLES[rule.trigger_type](sight, rule).items()
        ]

    def no_longer_due(self, row: Decision, now: datetime) -> set[str]:
        """Return every reason for which a waiting decision must not be told any more.

        A daily rule is measured in the frame of now, one on an activity at its instant with what is known now; then
        the person. Which of several reasons is given isn't said.
        """
        hit, mentor = row.hit, row.hit.mentor
        frame = Frame(now if row.run else row.frame.instant, now, now)
        judged = None if row.run else next(act for act in self.logged[mentor.id] if act.id == hit.occasion)
        found = {self.personal(hit, now)} - {""}
        # The version that decided stands for its rule; the others are as they are now.
        rules = [rule for rule in self.in_force(now) if rule.id != hit.rule.id] + [hit.rule]
        chapters = mentor.chapters(now, now) if row.chapter is None else {row.chapter}
        applies = hit.rule in applying(rules, mentor.organization.id, chapters)
        if not applies or hit.subject not in ORACLES[hit.rule.trigger_type](
            self.sight(mentor, frame, judged, without=row), hit.rule
        ):
            found.add("no_longer_true")
        if next(rule for rule in self.rules if rule.id == hit.rule.id and rule.valid_until is None).state != "on":
            found.add("rule_disabled")
        if now - row.scheduled_for > days(7):
            found.add("stale")
        return found

    def run(self, frame: Frame, named: Iterable[str] | None = None) -> list[Decision]:
        return self.decide(self.fired_daily(self.weighed(frame, named), frame), frame)

    def rehearse(self, frame: Frame) -> list[Decision]:
        """Return what a run would decide, and forget it."""
        before = len(self.decisions)
        made = self.run(frame)
        del self.decisions[before:]
        return made

    def weighed(self, frame: Frame, named: Iterable[str] | None = None) -> list[Mentor]:
        if named is None:
            return population(self.world.mentors, frame)
        return known_by_name(map(self.world.mentor, named), frame)

    def post(self, mentor: Mentor, activity: Activity, chapter: Chapter, now: datetime) -> list[Decision]:
        """Log an activity, once, and judge it: facts as of its instant, as known now, told or not by the clock."""
        before = self.logged.get(mentor.id, ())
        if activity.id not in {row.id for row in before}:
            self.logged[mentor.id] = (*before, replace(activity, recorded_at=now))
        frame = Frame(activity.completed_at, now, now)
        return self.decide(self.fired_on(mentor, activity, chapter.id, frame), frame, chapter.id)

    def edit(self, edit: Edit) -> None:
        current = next(row for row in self.rules if row.id == edit.rule and row.valid_until is None)
        self.rules.remove(current)
        self.rules += [replace(current, valid_until=edit.at), edit.apply(current)]

    def decide(self, hits: list[Hit], frame: Frame, chapter: str | None = None) -> list[Decision]:
        """Return one decision for each hit, and keep them."""
        reasons = [self.held_back(hit, frame.decided_at) for hit in hits]
        winners: dict[str, int] = {}
        # The smallest priority number, ties by id; of one rule's certifications the smallest id.
        order = sorted(range(len(hits)), key=lambda n: (hits[n].rule.priority, hits[n].rule.id, hits[n].subject))
        for n in order:
            if not reasons[n]:
                reasons[n] = "outranked" if hits[n].mentor.id in winners else ""
                if not reasons[n] and hits[n].rule.state == "on":
                    winners[hits[n].mentor.id] = n
        for n, hit in enumerate(hits):
            if not reasons[n] and (self.is_capped(hit.mentor, frame.decided_at) or self.is_too_soon(hit, frame)):
                reasons[n] = "frequency_capped"
            if not reasons[n] and hit.rule.state == "watching":
                # It would have been sent, were the rule on.
                reasons[n] = "watching"
        made = [
            Decision(
                hit,
                frame,
                chapter,
                reason,
                frame.instant + timedelta(hours=hit.rule.delay_hours),
                "" if reason else "pending",
            )
            for hit, reason in zip(hits, reasons, strict=True)
        ]
        self.decisions += made
        return made

    def held_back(self, hit: Hit, now: datetime) -> str:
        """Return the first gate that holds a hit back by itself; empty where none does."""
        return self.personal(hit, now) or self.historical(hit, now)

    def personal(self, hit: Hit, now: datetime) -> str:
        mentor, organization = hit.mentor, hit.mentor.organization
        if mentor.has_left(now, now):
            return "mentor_left"
        if mentor.is_paused(now, now):
            return "mentor_paused"
        if any(row.known(now) and row.trigger_type in ("", hit.rule.trigger_type) for row in mentor.opt_outs):
            return "user_opted_out"
        today = organization.date(now)
        for talk in mentor.conversations:
            if talk.known(now) and talk.contacted_at <= now:
                ago = (today - organization.date(talk.contacted_at)).days
                if ago < organization.human_contact_days:
                    return "human_contact"
        return ""

    def historical(self, hit: Hit, now: datetime) -> str:
        """Return which earlier decision of this mentor holds the hit back."""
        standing = [row for row in self.decisions if row.hit.mentor.id == hit.mentor.id and row.stands]
        date = hit.mentor.organization.date
        if any(
            (row.hit.rule.id, row.hit.subject, row.hit.occasion) == (hit.rule.id, hit.subject, hit.occasion)
            for row in standing
        ):
            return "already_told"
        alike = [
            row for row in standing if (row.hit.rule.scenario, row.hit.subject) == (hit.rule.scenario, hit.subject)
        ]
        # One that lies in the future (a clock went wrong, or it is still to come) holds back too.
        if any((date(now) - date(row.told_at)).days < hit.rule.cooldown_days for row in alike):
            return "cooldown_active"
        # The runs of one local day are one telling.
        if hit.rule.judged == DAILY and any(row.run and date(row.frame.decided_at) == date(now) for row in standing):
            return "outranked"
        return ""

    def is_capped(self, mentor: Mentor, now: datetime) -> bool:
        heard = [row for row in self.decisions if row.hit.mentor.id == mentor.id and row.stands]
        return sum(row.told_at > now - days(7) for row in heard) >= mentor.organization.weekly_cap

    def is_too_soon(self, hit: Hit, frame: Frame) -> bool:
        """Tell whether a message of a run is planned too close to another one, by the clocks on the wall there.

        Ten minutes are forgiven. What answers an activity neither waits nor makes wait.
        """
        if hit.rule.judged != DAILY:
            return False
        organization = hit.mentor.organization
        zone = ZoneInfo(organization.zone)
        apart = timedelta(hours=organization.hours_between) - timedelta(minutes=10)

        def on_the_wall(at: datetime) -> datetime:
            return at.astimezone(zone).replace(tzinfo=None)

        planned = on_the_wall(frame.instant + timedelta(hours=hit.rule.delay_hours))
        return any(
            abs(on_the_wall(row.scheduled_for) - planned) < apart
            for row in self.decisions
            if row.hit.mentor.id == hit.mentor.id and row.stands and row.run
        )

    def results(self, decided: list[Decision], frame: Frame, named: Iterable[str]) -> dict[str, set[tuple]]:
        """Return what may be said of each mentor that a caller named, as (trigger type, notified, reason).

        The winner, or else the first that was held back: of several certifications under one rule any may speak.
        """
        said: dict[str, set[tuple]] = {}
        for mentor in known_by_name(map(self.world.mentor, named), frame):
            mine = [row for row in decided if row.hit.mentor.id == mentor.id]
            if mine:
                first = min(mine, key=lambda row: (bool(row.reason), row.hit.rule.priority, row.hit.rule.id))
                said[mentor.id] = {
                    (row.hit.rule.trigger_type, not row.reason, row.reason)
                    for row in mine
                    if row.hit.rule.id == first.hit.rule.id and bool(row.reason) == bool(first.reason)
                }
            else:
                now = frame.decided_at
                left, paused = mentor.has_left(now, now), mentor.is_paused(now, now)
                said[mentor.id] = {(None, False, "mentor_left" if left else "mentor_paused" if paused else NOTHING)}
        return said
