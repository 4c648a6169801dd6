"""The filters that several trigger types share: which activities count."""

from django.utils.translation import gettext_lazy as _

from ..measures import Condition
from .parameters import Parameter, Whole, Words

MOST_MINUTES = 7 * 24 * 60


class ActivityFilters:
    """Mix-in: kinds of activity, kinds of contact, and a range of minutes, both ends included."""

    parameters: dict[str, Parameter] = {
        "activity_types": Words(_("kinds of activity"), _("For example: run, bike. Empty: all kinds.")),
        "contact_types": Words(_("kinds of contact"), _("For example: phone, home visit. Empty or *: all kinds.")),
        "min_minutes": Whole(_("at least so many minutes"), most=MOST_MINUTES),
        "max_minutes": Whole(_("at most so many minutes"), most=MOST_MINUTES),
    }

    def filters(self, given: dict) -> tuple[Condition, ...]:
        """Return the conditions that an activity must pass, for the judged one and for those before it alike."""
        conditions = []
        if given["activity_types"]:
            conditions.append(Condition("activity_type", "in", given["activity_types"]))
        if given["contact_types"] and "*" not in given["contact_types"]:
            conditions.append(Condition("contact_type", "in", given["contact_types"]))
        if given["min_minutes"] is not None:
            conditions.append(Condition("duration_seconds", ">=", given["min_minutes"] * 60))
        if given["max_minutes"] is not None:
            conditions.append(Condition("duration_seconds", "<=", given["max_minutes"] * 60))
        return tuple(conditions)

    def filters_meet(self, mine: dict, theirs: dict) -> bool:
        mine, theirs = _without_star(mine), _without_star(theirs)
        least = max(rule.get("min_minutes") or 0 for rule in (mine, theirs))
        most = min(MOST_MINUTES if rule.get("max_minutes") is None else rule["max_minutes"] for rule in (mine, theirs))
        return least <= most and super().filters_meet(mine, theirs)  # type: ignore[misc]


def _without_star(given: dict) -> dict:
    """Return what a rule says, with every kind of contact written as none."""
    return given | {"contact_types": None} if "*" in (given.get("contact_types") or ()) else given
