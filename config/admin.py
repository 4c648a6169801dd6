"""Who may come in; and what other libraries have registered is taken back or made safe."""

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django_celery_beat import models as beat
from rest_framework.authtoken.models import Token, TokenProxy
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from scenarios.admin.base import Admin, Kept, address_of, badge, go_on
from scenarios.admin.people import StaffScopeInline
from scenarios.admin.rights import may_manage

from . import pages  # noqa: F401 (registers them)

# A periodic task can call any task with any arguments: nobody gets a form for that.
for _model in (
    beat.PeriodicTask, beat.IntervalSchedule, beat.CrontabSchedule, beat.SolarSchedule, beat.ClockedSchedule,
):  # fmt: skip
    admin.site.unregister(_model)
# Its list shows every key, and its log keeps them.
admin.site.unregister([TokenProxy, User, Group])


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin, Admin):
    """What a group may do is decided by administrators: whoever could change their own group could do anything."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(User)
class StaffAdmin(UserAdmin, Kept):
    """Staff are made inactive, not deleted: what they did stays theirs."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "email", "state", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    inlines = [StaffScopeInline]
    actions_detail = ["make_token", "revoke_token"]
    autocomplete_fields = ["groups"]
    filter_horizontal = []
    powers = ["is_superuser", "groups", "is_staff"]
    # What a person may do comes from their groups alone, where somebody can look it up.
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What this person may do"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("When"), {"fields": ["last_login", "date_joined"]}),
    ]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        """Keep those who administer staff from giving themselves, or anybody, more than they have."""
        readonly = [*super().get_readonly_fields(request, obj), "last_login", "date_joined"]
        return readonly if request.user.is_superuser else [*readonly, *self.powers]

    def has_change_permission(self, request, obj=None):
        # The page of the password asks this too.
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    @display(description=_("state"), ordering="is_active")
    def state(self, user):
        if not user.is_active:
            return badge(_("locked out"))
        return badge(_("administrator"), "info") if user.is_superuser else badge(_("active"), "success")

    def has_tokens_permission(self, request, obj=None):
        return request.user.is_superuser

    @action(
        description=_("New API token"),
        permissions=["tokens"],
        icon="key",
        dialog={
            "title": _("Make a new API token?"),
            "description": _("It is shown once. The one that this person has now stops working at once."),
            "form_class": None,
            "form_submit_text": _("Make it"),
        },
    )
    def make_token(self, request, form, object_id):
        user = get_object_or_404(User, pk=object_id)
        Token.objects.filter(user=user).delete()
        token = Token.objects.create(user=user)
        self.log_change(request, user, str(_("Made an API token.")))
        messages.success(request, _("Copy this token now; it is not shown again: %(key)s") % {"key": token.key})
        return go_on(request, address_of("auth_user", user.pk))

    @action(
        description=_("Revoke API token"),
        permissions=["tokens"],
        icon="key_off",
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("Revoke the API token?"),
            "description": _("Whatever uses it is refused from now on."),
            "form_class": None,
            "form_submit_text": _("Revoke"),
        },
    )
    def revoke_token(self, request, form, object_id):
        user = get_object_or_404(User, pk=object_id)
        gone, _by_model = Token.objects.filter(user=user).delete()
        self.log_change(request, user, str(_("Revoked the API token.")))
        messages.success(request, _("The token is revoked.") if gone else _("There was no token."))
        return go_on(request, address_of("auth_user", user.pk))
