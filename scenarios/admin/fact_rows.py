"""The rows of facts on a mentor's page, stored like any other fact."""

from django.contrib.admin.utils import unquote
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet

from .. import operations
from ..models import Certification, HumanContact, Membership, OptOut, Pause
from .base import CHANGED_MEANWHILE, MOMENTS
from .facts import CHAPTER_PICKER, new_row, opt_out_field
from .forms import ThoroughForm


class FactRow(ThoroughForm):
    """A row on a mentor's page. One that a person has added is meant, also where it was left as it came."""

    added = False

    def has_changed(self):
        return self.added or super().has_changed()


class FactFormSet(PaginationInlineFormSet):
    """Rows on a mentor's page, stored like any other fact."""

    new: dict = {}

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        if self.is_bound and i >= self.initial_form_count():
            # An empty row would pass as none: “changed successfully”, and nothing stored.
            form.added, form.empty_permitted = True, False
        return form

    @property
    def empty_form(self):
        form = super().empty_form
        form.initial.update(self.new)
        return form

    def save_existing(self, form, obj, commit=True):
        form.instance = operations.amend(form.instance, now=timezone.now())
        return form.instance

    def delete_existing(self, obj, commit=True):
        operations.withdraw(obj, now=timezone.now())

    def clean(self):
        """Refuse an edit of a row that somebody else has changed meanwhile."""
        super().clean()
        for form in self.initial_forms:
            if form.instance.pk is None and form.has_changed():
                form.add_error(None, CHANGED_MEANWHILE)


class FactInline(TabularInline):
    form = FactRow
    formset = FactFormSet
    formfield_overrides = MOMENTS
    begins = ""
    extra = 0
    tab = True
    hide_title = True
    latest = 20
    newest_first = "-starts_at"

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.new = new_row(self.begins, request)
        return formset

    def get_queryset(self, request):
        """Offer the latest facts that hold; a slice would forbid the filters that Django adds later."""
        newest = self.model.objects.standing().filter(mentor=OuterRef("mentor")).order_by(self.newest_first, "-pk")
        standing = super().get_queryset(request).filter(withdrawn_at__isnull=True)
        return standing.filter(pk__in=newest.values("pk")[: self.latest]).order_by(self.newest_first, "-pk")


class MembershipInline(FactInline):
    """The chapters of a mentor, from those of the mentor's organisation."""

    begins = "starts_at"
    model = Membership
    fields = ["chapter", "starts_at", "ends_at"]
    autocomplete_fields = ["chapter"]
    verbose_name_plural = _("chapters")

    class Media:
        js = CHAPTER_PICKER

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        mentor = unquote(request.resolver_match.kwargs.get("object_id", "")) if request.resolver_match else ""
        if db_field.name == "chapter" and field is not None and mentor.isascii() and mentor.isdigit():
            field.widget.attrs["data-mentor"] = mentor
        return field


class PauseInline(FactInline):
    begins = "starts_at"
    model = Pause
    fields = ["starts_at", "ends_at"]


class OptOutInline(FactInline):
    model = OptOut
    fields = ["trigger_type"]
    newest_first = "trigger_type"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        return opt_out_field(db_field, request) or super().formfield_for_dbfield(db_field, request, **kwargs)


class HumanContactInline(FactInline):
    begins = "contacted_at"
    model = HumanContact
    fields = ["contacted_at", "contacted_by"]
    autocomplete_fields = ["contacted_by"]
    newest_first = "-contacted_at"


class CertificationInline(FactInline):
    model = Certification
    fields = ["kind", "issued_at", "expires_at"]
    newest_first = "-expires_at"


INLINES = [MembershipInline, PauseInline, OptOutInline, HumanContactInline, CertificationInline]
