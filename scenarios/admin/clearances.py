"""Whether the parts of runs may be told: what is held is a question to a person, with two answers."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from .. import operations
from ..models import Clearance, Decision
from .base import NOTHING, ReadOnly, address_of, badge, go_on
from .filters import DayFilter

TONES = {"cleared": "success", "released": "success", "held": "danger", "expired": "warning"}


def waiting_in(clearance: Clearance) -> int:
    """Return how many mentors wait to hear of this part."""
    waiting = Decision.objects.filter(run_id=clearance.run_id, organization=clearance.organization_id)
    return waiting.filter(outcome=Decision.Outcome.PENDING).count()


def decisions_url(clearance: Clearance, **more) -> str:
    asked = {"run_id": clearance.run_id, "organization__id__exact": clearance.organization_id, **more}
    return f"{reverse('admin:scenarios_decision_changelist')}?{urlencode(asked)}"


class Question(BaseDialogForm):
    """Says how many are concerned, and leads to each of them."""

    form_before_template = "admin/scenarios/clearance_dialog.html"
    told = True

    def get_before_template_context(self, request, object_id=None):
        clearance = Clearance.objects.select_related("organization").filter(pk=unquote(object_id)).first()
        if clearance is None:
            return {}
        return {
            "clearance": clearance,
            "count": waiting_in(clearance),
            "told": self.told,
            "decisions_url": decisions_url(clearance, became=Decision.Outcome.PENDING),
        }


class DiscardQuestion(Question):
    told = False


@admin.register(Clearance)
class ClearanceAdmin(ReadOnly):
    list_display = ["organization", "state", "would_hear", "usually", "judged_at", "settled", "explanation"]
    list_filter = ["status", ("organization", AutocompleteSelectFilter), ("judged_at", DayFilter)]
    list_select_related = ["organization"]
    search_fields = ["run_id__exact", "organization__name"]
    search_help_text = _("ID of the run, or the organisation's name")
    ordering = ["-judged_at", "-id"]
    fieldsets = [
        (None, {"fields": ["organization", "state", "settled", "run", "judged_at"]}),
        (_("What was compared"), {"fields": ["would_hear", "usually", "active_mentors", "newest_fact_at"]}),
    ]
    readonly_fields = ["state", "run", "settled", "would_hear", "usually"]
    actions_detail = ["release", "discard"]
    change_form_outer_before_template = "admin/scenarios/clearance_question.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        clearance = self.get_object(request, unquote(object_id))
        page = {} if clearance is None else self.page_of(request, clearance)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **page})

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organization")

    def page_of(self, request, clearance: Clearance) -> dict:
        page = {
            "clearance": clearance,
            "count": waiting_in(clearance),
            "may_settle": self.has_settle_permission(request),
        }
        if request.user.has_perm("scenarios.view_decision"):
            page["decisions_url"] = decisions_url(clearance)
        return page

    def get_actions_detail(self, request, object_id):
        held = Clearance.objects.filter(pk=unquote(object_id), status=Clearance.Status.HELD)
        return super().get_actions_detail(request, object_id) if held.exists() else []

    def has_settle_permission(self, request, obj=None):
        return request.user.has_perm("scenarios.change_clearance")

    @display(description=_("status"), ordering="status")
    def state(self, clearance):
        return badge(clearance.get_status_display(), TONES.get(clearance.status, ""))

    @display(description=_("would hear"), ordering="told")
    def would_hear(self, clearance):
        if clearance.active_mentors is None:
            return clearance.told
        return _("%(told)d of %(active)d") % {"told": clearance.told, "active": clearance.active_mentors}

    @display(description=_("usually"), ordering="usual")
    def usually(self, clearance):
        return NOTHING if clearance.usual is None else clearance.usual

    @display(description=_("answered"), ordering="settled_at")
    def settled(self, clearance):
        if clearance.settled_at is None:
            return NOTHING
        when = formats.date_format(timezone.localtime(clearance.settled_at), "DATETIME_FORMAT")
        return f"{when} · {clearance.settled_by}" if clearance.settled_by else when

    @display(description=_("run"), ordering="run_id")
    def run(self, clearance):
        url = address_of("scheduler_run", clearance.run_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, clearance.run_id)

    @action(
        description=_("Release: tell them"),
        permissions=["settle"],
        icon="send",
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("Tell them after all?"),
            "form_class": Question,
            "form_submit_text": _("Tell them"),
        },
    )
    def release(self, request, form, object_id):
        return self.settle(request, object_id, operations.release, _("Released: they will hear from us."))

    @action(
        description=_("Discard: tell nobody"),
        permissions=["settle"],
        icon="block",
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("Tell nobody?"),
            "form_class": DiscardQuestion,
            "form_submit_text": _("Discard"),
        },
    )
    def discard(self, request, form, object_id):
        return self.settle(request, object_id, operations.discard, _("Discarded: nobody will hear of this part."))

    def settle(self, request, object_id, verb, said):
        try:
            clearance = verb(int(unquote(object_id)), by=request.user.get_username(), now=timezone.now())
        except (operations.ClearanceConflict, operations.ClearanceNotFound) as problem:
            messages.error(request, str(problem))
        else:
            self.log_change(request, clearance, str(clearance.get_status_display()))
            messages.success(request, said)
        return go_on(request, address_of("scenarios_clearance", unquote(object_id)))
