"""The page that asks before a text is approved that more than one organisation receives."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminSelectWidget

from scenarios.admin.base import address_of
from scenarios.models import Organization

from .. import texts
from ..models import Variant
from .briefs import copy_for, may_copy, may_edit


class OwnerForm(forms.Form):
    """For whom a copy is to be made."""

    owner = forms.ChoiceField(label=_("Organisation"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args, organizations, **kwargs):
        super().__init__(*args, **kwargs)
        owner = cast(forms.ChoiceField, self.fields["owner"])
        owner.choices = [(one.pk, one.name) for one in organizations]


class ApproveView(UnfoldModelAdminViewMixin, FormView):
    title = _("Approve this text for all who receive it?")
    form_class = OwnerForm
    template_name = "admin/notifications/approve.html"

    @cached_property
    def variant(self) -> Variant:
        number = self.kwargs["object_id"]
        if not (number.isascii() and number.isdecimal() and len(number) < 18):
            raise Http404
        return get_object_or_404(Variant.objects.select_related("template__organization"), pk=int(number))

    @cached_property
    def organizations(self):
        return texts.uses_of(self.variant.template).organizations

    def has_permission(self):
        user = self.request.user
        return user.has_perm("notifications.change_variant") and may_edit(user, self.variant.template)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "organizations": self.organizations}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs,
            variant=self.variant,
            organizations=self.organizations,
            replaced=Variant.objects.filter(
                template=self.variant.template_id, language=self.variant.language, state=Variant.State.APPROVED
            ).first(),
            may_copy=may_copy(self.request.user),
            variant_url=address_of("notifications_variant", self.variant.pk),
        )

    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs) if self.is_draft() else self.back()

    def post(self, request, *args, **kwargs):
        """Approve for those who were named on the page, or make a copy for one of them."""
        if not self.is_draft():
            return self.back()
        if "copy" in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            agreed = request.POST.getlist("organization")
            texts.approve(self.variant, by=request.user, agreed=agreed, now=timezone.now())
        except texts.MoreReceiveIt:
            messages.warning(request, _("Meanwhile more organisations use this text. Please look at the list again."))
            return HttpResponseRedirect(request.path)
        except texts.NotADraft:
            return self.back()
        self.model_admin.log_change(request, self.variant, str(_("Approved.")))
        messages.success(request, _("Approved: from now on this is what is sent."))
        return self.back()

    def form_valid(self, form):
        if not may_copy(self.request.user):
            raise PermissionDenied
        owner = Organization.objects.get(pk=form.cleaned_data["owner"])
        copy = copy_for(self.model_admin, self.request, self.variant.template, owner, draft=self.variant)
        return HttpResponseRedirect(address_of("scenarios_prompttemplate", copy.pk))

    def is_draft(self) -> bool:
        if self.variant.state == Variant.State.DRAFT:
            return True
        messages.info(self.request, _("Only a draft can be approved."))
        return False

    def back(self):
        return HttpResponseRedirect(address_of("notifications_variant", self.variant.pk))
