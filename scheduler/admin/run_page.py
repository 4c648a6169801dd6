"""What a run's page shows below its own fields: totals while it runs, batches, clearances, decisions by trigger."""

from collections import Counter
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from scenarios.admin.facts import trigger_label
from scenarios.engine import reason_sentence
from scenarios.models import Clearance, Decision

from ..given_up import given_up_sentences
from ..models import Run

BATCHES_SHOWN = 50


def run_page(run: Run, *, may_see) -> dict:
    batches = list(run.batches.order_by("index")[: BATCHES_SHOWN + 1])
    page = {
        "run": run,
        "given_up": given_up_sentences(run),
        "batches": batches[:BATCHES_SHOWN],
        "more_batches": len(batches) > BATCHES_SHOWN,
    }
    if may_see("scenarios.view_decision"):
        page |= {
            "tallies": tallies(run),
            "decisions_url": f"{reverse('admin:scenarios_decision_changelist')}?{urlencode({'run_id': run.pk})}",
        }
    if may_see("scenarios.view_clearance"):
        clearances = Clearance.objects.filter(run_id=run.pk).select_related("organization")
        # What was held comes first: it has something to explain.
        page["clearances"] = clearances.order_by("-explanation", "organization__name")[:BATCHES_SHOWN]
    return page


def tallies(run: Run) -> list[dict]:
    """Count the run's decisions by what they looked for, and by what became of them."""
    counted = (
        Decision.objects.filter(run_id=run.pk)
        .order_by()
        .values_list("rule_version__trigger_type", "reason", "outcome")
        .annotate(count=Count("id"))
    )
    by_trigger: dict[str, Counter] = {}
    for trigger_type, reason, outcome, count in counted:
        said = _("not told: %(why)s") % {"why": reason_sentence(reason)} if reason else Decision.Outcome(outcome).label
        by_trigger.setdefault(trigger_type, Counter())[str(said)] += count
    return [
        {"trigger": trigger_label(slug), "count": sum(counts.values()), "became": counts.most_common()}
        for slug, counts in sorted(by_trigger.items())
    ]
