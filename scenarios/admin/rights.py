"""Nobody changes who is above them, and nobody gives what they don't have themselves.

One rule for accounts, their scopes and their tokens: whatever a person may do, by permissions of their own, by their
groups and by their scopes, must be within what you may do. Administrators (superusers) may do everything.
"""

from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..models import StaffScope
from .forms import ThoroughForm


def may_manage(actor, user) -> bool:
    """Tell whether this actor may change that account: its name, its password, whether it is locked out, its scopes."""
    if actor.is_superuser:
        return True
    if user.is_superuser:
        return False
    scopes = StaffScope.objects.filter(user=user).select_related("chapter")
    return permissions_of(user) <= actor.get_all_permissions() and all(covers(actor, scope) for scope in scopes)


def may_scope(actor, user) -> bool:
    """Tell whether this actor may change what that person may see; nobody widens their own view."""
    return actor.is_superuser or (actor.pk != user.pk and may_manage(actor, user))


def permissions_of(user) -> set[str]:
    """Return what an account may do, also one that is locked out: it could be let in again."""
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user)).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in given}


def covers(actor, scope: StaffScope) -> bool:
    """Tell whether a scope lies within the actor's own. Who has none has nothing to give."""
    if actor.is_superuser:
        return True
    own = Q(everything=True)
    if scope.organization_id:
        own |= Q(organization=scope.organization_id)
    if scope.chapter_id:
        own |= Q(chapter=scope.chapter_id) | Q(organization__chapters=scope.chapter_id)
    return StaffScope.objects.filter(own, user=actor).exists()


class ScopeForm(ThoroughForm):
    """Gives a scope that lies within the giver's own to somebody who isn't above the giver."""

    giver = None

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        user = cleaned.get("user") or (self.instance.user if self.instance.user_id else None)
        named = {name: cleaned.get(name) for name in ("everything", "organization", "chapter")}
        if user is not None and not may_scope(self.giver, user):
            raise ValidationError(
                _("You may not change what this person may see: they may do more than you, or are you.")
            )
        if any(named.values()) and not covers(
            self.giver, StaffScope(**{**named, "everything": bool(named["everything"])})
        ):
            raise ValidationError(_("You can only let others see what you may see yourself."))
        return cleaned


def given_by(giver, form: type[ScopeForm]) -> type[ScopeForm]:
    return type("GivenScopeForm", (form,), {"giver": giver})
