"""Say in plain words what was decided, from what was recorded alone: the world has moved since."""

from django.utils.translation import gettext as _

from ..models import Decision
from ..models.decisions import Reason


def explain(decision: Decision) -> str:
    """Return the whole sentence: what was read, and what came of it.

    Select `rule_version` and `organization` along where many are explained.
    """
    version = decision.rule_version
    read = version.trigger.explain(decision.readings, version, decision.organization.zone)
    return f"{read} {outcome_sentence(decision)}"


def outcome_sentence(decision: Decision) -> str:
    """Say what came of a decision: held back, waiting, told, or withdrawn, and why."""
    if decision.reason:
        return _("Not told: %(reason)s.") % {"reason": reason_sentence(decision.reason)}
    if decision.outcome == Decision.Outcome.WITHDRAWN:
        return _("Withdrawn: %(reason)s.") % {"reason": reason_sentence(decision.outcome_reason)}
    if decision.outcome == Decision.Outcome.TOLD:
        if decision.outcome_reason:
            return _("Sent, but: %(reason)s.") % {"reason": reason_sentence(decision.outcome_reason)}
        return _("Told.")
    return _("To be told.")


def reason_sentence(code: str) -> str:
    """Return the words for a reason code, or the code itself for one that is no longer known."""
    return str(Reason(code).label) if code in Reason.values else code
