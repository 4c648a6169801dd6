"""The switch for everybody: a page of one button, since somebody in haste looks for it."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminTextInputWidget

from ..models import Organization, Switch
from ..models.switch import ONLY
from ..operations import turn_messages
from ..text import LineFormField


class OffForm(forms.Form):
    why = LineFormField(
        label=_("Why"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Everybody who works here reads it, for example: The address list is wrong."),
    )


class SwitchView(UnfoldModelAdminViewMixin, FormView):
    title = _("All messages")
    form_class = OffForm
    template_name = "admin/scenarios/switch.html"

    @staticmethod
    def allowed(user) -> bool:
        return user.has_perm("scenarios.view_switch")

    def has_permission(self):
        user = self.request.user
        return user.has_perm("scenarios.change_switch") if self.request.method == "POST" else self.allowed(user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs,
            switch=Switch.objects.filter(pk=ONLY).first(),
            may_turn=self.request.user.has_perm("scenarios.change_switch"),
            off_here=list(Organization.objects.filter(telling_enabled=False)),
        )

    def post(self, request, *args, **kwargs):
        """Turn the messages on; turning them off wants the form with its reason."""
        if "on" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.turn(on=True)
        messages.success(request, _("Messages are on again. What has waited is looked at once more, and then told."))
        return redirect("admin:scenarios_organization_switch")

    def form_valid(self, form):
        self.turn(on=False, why=form.cleaned_data["why"])
        messages.warning(self.request, _("Messages are off. Nobody is told anything until somebody turns them on."))
        return redirect("admin:scenarios_organization_switch")

    def turn(self, *, on: bool, why: str = "") -> None:
        switch = turn_messages(on=on, why=why, by=self.request.user.get_username(), now=timezone.now())
        said = _("Turned all messages on.") if on else _("Turned all messages off: %(why)s") % {"why": why}
        self.model_admin.log_change(self.request, switch, str(said))
