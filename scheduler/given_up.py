"""Say what became of messages that a run decided and that nobody will get."""

from collections.abc import Sequence

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenarios.models import Clearance, Decision
from scenarios.models.decisions import Reason

from .models import Run


def given_up_sentences(run: Run) -> Sequence[str]:
    """Return a sentence for each way in which messages of a run were given up; mostly there is none."""
    if not run.notifications_given_up:
        return []
    counts = dict(
        Decision.objects.filter(run_id=run.pk, outcome=Decision.Outcome.WITHDRAWN)
        .order_by()
        .values_list("outcome_reason")
        .annotate(count=Count("id"))
    )
    why = {
        Reason.HELD: _("discarded by %(who)s") % {"who": discarded_by(run)},
        Reason.EXPIRED: _("nobody released them in time"),
        Reason.RUN_CANCELLED: _("the run was stopped"),
        Reason.SWITCHED_OFF: _("messages were switched off"),
    }
    return [
        ngettext(
            "%(count)d message was not sent: %(why)s.", "%(count)d messages were not sent: %(why)s.", counts[reason]
        )
        % {"count": counts[reason], "why": sentence}
        for reason, sentence in why.items()
        if reason in counts
    ]


def discarded_by(run: Run) -> str:
    discarded = Clearance.objects.filter(~Q(settled_by=""), run_id=run.pk, status=Clearance.Status.DISCARDED)
    return ", ".join(sorted(set(discarded.values_list("settled_by", flat=True)))) or _("somebody")
