"""From a due decision to a message that waits to be sent."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from scenarios import operations
from scenarios.models import Clearance, Decision, Switch
from scenarios.models.decisions import Reason

from ..models import Notification, Variant
from .ways import Ways
from .wording import Wordings, current_chapters, write

log = logging.getLogger(__name__)

# A decision without words waits for staff to approve some, but not for ever: it keeps its occasion taken.
WORDS_AWAITED = timedelta(days=7)


def prepare(*, now: datetime, limit: int = 500) -> int:
    """Write a message for each due decision, at most `limit`; return how many messages that were.

    What must not be told any more is withdrawn. Decisions without an approved wording wait: see `wordless`.
    """
    written, _withdrawn = prepare_or_withdraw(now=now, limit=limit)
    return written


def prepare_or_withdraw(*, now: datetime, limit: int) -> tuple[int, int]:
    """Prepare, and return how many decisions became messages and how many were withdrawn."""
    due = _due(now)
    if not due.exists():
        return 0, 0
    wordings = _approved()
    with transaction.atomic():
        decisions = _take(due, wordings, now, limit)
        messages, reasons = _sort(decisions, wordings, now)
        withdraw(reasons, now)
        # Another sender may have been here in the same moment: then the decision has its message already.
        Notification.objects.bulk_create(messages, ignore_conflicts=True)
    if not decisions:
        _complain_of_missing_words(now)
    return len(messages), len(reasons)


def _sort(
    decisions: Sequence[Decision], wordings: Wordings, now: datetime
) -> tuple[list[Notification], dict[int, str]]:
    """Return the messages to be, and for each other decision the reason why it has none."""
    reasons = operations.no_longer_due([decision.pk for decision in decisions], now=now)
    writer = Writer([decision for decision in decisions if decision.pk not in reasons], wordings, now)
    messages = []
    for decision in writer.decisions:
        message = writer.write(decision)
        if isinstance(message, Notification):
            messages.append(message)
        else:
            reasons[decision.pk] = message
    return messages, reasons


class Writer:
    """Writes the messages of many decisions; what it must know of their mentors is read once for all."""

    def __init__(self, decisions: Sequence[Decision], wordings: Wordings, now: datetime):
        self.decisions, self.wordings, self.now = decisions, wordings, now
        self.ways = Ways(decision.organization_id for decision in decisions)
        self.chapters = current_chapters((decision.mentor_id for decision in decisions), now)

    def write(self, decision: Decision) -> Notification | str:
        """Return the message, or the reason why there can't be one."""
        channel = self.ways.choose(decision.organization_id, decision.mentor)
        if channel is None:
            return Reason.NO_CHANNEL.value
        contact = decision.mentor.contact
        variant = self.wordings.choose(decision.rule_version.prompt_template_id, contact.language)
        if variant is None:
            return Reason.STALE.value
        try:
            subject, body = write(decision, contact, self.chapters.get(decision.mentor_id), variant)
        except Exception as error:  # one odd reading must not silence everybody else
            log.error("no message could be written for decision %s: %s", decision.pk, type(error).__name__)
            return Reason.EVALUATION_ERROR.value
        return Notification(
            decision=decision,
            mentor=decision.mentor,
            channel=channel,
            variant=variant,
            language=variant.language,
            subject=subject,
            body=body,
            created_at=self.now,
            due_at=self.now,
            message_id=message_id(decision),
        )


def message_id(decision: Decision) -> str:
    """Return the same ID whenever asked. The instant is in it because numbers start anew in a restored database."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<decision-{decision.pk}.{int(decision.decided_at.timestamp()):x}@{domain}>"


def withdraw(reasons: dict[int, str], now: datetime) -> None:
    """Withdraw decisions, each for its reason."""
    by_reason: dict[str, list[int]] = defaultdict(list)
    for decision_id, reason in reasons.items():
        by_reason[reason].append(decision_id)
    for reason, decision_ids in by_reason.items():
        operations.settle(decision_ids, told=False, reason=reason, now=now)


def wordless(*, now: datetime) -> dict[str, int]:
    """Return the briefs that have no usable approved wording, with the number of due decisions that wait for one."""
    waiting = _due(now).exclude(_approved().suffice()).order_by()
    counts = waiting.values("rule_version__prompt_template").annotate(number=Count("pk"))
    return dict(counts.values_list("rule_version__prompt_template", "number"))


def _complain_of_missing_words(now: datetime) -> None:
    for template_id in wordless(now=now):
        _complain_once(template_id)


@cache
def _complain_once(template_id: str) -> None:
    """Once in the life of a process: the tick comes by every second."""
    log.warning("decisions wait for an approved wording of %s", template_id)


def _approved() -> Wordings:
    return Wordings(Variant.objects.filter(state=Variant.State.APPROVED))


def _due(now: datetime) -> QuerySet[Decision]:
    cleared = Clearance.objects.filter(
        run_id=OuterRef("run_id"), organization=OuterRef("organization"), status__in=Clearance.TELLING
    )
    return Decision.objects.filter(
        Q(run_id__isnull=True) | Exists(cleared),
        ~Switch.off(),
        outcome=Decision.Outcome.PENDING,
        scheduled_for__lte=now,
        notification__isnull=True,
        organization__telling_enabled=True,
    )


def _take(due: QuerySet[Decision], wordings: Wordings, now: datetime, limit: int) -> Sequence[Decision]:
    """Lock what has words or has waited for them too long, but for what another sender is just dealing with."""
    return list(
        due.filter(wordings.suffice() | Q(scheduled_for__lt=now - WORDS_AWAITED))
        .select_related("organization", "rule_version", "mentor__contact")
        .order_by("scheduled_for", "id")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
    )
