from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scenarios.admin.base import Admin, badge

from ..models import ChannelSetting


@admin.register(ChannelSetting)
class ChannelSettingAdmin(Admin):
    list_display = ["organization", "channel", "state", "sender_name", "reply_to"]
    list_filter = ["enabled", "channel"]
    list_select_related = ["organization"]
    search_fields = ["organization__name", "sender_name", "reply_to"]
    autocomplete_fields = ["organization"]

    @display(description=_("state"), ordering="enabled")
    def state(self, setting):
        return badge(_("on"), "success") if setting.enabled else badge(_("off"))
