"""Say in a terminal what a run came to: counts by trigger and reason, and some decisions, each as a sentence.

People appear under their ids alone.
"""

from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import NamedTuple

from django.db.models import Count, Min
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Notification
from scenarios import triggers
from scenarios.engine import explain, reason_sentence
from scenarios.models import Decision
from scenarios.models.decisions import Reason
from scheduler.models import Batch, Run

EXAMPLES = 6
LINE = 100
Outcome = Decision.Outcome


class Group(NamedTuple):
    """The decisions of one run that went the same way."""

    trigger_type: str
    reason: str
    outcome: str
    outcome_reason: str
    number: int
    first: int

    @property
    def order(self) -> tuple:
        """Told ones first, the others in the order in which the gates are asked."""
        return (bool(self.reason), self.outcome == Outcome.WITHDRAWN, _place(self.reason), _place(self.outcome_reason))

    @property
    def words(self) -> str:
        if self.reason:
            return _("not told: %(reason)s") % {"reason": reason_sentence(self.reason)}
        if self.outcome == Outcome.WITHDRAWN:
            return _("withdrawn: %(reason)s") % {"reason": reason_sentence(self.outcome_reason)}
        return _("told") if self.outcome == Outcome.TOLD else _("to be told")


def _place(reason: str) -> int:
    return Reason.values.index(reason) if reason in Reason.values else -1


def lines(run: Run, seconds: float) -> Iterator[str]:
    """Return the account of a run that took so many seconds from its start to its close."""
    groups = _groups(run)
    yield ""
    yield from _table(_summary(run, seconds))
    if groups:
        yield ""
        yield from _counts(groups)
        yield ""
        yield from _table(_examples(groups))


def _summary(run: Run, seconds: float) -> Iterator[tuple[str, str]]:
    sizes = list(run.batches.order_by("index").values_list("user_count", flat=True))
    shown = " + ".join(map(_number, sizes)) if 1 < len(sizes) <= 5 else ""
    batches = ngettext("%(count)s batch", "%(count)s batches", len(sizes)) % {"count": _number(len(sizes))}
    yield _("Run"), f"{run.pk} · {run.get_status_display()}"
    if run.error_message:
        yield "", run.error_message
    for error in sorted(set(run.batches.filter(status=Batch.Status.FAILED).values_list("last_error", flat=True))):
        yield "", error
    yield (
        _("Weighed"),
        ngettext("%(count)s peer mentor in %(batches)s", "%(count)s peer mentors in %(batches)s", run.users_evaluated)
        % {"count": _number(run.users_evaluated), "batches": batches}
        + (f" ({shown})" if shown else ""),
    )
    yield _("Of these"), _shares(run)
    yield _("Delivered"), _delivered(run)
    yield (
        _("Speed"),
        _("%(rate)s mentors a second (%(seconds)s s)")
        % {"rate": _number(round(run.users_evaluated / seconds)), "seconds": formats.number_format(seconds, 2)},
    )


def _shares(run: Run) -> str:
    decided = Decision.objects.filter(run_id=run.pk).aggregate(Count("mentor", distinct=True))["mentor__count"]
    # Appended batches may have weighed somebody twice.
    left_alone = max(0, decided - run.notifications_dispatched)
    return _("%(told)s to be told, %(alone)s left alone for a reason, %(quiet)s without an occasion") % {
        "told": _number(run.notifications_dispatched),
        "alone": _number(left_alone),
        "quiet": _number(max(0, run.users_evaluated - decided)),
    }


def _delivered(run: Run) -> str:
    messages = Notification.objects.filter(decision__run_id=run.pk)
    counts = dict(messages.order_by().values_list("status").annotate(Count("pk")))
    sent = counts.pop(Notification.Status.SENT, 0)
    text = ngettext("%(count)s message", "%(count)s messages", sent) % {"count": _number(sent)}
    others = [f"{_number(count)} {Notification.Status(status).label}" for status, count in sorted(counts.items())]
    return "; ".join([text, *others])


def _groups(run: Run) -> list[Group]:
    rows = (
        Decision.objects.filter(run_id=run.pk)
        .order_by()
        .values_list("rule_version__trigger_type", "reason", "outcome", "outcome_reason")
        .annotate(Count("pk"), Min("pk"))
    )
    return sorted((Group(*row) for row in rows), key=lambda group: (group.trigger_type, group.order))


def _counts(groups: list[Group]) -> Iterator[str]:
    rows: list[tuple[str, int | None, str]] = []
    for trigger_type in dict.fromkeys(group.trigger_type for group in groups):
        rows.append((_label(trigger_type), None, trigger_type))
        rows += [
            (f"  {group.words}", group.number, group.reason or group.outcome_reason)
            for group in groups
            if group.trigger_type == trigger_type
        ]
    wide = max(len(words) for words, _count, _code in rows)
    high = max(len(_number(count)) for _words, count, _code in rows if count is not None)
    for words, count, code in rows:
        number = "" if count is None else _number(count)
        yield f"  {words:<{wide}}  {number:>{high}}  {code}".rstrip()


def _label(trigger_type: str) -> str:
    return str(triggers.get(trigger_type).label) if trigger_type in triggers.registry else trigger_type


def _examples(groups: list[Group]) -> Iterator[tuple[str, str]]:
    """Return one decision of each kind, those that were told first, and no reason twice while there are others."""
    told = [group for group in groups if not group.reason]
    held_back = {group.reason: group for group in reversed(groups) if group.reason}
    chosen = (told + sorted(held_back.values(), key=lambda group: group.order))[:EXAMPLES]
    decisions = Decision.objects.select_related("rule_version", "organization", "mentor").in_bulk(
        [group.first for group in chosen]
    )
    for group in chosen:
        decision = decisions[group.first]
        yield decision.mentor.user_id, explain(decision)


def _number(count: int) -> str:
    return formats.number_format(count, force_grouping=True)


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return two columns, the second one broken into lines."""
    rows = list(rows)
    indent = max(len(name) for name, _text in rows) + 4
    for name, text in rows:
        yield fill(text, LINE, initial_indent=f"  {name}".ljust(indent), subsequent_indent=" " * indent)
