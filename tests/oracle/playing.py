"""Let a story happen twice, in the database and in the oracle, and hold the two to each other at every step."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import singledispatchmethod
from itertools import groupby

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings

from scenarios import models, operations, what_if
from scenarios.engine import Logged, Named, Range, active, in_force, judge

from . import model, rows
from .oracle import Oracle, population
from .worlds import LEFT_OUT, Story

EVERYBODY = Range(0, 2**62)

# Long runs draw new worlds every time; without the word the same ones come back on every machine.
ASKED_FOR = int(os.environ.get("ORACLE_EXAMPLES", "0"))
# A failing world takes minutes to be made smaller.
SHRINK = bool(os.environ.get("ORACLE_SHRINK"))


def examples(usual: int) -> settings:
    return settings(
        max_examples=ASKED_FOR or usual,
        derandomize=not ASKED_FOR,
        database=None,
        deadline=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if SHRINK else [])),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


@contextmanager
def clean_tables() -> Iterator[None]:
    """Undo what one example wrote, whether it failed or not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def hold(engine: Iterable, oracle: Iterable, side: Oracle, step: object) -> None:
    """Fail where the two differ, with what happened and what there is to know of the people concerned."""
    engine, oracle = set(engine), set(oracle)
    if engine != oracle:
        said = ["", "engine alone:", *(engine - oracle), "oracle alone:", *(oracle - engine), f"at {step}"]
        names = {row[0] for row in engine ^ oracle if isinstance(row, tuple)}
        said += [mentor for mentor in side.world.mentors if mentor.id in names]
        raise AssertionError("\n".join(map(str, [*said, *side.rules])))


