"""What the addresses of the admin may hold: links get cut, edited, scanned, and kept for years."""

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, QueryDict
from django.urls import reverse

from scenarios.admin.base import can_hold

NUL = "\0"


class AdminAddressMiddleware:
    """Refuse what no page can mean, before a page is asked: 400 for a NUL, 404 for a key that no row can have.

    Django's own pages of a row look at the key themselves; actions, dialogues and pages of ours would each have to.
    PostgreSQL stores no NUL, and says so only when it is asked, deep inside a list or a picker.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # By the path: the picker lies under the admin's address and is ours.
        if not request.path.startswith(reverse("admin:index")):
            return
        if holds_nul(request.GET) or NUL in request.path:
            raise SuspiciousOperation("A NUL in an address of the admin.")
        key, page = kwargs.get("object_id"), admin_at(request.path)
        if key is not None and page is not None and not can_hold(page.opts.pk, unquote(key)):
            raise Http404


def holds_nul(parameters: QueryDict) -> bool:
    return any(NUL in text for name, values in parameters.lists() for text in (name, *values))


def admin_at(path: str) -> ModelAdmin | None:
    """Return the admin of the model whose list or page lies at this path."""
    app_label, _slash, rest = path.removeprefix(reverse("admin:index")).partition("/")
    model_name = rest.partition("/")[0]
    for model, model_admin in admin.site._registry.items():
        if (model._meta.app_label, model._meta.model_name) == (app_label, model_name):
            return model_admin
    return None
