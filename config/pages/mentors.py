from urllib.parse import urlencode

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from notifications.admin.mentors import PeerMentorAdmin
from scenarios.models import PeerMentor

from .why import WhyView


@admin.register(PeerMentor)
class AnsweringMentorAdmin(PeerMentorAdmin):
    actions_detail = ["log_conversation", "ask_why"]

    def get_urls(self):
        why = self.admin_site.admin_view(WhyView.as_view(model_admin=self))
        return [path("<path:object_id>/why/", why, name="scenarios_peermentor_why"), *super().get_urls()]

    def has_conversation_permission(self, request, obj=None):
        return request.user.has_perm("scenarios.add_humancontact")

    @action(description=_("Log a conversation"), permissions=["conversation"], icon="call")
    def log_conversation(self, request, object_id):
        return redirect(f"{reverse('admin:scenarios_humancontact_add')}?{urlencode({'mentor': object_id})}")

    def has_why_permission(self, request, obj=None):
        return WhyView.allowed(request.user)

    @action(description=_("Why, why not?"), permissions=["why"], icon="contact_support")
    def ask_why(self, request, object_id):
        return redirect(reverse("admin:scenarios_peermentor_why", args=[object_id]))
