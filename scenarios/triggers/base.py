"""What every trigger type has: a measure, a comparison, a sentence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from ..measures import Elapsed

MENTOR, CERTIFICATION, ACTIVITY = "mentor", "certification", "activity"
AT_LEAST, WITHIN = "at_least", "within"
DAILY, ON_ACTIVITY = "daily", "activity"


class Trigger:
    """One way in which a rule can fire.

    `judged` says when rules of this type may be weighed, `subject` what they are weighed on. `fires_when` compares
    the measured time with the rule's `threshold_days` (days of 24 hours): AT_LEAST, or WITHIN (zero to the threshold,
    both included).
    """

    slug: str
    label: str
    sentence: str
    subject = MENTOR
    judged: tuple[str, ...] = (DAILY,)
    fires_when = AT_LEAST
    retired = False

    def measure(self, parameters: dict) -> Elapsed:
        """Return what is measured on each subject, as a pure expression of the parameters."""
        raise NotImplementedError

    def complaints(self, rule) -> dict[str, str]:
        """Return what is wrong with a rule of this type, by field; empty when it can be used."""
        errors = {}
        if rule.threshold_days is None:
            errors["threshold_days"] = _("This trigger needs a number of days.")
        if rule.judged not in self.judged:
            errors["judged"] = _("This trigger can't be judged at that time.")
        if unknown := sorted(set(rule.parameters or {})):
            errors["parameters"] = _("Unknown parameter: %(names)s.") % {"names": ", ".join(unknown)}
        return errors

    def explain(self, readings: dict, threshold_days: int | None, zone: ZoneInfo) -> str:
        """Say in one sentence what was read, from what was recorded alone; days are calendar days in `zone`."""
        return str(self.sentence) % self.words(readings, threshold_days, zone)

    def words(self, readings: dict, threshold_days: int | None, zone: ZoneInfo) -> dict:
        start, end = (datetime.fromisoformat(readings[name]).astimezone(zone).date() for name in ("from", "to"))
        return {**readings, "days": (end - start).days, "threshold": threshold_days, "start": start, "end": end}


def days(number: int) -> timedelta:
    """Return a threshold as elapsed time: days of 24 hours, whatever the clocks did."""
    return timedelta(hours=24 * number)
