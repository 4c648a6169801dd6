"""What every trigger type has: a measure, a comparison, a sentence, and the parameters that it takes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ..measures import Measure
from .parameters import Parameter

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Text

MENTOR, CERTIFICATION = "mentor", "certification"
AT_LEAST, WITHIN = "at_least", "within"
DAILY, ON_ACTIVITY = "daily", "activity"


class Trigger:
    """One way in which a rule can fire.

    `judged` says when rules of this type may be weighed, `subject` what they are weighed on every day. `fires_when`
    compares a measured time with the rule's `threshold_days` (days of 24 hours): AT_LEAST, or WITHIN (zero to the
    threshold, both included); `threshold_hint` says in the form what that number means. `parameters` are what a rule of
    this type can say beyond its threshold. Types that notice the same thing have one `looks_at`.
    """

    slug: str
    label: "Text"
    who: "Text"
    sentence: "Text"
    subject = MENTOR
    judged: tuple[str, ...] = (DAILY,)
    fires_when = AT_LEAST
    needs_threshold = True
    threshold_hint: "Text" = _("How many days count, for example 14.")
    parameters: dict[str, Parameter] = {}
    retired = False
    looks_at = ""

    def measure(self, terms) -> Measure:
        """Return what is measured on each subject, as a pure expression of what the rule says."""
        raise NotImplementedError

    def complaints(self, terms) -> dict[str, list]:
        """Return what is wrong with a rule of this type, by field; empty when it can be used."""
        errors: dict[str, list] = {}
        if self.needs_threshold and terms.threshold_days is None:
            errors["threshold_days"] = [_("This trigger needs a number of days.")]
        if terms.judged not in self.judged:
            errors["judged"] = [_("This trigger can't be judged at that time.")]
        if wrong := self.wrong_parameters(terms.parameters or {}):
            errors["parameters"] = wrong
        return errors

    def wrong_parameters(self, given: dict) -> list:
        """Return what is wrong with the parameters, each naming its own."""
        wrong = [
            _("Unknown parameter: %(name)s.") % {"name": name} for name in sorted(set(given) - set(self.parameters))
        ]
        for name, parameter in self.parameters.items():
            try:
                parameter.clean(given.get(name))
            except ValidationError as error:
                wrong += [f"{parameter.label}: {message}" for message in error.messages]
        return wrong

    def given(self, terms) -> dict:
        """Return the rule's parameters, cleaned, with the defaults of those that it doesn't give."""
        parameters = terms.parameters or {}
        return {name: parameter.clean(parameters.get(name)) for name, parameter in self.parameters.items()}

    def filters_meet(self, mine: dict, theirs: dict) -> bool:
        """Return whether one activity can pass the filters of two rules, given what each says."""
        return all(
            parameter.meets(mine[name], theirs[name]) for name, parameter in self.parameters.items() if name in theirs
        )

    def describe(self, terms) -> str:
        """Say whom a rule of this type means: “a mentor with no activity for 14 days (run, bike)”."""
        given = {name: _listed(value) for name, value in self.given(terms).items()}
        who = str(self.who) % {**given, "threshold": terms.threshold_days}
        kinds = given.get("activity_types")
        return f"{who} ({kinds})" if kinds else who

    def explain(self, readings: dict, terms, zone: ZoneInfo) -> str:
        """Say in one sentence what was read, from what was recorded alone; days are calendar days in `zone`."""
        return str(self.sentence) % self.words(readings, terms, zone)

    def words(self, readings: dict, terms, zone: ZoneInfo) -> dict:
        """Return what the sentence is filled with."""
        words = {**self.given(terms), **readings, "threshold": terms.threshold_days}
        if "from" in readings:
            start, end = (datetime.fromisoformat(readings[name]).astimezone(zone).date() for name in ("from", "to"))
            words |= {"days": (end - start).days, "start": date_format(start), "end": date_format(end)}
        return words


def _listed(value):
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def days(number: int) -> timedelta:
    """Return a threshold as elapsed time: days of 24 hours, whatever the clocks did."""
    return timedelta(hours=24 * number)
