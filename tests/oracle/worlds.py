"""Whole worlds: people, the rules of every registered trigger type at every level, and what happens day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from scenarios import triggers

from . import model
from .model import DAILY, ON_ACTIVITY, Frame, days
from .strategies import LONG_AGO, PARAMETERS, THRESHOLDS, Dice, activity, mentor, moments, organization, statements
from .triggers import ORACLES

MOST_MENTORS = 15
FEWEST_MENTORS = 10
COOLDOWNS = (0, 1, 2, 3, 7, 30)
# What the engine is known to get wrong (test_disagreements.py): kept out of the worlds until it is put right.
LEFT_OUT: set[str] = set()
STATES = (*("on",) * 9, *("watching",) * 3, "off", "draft", "retired")
# To which a rule may be changed, whatever became of it since the story began.
NEXT_STATES = {
    "draft": ("on", "watching"),
    "retired": ("retired",),
    **dict.fromkeys(("on", "watching", "off"), ("on", "on", "watching", "off")),
}
DELAYS = (0, 0, 1, 24, 30)
# Without these a rule hardly ever fires on people of so few activities.
ALWAYS = ("counts", "weekly_target")


@dataclass(frozen=True)
class Story:
    """A world, what happens in it, and some activities that may be logged."""

    world: model.World
    steps: tuple[model.Step, ...]
    proposals: tuple[model.Post, ...]
    # In which to look, without anything happening: as of any instant, known earlier or later, decided whenever.
    frames: tuple[Frame, ...] = ()

    def proposals_in_frames(self) -> list[tuple[model.Post, Frame]]:
        """Return the activities, each as known and decided at instants of the frames."""
        return [
            (post, Frame(post.activity.completed_at, frame.known_at, frame.decided_at))
            for post, frame in zip(self.proposals, self.frames, strict=False)
        ]

    def _repr_pretty_(self, printer, cycle) -> None:
        """Stay short: what matters of a world that fails is told by `playing`."""
        printer.text(f"<{len(self.world.mentors)} mentors, {len(self.world.rules)} rules, {len(self.steps)} steps>")


def rule(dice: Dice, number: int, chapters: Sequence[model.Chapter], judged: str) -> model.Rule:
    slug = dice.one_of([slug for slug in ORACLES if judged in triggers.get(slug).judged])
    kind = triggers.get(slug)
    parameters = {
        name: dice.one_of(PARAMETERS[name])
        for name, parameter in kind.parameters.items()
        if parameter.required or name in ALWAYS or dice.seldom(4)
    }
    place = dice.one_of(chapters)
    level = dice.upto(2)
    return model.Rule(
        id=f"rule_{number:02}",
        scenario=f"scenario_{dice.upto(3)}",
        trigger_type=slug,
        judged=judged,
        valid_from=LONG_AGO,
        organization=place.organization if level else None,
        chapter=place.id if level == 2 else None,
        parameters=parameters,
        threshold_days=dice.one_of(dice.thresholds) if kind.needs_threshold else None,
        delay_hours=dice.one_of(DELAYS),
        cooldown_days=dice.one_of(COOLDOWNS),
        priority=dice.one_of((1, 1, 2, 5)),
        state=dice.one_of(STATES),
    )


def rules(dice: Dice, chapters: Sequence[model.Chapter], sorts: Sequence[str]) -> tuple[model.Rule, ...]:
    found: dict[tuple, model.Rule] = {}
    for number in range(12 - dice.upto(6)):
        drawn = rule(dice, number, chapters, dice.one_of(sorts))
        found.setdefault((drawn.scenario, drawn.organization, drawn.chapter), drawn)
    return tuple(found.values())


def frame(dice: Dice, at: datetime) -> Frame:
    """Return the frame of a run: mostly of now; a batch may be late, and a late one may know more."""
    late = at + (timedelta(hours=dice.one_of((1, 30))) if dice.seldom(4) else timedelta(0))
    return Frame(at, late if dice.seldom(3) else at, late)


def step(dice: Dice, at: datetime, story: Story) -> list[model.Step]:
    """Return what happens at an instant; something is always decided."""
    world = story.world
    what = dice.upto(6)
    happening: list[model.Step] = []
    if dice.upto(2):
        # Seldom a clock goes wrong, and the stamp lies in the future.
        settled_at = at + days(dice.one_of((1, 7))) if dice.seldom(6) else at
        happening.append(model.Settle(settled_at, "".join(dice.one_of("tttw-") for _ in range(5))))
    if dice.seldom(5):
        changed = dice.one_of(world.rules)
        changes = {"priority": dice.one_of((1, 3)), "cooldown_days": dice.one_of(COOLDOWNS)}
        changes["state"] = dice.one_of(NEXT_STATES[changed.state])
        if changed.threshold_days:
            changes["threshold_days"] = dice.one_of(dice.thresholds)
        if "counts" in changed.parameters:
            changes["parameters"] = {**changed.parameters, "counts": dice.one_of(PARAMETERS["counts"])}
        happening.append(model.Edit(changed.id, at, changes))
    posts = story.proposals and what in (3, 4)
    if posts:
        happening += [model.Post(p.mentor, p.activity, p.chapter, at) for p in dice.draw(some(story.proposals))]
    elif what >= 5:
        named = tuple(row.id for row in dice.draw(some(world.mentors)))
        happening.append(model.Run(frame(dice, at), named))
    elif dice.seldom(4):
        happening.append(model.Run(Frame(at, at, at), rehearsed=True))
    else:
        happening.append(model.Run(frame(dice, at)))
    if dice.seldom(4):
        # A second run in the same hour, or a double of the first.
        happening.append(model.Run(frame(dice, at + timedelta(minutes=dice.one_of((0, 30))))))
    return happening


def some(rows: Sequence) -> st.SearchStrategy[list]:
    return st.lists(st.sampled_from(rows), min_size=1, max_size=6, unique_by=repr)


def look(dice: Dice, instants: Sequence[datetime]) -> Frame:
    at = dice.edge() if dice.seldom(4) else dice.one_of(instants)
    return Frame(at, dice.edge() if dice.seldom(2) else at, dice.edge())


@st.composite
def stories(draw: Callable, sorts: Sequence[str] = (DAILY, ON_ACTIVITY), length: int = 5, looks: int = 0) -> Story:
    """Draw a world and what happens in it on up to `length` occasions; `sorts` are the kinds of its rules.

    With `looks`, nothing happens: there are so many frames in which to look instead.
    """
    dice = Dice(draw)
    organizations = [organization(dice, n) for n in range(1 + dice.upto(1))]
    zones = sorted({row.zone for row in organizations})
    dice.thresholds = sorted({dice.one_of(THRESHOLDS) for _ in range(2)})
    instants = moments(dice, length - dice.upto(length - 2), zones)
    dice.look_around(instants, zones)
    organizations = [replace(row, statements=statements(dice, row)) for row in organizations]
    chapters = [model.Chapter(f"ch_{n}", organizations[n % len(organizations)].id) for n in range(3)]
    number = MOST_MENTORS - dice.upto(MOST_MENTORS - FEWEST_MENTORS)
    mentors = [mentor(dice, n, organizations, chapters) for n in range(number)]
    world = model.World(tuple(organizations), tuple(chapters), tuple(mentors), rules(dice, chapters, sorts))
    proposals = []
    if ON_ACTIVITY in sorts:
        proposals = [proposal(dice, n, world, stored=bool(looks) and dice.seldom(3)) for n in range(looks or 6)]
    story = Story(world, (), tuple(row for row in proposals if row is not None))
    if looks:
        found = [look(dice, instants) for _ in range(looks)]
        return replace(story, frames=tuple(found))
    return replace(story, steps=tuple(happening for at in instants for happening in step(dice, at, story)))


def proposal(dice: Dice, number: int, world: model.World, *, stored: bool = False) -> model.Post | None:
    """Return an activity that a known mentor may log, posted for a chapter of the mentor's organisation."""
    who = dice.one_of(world.mentors)
    if who.recorded_at != LONG_AGO or (stored and not who.activities):
        return None
    chapters = [chapter for chapter in world.chapters if chapter.organization == who.organization.id]
    drawn = dice.one_of(who.activities) if stored else activity(dice, f"act_new_{number}", recorded_at=LONG_AGO)
    return model.Post(who.id, drawn, dice.one_of(chapters).id, drawn.completed_at)
