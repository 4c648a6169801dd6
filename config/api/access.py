"""Who may do what: everybody on loopback, or holders of Django's model permissions."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

PUBLIC = "public"


class Access(BasePermission):
    """Let in by `settings.API_ACCESS`.

    A view says in `permissions_needed` what each of its actions takes, or, without actions, what it takes as a whole;
    an empty tuple is open to everybody who is known. What says nothing is closed.
    """

    def has_permission(self, request, view) -> bool:
        refuse_cross_site(request)
        if settings.API_ACCESS == PUBLIC:
            return True
        if not (request.user and request.user.is_authenticated):
            return False
        by_session = request.auth is None
        if by_session and not request.user.is_staff:
            return False
        needed = needed_for(view)
        return needed is not None and request.user.has_perms(needed)


def needed_for(view) -> tuple[str, ...] | None:
    """Return the permissions that this request takes; None where nobody has said."""
    needed = getattr(view, "permissions_needed", None)
    if not isinstance(needed, Mapping):
        return needed
    action = getattr(view, "action", None)
    # No action: a method that doesn't exist here, which the view is about to say.
    return () if action in (None, "metadata") else needed.get(action)


def refuse_cross_site(request) -> None:
    """Refuse what a page of another site makes a browser send: it can't read our answers, but it could start runs.

    Programs send neither header. A token is no ambient credential, so whoever sends one means it.
    """
    if request.method in SAFE_METHODS or request.auth is not None:
        return
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in ("none", "same-origin") or not (origin is None or is_ours(origin, request)):
        raise PermissionDenied(_("Requests from pages of other sites are refused."))


def is_ours(origin: str, request) -> bool:
    """Tell whether a page with this origin is ours; what is no origin at all, such as `http://[`, isn't."""
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return host == request.get_host() or origin in settings.CSRF_TRUSTED_ORIGINS


def speaks_for(request, name: str) -> bool:
    """Tell whether the caller may name this person as who asks.

    Where the API is public anybody says what they like. Otherwise staff speak for themselves; an account that isn't
    staff is a program, which may name people of its own system, but nobody who has an account here.
    """
    if settings.API_ACCESS == PUBLIC or name == actor(request):
        return True
    accounts = get_user_model().objects.filter(username__iexact=name)
    return not request.user.is_staff and not accounts.exists()


def actor(request) -> str:
    """Return who asks, for the record: a user's name, or that anybody could have."""
    return request.user.get_username() if request.user and request.user.is_authenticated else PUBLIC
