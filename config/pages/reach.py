"""No change that makes a rule reach more people is saved before a page has said so and a person has confirmed it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenarios import operations, what_if
from scenarios.admin.rule_neighbours import neighbour_sentences, whom
from scenarios.admin.rules import RuleAdmin
from scenarios.models import Rule
from scenarios.models.rules import Judged, RuleState

from .preview import NEEDED, by_name

CONFIRMED, BACK = "reach_confirmed", "reach_back"
MOST_NAMED = 5
# What says how a form was sent, and not what it says.
BUTTONS = {"csrfmiddlewaretoken", CONFIRMED, BACK, "_save", "_continue", "_addanother"}

Changes = Sequence[tuple[Rule, what_if.Change]]


class ReachesMore(Exception):
    """Somebody wants to save what reaches more people than they have confirmed."""

    def __init__(self, changes: Changes):
        self.changes = changes


class Reopened:
    """A form that comes back from the page as it was filled in, and is not saved."""

    def is_valid(self):
        return False


class ConfirmingRuleAdmin(RuleAdmin):
    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type(form)("ReopenedRuleForm", (Reopened, form), {}) if BACK in request.POST else form

    def save_model(self, request, obj, form, change):
        now = timezone.now()
        self._confirm(request, [(obj, what_if.compare(obj, now=now))])
        super().save_model(request, obj, form, change)
        for sentence in neighbour_sentences(obj, now=now):
            messages.warning(request, sentence)

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ReachesMore as more:
            return self._ask(request, more.changes, on_a_list=False)

    def changelist_view(self, request, *args, **kwargs):
        try:
            return super().changelist_view(request, *args, **kwargs)
        except ReachesMore as more:
            return self._ask(request, more.changes, on_a_list=True)

    def _turn(self, request, queryset, state, reason):
        now, rules = timezone.now(), []
        for rule in queryset.exclude(state=state):
            was, rule.state = rule.state, state
            if not operations.refusal(rule, was=was):
                rules.append(rule)
        self._confirm(request, [(rule, what_if.compare(rule, now=now)) for rule in rules])
        return super()._turn(request, queryset, state, reason)

    def _confirm(self, request, changes: Changes) -> None:
        """Raise ReachesMore where more people would be reached than the page has said that was confirmed."""
        asked = [(rule, change) for rule, change in changes if change.reaches_more]
        if asked and not is_confirmed(request.POST, asked):
            raise ReachesMore(asked)

    def _ask(self, request, changes: Changes, *, on_a_list: bool) -> TemplateResponse:
        now = timezone.now()
        page = {
            **self.admin_site.each_context(request),
            **reach_page(changes, user=request.user, now=now),
            "title": _("This reaches more people"),
            "opts": self.opts,
            "on_a_list": on_a_list,
            "again": CONFIRMED in request.POST,
            "sent": [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name not in {"csrfmiddlewaretoken", CONFIRMED, BACK}
            ],
            "token": token_for(request.POST, changes),
            "action_url": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/pages/rule_reach.html", page)


def token_for(sent: QueryDict, changes: Changes) -> str:
    """Return the fingerprint of what the page shows: the form as it was filled in, and the numbers."""
    return signing.dumps({"form": _digest(sent), "shown": _shown(changes)}, salt=CONFIRMED)


def is_confirmed(sent: QueryDict, changes: Changes) -> bool:
    """Tell whether this form was confirmed, and no more people would be reached than was said then."""
    try:
        confirmed = signing.loads(sent.get(CONFIRMED, ""), salt=CONFIRMED)
    except signing.BadSignature:
        return False
    if confirmed["form"] != _digest(sent):
        return False
    for rule_id, (version, numbers) in _shown(changes).items():
        version_then, numbers_then = confirmed["shown"].get(rule_id, (None, {}))
        if version != version_then or any(number > numbers_then.get(name, 0) for name, number in numbers.items()):
            return False
    return True


def _digest(sent: QueryDict) -> str:
    filled_in = sorted((name, values) for name, values in sent.lists() if name not in BUTTONS)
    return hashlib.sha256(json.dumps(filled_in).encode()).hexdigest()


def _shown(changes: Changes) -> dict[str, tuple[int | None, dict[str, int]]]:
    """Return for each rule the version that it is compared with, and how many it would reach."""
    return {
        rule.pk if change.old or not rule._state.adding else "": (
            change.old.pk if change.old else None,
            {**change.added, "all": change.holding.after, "all_writes": len(change.after.writes)},
        )
        for rule, change in changes
    }


def reach_page(changes: Changes, *, user, now: datetime) -> dict[str, Any]:
    """Return what the page says of each rule, and how many more would be reached in all."""
    rules = [in_words(rule, change, user=user, now=now) for rule, change in changes]
    return {"rules": rules, "more": sum(row["more"] for row in rules)}


def in_words(rule: Rule, change: what_if.Change, *, user, now: datetime) -> dict[str, Any]:
    added = change.added
    new = change.new
    return {
        "name": rule.name,
        "does": rule.sentence if new else "",
        "for_before": _place(change.old, change.holding.before) if change.old else _("nobody"),
        "for_after": _place(new, change.holding.after) if new else _("nobody"),
        "daily": rule.judged == Judged.DAILY,
        "watches": bool(new and new.state == RuleState.WATCHING),
        "evaluated": new is not None,
        # What a rule did that looked for something else, or at another time, is no number to compare with.
        "compared": change.old is not None and not change.looks_elsewhere,
        "matches": (len(change.before.matches), len(change.after.matches)),
        "writes": (len(change.before.writes), len(change.after.writes)),
        "people": _who(change, user=user, now=now),
        "left_out": max(added["writes"] - MOST_NAMED, 0),
        "widened": [_given_back(wider) for wider in change.widened],
        "neighbours": neighbour_sentences(rule, now=now) if new else [],
        "more": added["holds"] or added["writes"] or added["widened"],
    }


def _who(change: what_if.Change, *, user, now: datetime) -> list[dict]:
    """Return the first of those who would get a message in addition, for who may see them."""
    rows = list({row.mentor_id: row for row in change.new_rows}.values())[:MOST_NAMED]
    return by_name(rows, user=user, now=now) if user.has_perms(NEEDED) else []


def _place(terms, number: int) -> str:
    words = {"whom": whom(terms), "count": number}
    return ngettext("%(whom)s (%(count)d mentor)", "%(whom)s (%(count)d mentors)", number) % words


def _given_back(wider: what_if.Widened) -> str:
    number = wider.holding.added
    return ngettext(
        "“%(rule)s”, which this rule has replaced, holds for %(count)d more mentor then.",
        "“%(rule)s”, which this rule has replaced, holds for %(count)d more mentors then.",
        number,
    ) % {"rule": wider.version.name, "count": number}
