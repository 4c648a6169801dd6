from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from scenarios.models import Rule

from .backtest import BacktestView
from .preview import NEEDED, preview_page
from .reach import ConfirmingRuleAdmin

ASKED = "scenarios_rule_preview"


class Asked:
    """A form that only asks what would happen: it is shown again as it was filled in, and never saved."""

    asks_why = False
    can_be_saved = False

    def is_valid(self):
        self.can_be_saved = super().is_valid()  # type: ignore[misc]
        return False


@admin.register(Rule)
class AnsweringRuleAdmin(ConfirmingRuleAdmin):
    actions_submit_line = ["preview"]
    actions_list = ["look_back"]
    actions_detail = ["look_back_at"]
    change_form_after_template = "admin/pages/rule_ask.html"

    def get_urls(self):
        backtest = self.admin_site.admin_view(BacktestView.as_view(model_admin=self))
        return [path("backtest/", backtest, name="scenarios_rule_backtest"), *super().get_urls()]

    def has_look_back_permission(self, request, obj=None):
        return BacktestView.allowed(request.user)

    @action(description=_("What would have happened?"), permissions=["look_back"], icon="query_stats")
    def look_back(self, request):
        return redirect("admin:scenarios_rule_backtest")

    @action(description=_("What would have happened?"), permissions=["look_back"], icon="query_stats")
    def look_back_at(self, request, object_id):
        asked = QueryDict(mutable=True)
        asked["rule"] = unquote(object_id)
        return redirect(f"{reverse('admin:scenarios_rule_backtest')}?{asked.urlencode()}")

    def has_preview_permission(self, request, obj=None):
        writes = self.has_add_permission(request) or self.has_change_permission(request)
        return writes and request.user.has_perms(NEEDED)

    @action(description=_("See who would get this message"), permissions=["preview"], icon="visibility")
    def preview(self, request, obj):
        """Only a name for the button: the form that is asked is never saved."""

    def get_actions_submit_line(self, request, object_id):
        # On the form of a new rule this button stands out, at the form's end.
        return super().get_actions_submit_line(request, object_id) if object_id else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type(form)("AskedRuleForm", (Asked, form), {}) if ASKED in request.POST else form

    def changeform_view(self, request, *args, **kwargs):
        if ASKED in request.POST and not self.has_preview_permission(request):
            raise PermissionDenied
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request, context, add=False, *args, **kwargs):
        if add and self.has_preview_permission(request):
            context["asks_before_saving"] = ASKED
        form = context["adminform"].form
        if getattr(form, "can_be_saved", False):
            context["preview"] = preview_page(form.instance, user=request.user, now=timezone.now())
        return super().render_change_form(request, context, add, *args, **kwargs)
