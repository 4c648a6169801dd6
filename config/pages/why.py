"""Why, why not: one mentor on one day, every rule of that day's versions."""

import datetime
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import INPUT_CLASSES

from notifications.admin.named import name_for
from scenarios import what_if
from scenarios.admin.base import address_of, badge
from scenarios.models import Decision, PeerMentor
from scheduler import days
from scheduler.accounts import account_of

EARLIEST = datetime.date(1970, 1, 2)


class DayInput(forms.DateInput):
    input_type = "date"


class DayForm(forms.Form):
    date = forms.DateField(
        label=_("Day"),
        required=False,
        widget=DayInput(format="%Y-%m-%d", attrs={"class": " ".join(INPUT_CLASSES)}),
    )

    def __init__(self, *args, today: datetime.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["date"].widget.attrs["max"] = today.isoformat()

    def clean_date(self):
        day = self.cleaned_data["date"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if day < EARLIEST:
            raise forms.ValidationError(_("Choose a later day."))
        return day


class WhyView(UnfoldModelAdminViewMixin, TemplateView):
    title = _("Why, why not?")
    template_name = "admin/pages/why.html"

    @staticmethod
    def allowed(user) -> bool:
        return user.has_perms(("scenarios.view_peermentor", "scenarios.view_decision"))

    def has_permission(self):
        return self.allowed(self.request.user)

    def get_context_data(self, **kwargs):
        mentor = find_mentor(unquote(self.kwargs["object_id"]))
        now = timezone.now()
        page = why_page(mentor, self.request.GET, user=self.request.user, now=now)
        # What the page is headed with, on the way to it too.
        self.request.heading = name_for(self.request.user, mentor)  # type: ignore[attr-defined]
        return super().get_context_data(**kwargs, **page)


def find_mentor(pk: str) -> PeerMentor:
    mentors = PeerMentor.objects.select_related("organization")
    mentor = mentors.filter(pk=int(pk)).first() if pk.isdecimal() and int(pk) < 2**63 else None
    if mentor is None:
        raise Http404
    return mentor


def why_page(mentor: PeerMentor, asked, *, user, now: datetime.datetime) -> dict[str, Any]:
    """Return the account of a day, or of the very moment of a decision; without either, of today."""
    today = days.today(now)
    moment = moment_of(mentor, asked.get("decision", ""))
    day = days.today(moment) if moment else today
    form = DayForm({"date": asked["date"]} if "date" in asked and not moment else {"date": day}, today=today)
    page = {
        "name": name_for(user, mentor),
        "mentor_url": address_of("scenarios_peermentor", mentor.pk),
        "form": form,
    }
    if not form.is_valid():
        return page
    day = form.cleaned_data["date"]
    instant = moment or days.instant_of(day, now=now)
    account = account_of(mentor, day, instant, now=now)
    return page | {
        "day": day,
        "instant": instant,
        "not_weighed": account.not_weighed,
        "rules": [in_words(row) for row in sorted(account.rules, key=lambda row: not row.fired)],
        "others": other_moments(mentor, instant),
        "before": day - datetime.timedelta(days=1) if day > EARLIEST else None,
        "after": day + datetime.timedelta(days=1) if day < today else None,
    }


def moment_of(mentor: PeerMentor, decision_id: str) -> datetime.datetime | None:
    """Return the instant at which one of the mentor's decisions was weighed by a run."""
    if not decision_id.isdecimal() or int(decision_id) >= 2**63:
        return None
    decision = Decision.objects.filter(pk=int(decision_id), mentor=mentor, run_id__isnull=False).first()
    return decision.instant if decision else None


def other_moments(mentor: PeerMentor, instant: datetime.datetime) -> list[dict]:
    """Return the other moments of the same day, by the reader's clock, at which a run decided about the mentor."""
    near = Decision.objects.filter(
        mentor=mentor,
        run_id__isnull=False,
        instant__range=(instant - datetime.timedelta(days=1), instant + datetime.timedelta(days=1)),
    )
    latest = dict(near.order_by("id").values_list("instant", "pk"))
    url = reverse("admin:scenarios_peermentor_why", args=[mentor.pk])
    return [
        {"instant": at, "url": f"{url}?decision={pk}"}
        for at, pk in sorted(latest.items())
        if at != instant and timezone.localdate(at) == timezone.localdate(instant)
    ]


def in_words(account: what_if.RuleAccount) -> dict[str, Any]:
    """Return what one rule had to say, as the page shows it."""
    return {
        "name": account.version.name,
        "url": address_of("scenarios_ruleversion", account.version.pk),
        "badge": verdict(account),
        "sentence": account.sentence,
        "fired": account.fired,
        "recorded_url": address_of("scenarios_decision", account.recorded.pk) if account.recorded else "",
        "differs": account.differs,
    }


def verdict(account: what_if.RuleAccount) -> str:
    if not account.fired and account.recorded is None:
        return badge(_("kept quiet"))
    if account.reason:
        return badge(_("held back"), "warning")
    return badge(_("fired"), "success")