class Player:
    """One world on both sides. `seen` counts what was compared, so that a test can tell that it was not nothing."""

    def __init__(self, story: Story, seen: Counter):
        self.world, self.oracle, self.seen = story.world, Oracle(story.world), seen
        self.mentors = rows.write(story.world)
        self.runs = 0
        seen["examples"] += 1

    def play(self, story: Story) -> None:
        for step in story.steps:
            self.step(step)
        hold(rows.decided(), (row.row for row in self.oracle.decisions), self.oracle, "the end")

    @singledispatchmethod
    def step(self, step: model.Step) -> None:
        raise TypeError(step)

    @step.register
    def _(self, step: model.Run) -> None:
        self.runs += 1
        run_id = f"run_{self.runs}"
        frame = rows.engines(step.frame)
        if step.rehearsed:
            self.rehearse(step)
        share = EVERYBODY if step.named is None else Named([self.mentors[name].pk for name in step.named])
        verdict = operations.decide(share, frame, run_id=run_id)
        weighed = self.oracle.weighed(step.frame, step.named)
        expected = self.oracle.run(step.frame, step.named)
        self.count(expected, len(weighed) * len(self.oracle.in_force(step.frame.known_at)))
        hold(rows.decided(run_id=run_id), (row.row for row in expected), self.oracle, step)
        assert (verdict.weighed, verdict.notified) == (len(weighed), sum(not row.reason for row in expected))
        if step.named is None:
            hold(self.active(step.frame), (row.id for row in weighed), self.oracle, step)
        else:
            self.compare_results(verdict, self.oracle.results(expected, step.frame, step.named))

    @step.register
    def _(self, step: model.Post) -> None:
        mentor, chapter = self.world.mentor(step.mentor), models.Chapter.objects.get(pk=step.chapter)
        proposed = rows.stored(step.activity, self.mentors[step.mentor])
        evaluation = operations.evaluate_activity(proposed, chapter, now=step.at)
        by = self.oracle.on_activities(mentor, step.chapter, step.at)
        place = next(row for row in self.world.chapters if row.id == step.chapter)
        expected = self.oracle.post(mentor, step.activity, place, step.at)
        self.count(expected, len(by))
        assert evaluation.error_message == ""
        hold(rows.decided(evaluation=evaluation.pk), (row.row for row in expected), self.oracle, step)
        assert (evaluation.rules_evaluated, evaluation.triggered_count) == (len(by), len(expected))

    @step.register
    def _(self, step: model.Settle) -> None:
        waiting = models.Decision.objects.filter(outcome="pending")
        keys = ("mentor__user_id", "rule_id", "rule_version__number", "subject", "occasion")
        ids = {tuple(key): pk for pk, *key in waiting.values_list("pk", *keys)}
        pending = sorted((row for row in self.oracle.decisions if row.outcome == "pending"), key=lambda row: row.key)
        hold(ids, (row.key for row in pending), self.oracle, step)
        self.look_again(pending, ids, step)
        for n, row in enumerate(pending):
            fate = step.fates[n % len(step.fates)]
            if fate != "-":
                told = fate == "t"
                operations.settle([ids[row.key]], told=told, reason="" if told else "blackout", now=step.at)
                row.outcome, row.settled_at = "told" if told else "withdrawn", step.at

    def look_again(self, pending: list[model.Decision], ids: dict[tuple, int], step: model.Settle) -> None:
        crowd = "crowds_looked_at_again" not in LEFT_OUT
        for _key, asked in groupby(pending, key=lambda row: crowd or row.key):
            rows_asked = list(asked)
            said = operations.no_longer_due([ids[row.key] for row in rows_asked], now=step.at)
            for row in rows_asked:
                allowed = self.oracle.no_longer_due(row, step.at)
                answer = said.get(ids[row.key])
                self.seen[f"again {answer}"] += 1
                if answer not in (allowed or {None}):
                    hold([(*row.key, answer)], [(*row.key, *allowed)], self.oracle, step)

    def rehearse(self, step: model.Run) -> None:
        """Hold the dry run, too, to what the oracle says."""
        expected = self.oracle.rehearse(step.frame)
        said = [
            (row.user_id, row.version.rule_id, row.version.number, row.subject, row.occasion, row.reason)
            for row in what_if.dry_run(now=step.frame.instant)
        ]
        hold(said, ((*row.key, row.reason) for row in expected), self.oracle, step)

    @step.register
    def _(self, step: model.Edit) -> None:
        rule = models.Rule.objects.get(pk=step.rule)
        for name, value in step.changes.items():
            setattr(rule, name, value)
        before = rule.versions.count()
        operations.save_rule(rule, now=step.at)
        # To save what a rule says already is no edit.
        if rule.versions.count() > before:
            self.oracle.edit(step)

    def active(self, frame: model.Frame) -> set[str]:
        return set(active(frame.instant, frame.known_at).values_list("user_id", flat=True))

    def compare_results(self, verdict: operations.Verdict, allowed: dict[str, set[tuple]]) -> None:
        names = {row.pk: name for name, row in self.mentors.items()}
        said = {names[pk]: (row.trigger_type, row.notified, row.reason) for pk, row in verdict.results.items()}
        assert said.keys() == allowed.keys()
        for name, answer in said.items():
            left, learnt = self.world.mentor(name).left_at, self.world.mentor(name).left_recorded_at
            if left != learnt and "results_of_leavings_learnt_later" in LEFT_OUT:
                continue
            assert answer in allowed[name], name

    def count(self, expected: list[model.Decision], judgements: int) -> None:
        self.seen["judgements"] += judgements
        self.seen["decisions"] += len(expected)
        self.seen.update(f"reason {row.reason or 'none'}" for row in expected)
        self.seen.update(f"fired {row.hit.rule.trigger_type} {row.hit.rule.judged}" for row in expected)

    def look(self, story: Story) -> None:
        """Compare every frame and every activity of the story, before anything has happened."""
        for frame in story.frames:
            self.compare_frame(frame)
        for post, frame in story.proposals_in_frames():
            self.compare_activity(post, frame)

    def compare_frame(self, frame: model.Frame) -> None:
        """Compare who is active and what fires on them, in a frame that need not be of any run."""
        expected = self.oracle.fired_daily(population(self.world.mentors, frame), frame)
        engines = judge(in_force(frame.known_at), EVERYBODY, rows.engines(frame))
        self.seen["judgements"] += len(self.world.mentors) * len(self.oracle.in_force(frame.known_at))
        hold(self.active(frame), (row.id for row in population(self.world.mentors, frame)), self.oracle, frame)
        hold(self.named(engines), map(named, expected), self.oracle, frame)
        self.seen.update(f"fired {hit.rule.trigger_type} {hit.rule.judged}" for hit in expected)

    def compare_activity(self, post: model.Post, frame: model.Frame) -> None:
        """Compare what fires on an activity that is in no table; the wall clock of the frame plays no part."""
        proposed = rows.stored(post.activity, self.mentors[post.mentor])
        share = Logged(proposed.mentor_id, proposed, post.chapter)
        engines = judge(in_force(frame.known_at), share, rows.engines(frame))
        mentor = self.world.mentor(post.mentor)
        expected = self.oracle.fired_on(mentor, post.activity, post.chapter, frame)
        self.seen["judgements"] += len(self.oracle.on_activities(mentor, post.chapter, frame.known_at))
        hold(self.named(engines), map(named, expected), self.oracle, (post, frame))
        self.seen.update(f"fired {hit.rule.trigger_type} {hit.rule.judged}" for hit in expected)

    def named(self, hits) -> set[tuple]:
        names = {row.pk: name for name, row in self.mentors.items()}
        rules = dict(models.RuleVersion.objects.values_list("pk", "rule_id"))
        found = zip(hits.mentor_ids, hits.version_ids, hits.subjects, hits.occasions, strict=True)
        return {(names[pk], rules[version], subject, occasion) for pk, version, subject, occasion in found}


def named(hit: model.Hit) -> tuple:
    return hit.mentor.id, hit.rule.id, hit.subject, hit.occasion
