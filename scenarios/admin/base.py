"""What every page of the admin has in common, and how machine-made rows are shown."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models.fields.related import ForeignObjectRel
from django.forms import ModelForm
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelect2Widget

from .forms import MomentField, ThoroughForm

log = logging.getLogger(__name__)

Overrides = Mapping[Any, Mapping[str, Any]]
MOMENTS: Overrides = {models.DateTimeField: {"form_class": MomentField}}
NOTHING = "\N{EN DASH}"
CHANGED_MEANWHILE = _("Somebody else has changed this in the meantime. Open the page again.")

_request: ContextVar = ContextVar("request of the list being shown")


class CappedPaginator(Paginator):
    """Count no further than a person would turn pages: counting millions of rows takes longer than showing fifty."""

    object_list: models.QuerySet[Any]
    limit = 10_000
    template_name = "admin/capped_pagination.html"

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: self.limit].count()


class SizedChangeList(ChangeList):
    def get_results(self, request):
        """Offer “show all” only where something is left out; unfold does so whenever the rows weren't counted twice."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class _PerRequest:
    """unfold writes the request on the admin, an object that all threads share; keep each thread's own."""

    def __get__(self, admin, owner=None):
        try:
            return _request.get()
        except LookupError:
            raise AttributeError("request") from None

    def __set__(self, admin, request):
        _request.set(request)


class Admin(ModelAdmin):
    """A list or form that answers quickly however many rows there are, and asks before it loses what was typed."""

    request = _PerRequest()
    formfield_overrides: Overrides = MOMENTS
    form: "type[ModelForm[Any]]" = ThoroughForm
    paginator: "type[Paginator[Any]]" = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 200
    list_filter_submit = True
    warn_unsaved_form = True
    empty_value_display = NOTHING

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        # unfold leaves the blank out, so that the first choice looks as if somebody had chosen it.
        if not db_field.blank and not db_field.has_default():
            kwargs.setdefault("choices", db_field.get_choices(include_blank=True, blank_choice=[("", _("Choose …"))]))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "time_zone" and isinstance(db_field, models.CharField):
            kwargs["widget"] = time_zone_widget(blank=db_field.blank)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def texts_of(self, request, rows) -> list[str]:
        """Return what a picker calls each of these rows, for this user."""
        return [str(row) for row in rows]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Call what is chosen as the picker calls it."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        chosen = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(chosen, Admin) and field is not None:
            field.label_from_instance = lambda row: chosen.texts_of(request, [row])[0]
        return field

    def get_changeform_initial_data(self, request):
        """Fill a new form with what the address names, and leave out whatever its field can't hold."""
        given = super().get_changeform_initial_data(request)
        fields = {field.name: field for field in self.opts.get_fields() if getattr(field, "editable", False)}
        return {name: value for name, value in given.items() if name in fields and can_hold(fields[name], value)}

    def lookup_allowed(self, lookup, value, request):
        """Leave out lists and JSON: PostgreSQL reads such a value only when it is asked, and breaks the page."""
        field = next((field for field in self.opts.local_fields if field.name == lookup.split("__")[0]), None)
        return not isinstance(field, (ArrayField, models.JSONField)) and super().lookup_allowed(lookup, value, request)

    def response_action(self, request, queryset):
        """Run an action on rows that can be; Django would ask PostgreSQL for whatever key was sent."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(can_hold(self.opts.pk, key) for key in chosen):
            raise SuspiciousOperation("A key that no row can have.")
        return super().response_action(request, queryset)

    def get_actions(self, request):
        # Whether a row may go is asked of each row.
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_changelist(self, request, **kwargs):
        return SizedChangeList

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            # The form has asked every constraint, so somebody else was faster by the blink of an eye.
            log.warning("a form of %s met another change", self.opts.label, exc_info=True)
            messages.error(request, CHANGED_MEANWHILE)
            return HttpResponseRedirect(request.get_full_path())

    def is_list(self, request) -> bool:
        return bool(request.resolver_match) and request.resolver_match.url_name.endswith("_changelist")


class ReadOnly(Admin):
    """Rows that the machine made: staff look at them. What may be done with them are verbs, offered as actions."""

    def has_add_permission(self, request, *args):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Kept(Admin):
    """Rows whose deletion would take history with them: they are turned off, ended or left as they are."""

    def has_delete_permission(self, request, obj=None):
        return False


class KeptWhileUsed(Admin):
    """A row made by mistake can go; one that anything refers to stays."""

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and not is_used(obj)


def can_hold(field: Any, value: Any) -> bool:
    """Tell whether a text from an address is a value of a model's field; of a relation, a key of its rows."""
    if isinstance(value, str) and "\0" in value:
        return False
    if field.many_to_many:
        return all(can_hold(field.target_field, each) for each in value)
    try:
        field.run_validators(field.to_python(value))
        return not (field.is_relation and value) or field.remote_field.model._base_manager.filter(pk=value).exists()
    except (ValidationError, ValueError, TypeError, OverflowError):
        return False


def is_used(obj: models.Model) -> bool:
    """Tell whether a row that must not lose `obj` refers to it."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: obj}).exists()
        for relation in obj._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.PROTECT
    )


def time_zone_widget(*, blank: bool):
    choices = [(name, name) for name in sorted(available_timezones())]
    return UnfoldAdminSelect2Widget(choices=[("", NOTHING), *choices] if blank else choices)


def badge(text, tone: str = "") -> str:
    """Return a small coloured label; the words alone must carry the meaning."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": tone})


def address_of(model: str, pk) -> str:
    """Return the address of a row's page; the admin spells text keys in a way of its own."""
    return reverse(f"admin:{model}_change", args=[quote(str(pk))])


def go_on(request, url: str) -> HttpResponse:
    """Leave a dialogue for `url`; a redirect that htmx followed by itself would load the page into the dialogue."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
