"""Who would have heard what on past days: the production evaluator, day after day; nothing is written."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminSelectWidget

from scenarios import what_if
from scenarios.models import Rule
from scheduler import days

from .people import who_are
from .preview import counted, draft_of

MOST_NAMED = 20
NUMBERS = [("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days"))]
MODES = [("as_known", _("as it was known then")), ("hindsight", _("with what is known now"))]


class BacktestForm(forms.Form):
    rule = forms.ModelChoiceField(
        Rule.objects.all(),
        label=_("Rule"),
        required=False,
        empty_label=_("All rules, as they were on each day"),
        widget=UnfoldAdminSelectWidget(),
    )
    days = forms.ChoiceField(label=_("The last"), choices=NUMBERS, widget=UnfoldAdminSelectWidget())
    mode = forms.ChoiceField(label=_("Weighed"), choices=MODES, required=False, widget=UnfoldAdminSelectWidget())


class BacktestView(UnfoldModelAdminViewMixin, TemplateView):
    title = _("What would have happened?")
    template_name = "admin/pages/backtest.html"

    @staticmethod
    def allowed(user) -> bool:
        return user.has_perms(("scenarios.view_rule", "scenarios.view_decision", "scenarios.view_peermentor"))

    def has_permission(self):
        return self.allowed(self.request.user)

    def get_context_data(self, **kwargs):
        asked = self.request.GET
        form = BacktestForm(asked) if "days" in asked else BacktestForm(initial={"rule": asked.get("rule")})
        page: dict[str, Any] = {"form": form}
        if form.is_bound and form.is_valid():
            page |= backtest_page(**form.cleaned_data, user=self.request.user, now=timezone.now())
            page["other_mode_url"] = other_mode_url(asked.copy())
        return super().get_context_data(**kwargs, **page)


def backtest_page(*, rule: Rule | None, days: str, mode: str, user, now: datetime) -> dict[str, Any]:
    """Return what the last days would have brought: by all rules as they were, or by one as it is now."""
    hindsight = mode == "hindsight"
    dates, simulated = simulate(rule, int(days), hindsight=hindsight, now=now)
    rows = [row for day in simulated for row in day]
    told = Counter(row.mentor_id for row in rows if not row.reason)
    most = told.most_common(MOST_NAMED)
    people = who_are((mentor_id for mentor_id, _count in most), user=user, now=now)
    return {
        "rule": rule,
        "hindsight": hindsight,
        "total": counted(rows),
        "mentors": len(told),
        "days": bars(dates, simulated),
        "most_told": [{**people[mentor_id], "told": count} for mentor_id, count in most],
        "logged_late": what_if.logged_late(*_window(int(days), now)),
        **activities(rule, int(days), now=now),
    }


def other_mode_url(asked) -> str:
    """Return the address of the same question in the other mode."""
    asked["mode"] = "as_known" if asked.get("mode") == "hindsight" else "hindsight"
    return f"?{asked.urlencode()}"


def activities(rule: Rule | None, number: int, *, now: datetime) -> dict[str, int]:
    """Return how many activities were weighed, and how many there were."""
    instants = days.instants_of(days.last_days(number, now=now), now=now)
    weighed, logged = what_if.relogged_of(instants, now=now, draft=draft_of(rule) if rule else None)
    return {"weighed": weighed, "logged": logged}


def simulate(rule: Rule | None, number: int, *, hindsight: bool, now: datetime):
    """Return the dates, and for each what would have been decided; of one rule, that rule's decisions alone."""
    dates = days.last_days(number, now=now)
    draft = draft_of(rule) if rule else None
    simulated = what_if.backtest(days.instants_of(dates, now=now), now=now, draft=draft, hindsight=hindsight)
    decisions = [[row for row in day.decisions if rule is None or row.version.rule_id == rule.pk] for day in simulated]
    return dates, decisions


def bars(dates: Sequence, simulated: Sequence[Sequence[what_if.WouldHear]]) -> list[dict]:
    """Return each day's counts, with bars as wide as the busiest day asks for."""
    busiest = max([len(rows) for rows in simulated] + [1])
    counts = [{"date": day, **counted(rows)} for day, rows in zip(dates, simulated, strict=True)]
    return [
        row | {"told_width": round(row["told"] * 100 / busiest), "held_width": round(row["held"] * 100 / busiest)}
        for row in counts
    ]


def _window(number: int, now: datetime) -> tuple[datetime, datetime]:
    instants = days.instants_of(days.last_days(number, now=now), now=now)
    return instants[0], instants[-1]
