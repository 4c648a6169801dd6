"""What is shown instead of a page. Staff in the admin stay in its frame and are led back; others get one plain line.

The API says the same in JSON: see `config.api.errors`. `config.urls` and the settings name these functions.
"""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import csrf

from config.admin_addresses import admin_at
from config.api import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_staff(request):
        return errors.bad_request(request, exception)
    return in_the_frame(
        request,
        HTTPStatus.BAD_REQUEST,
        title=_("This address is not valid"),
        says=_("The link or what was typed holds something that no page here can use. It may have been cut or edited."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_staff(request):
        return errors.permission_denied(request, exception)
    return in_the_frame(
        request,
        HTTPStatus.FORBIDDEN,
        title=_("You have no access to this page"),
        says=_("Your account has no permission for it. Ask an administrator for it, if you need it."),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_for_staff(request):
        return errors.page_not_found(request, exception)
    return in_the_frame(
        request,
        HTTPStatus.NOT_FOUND,
        title=_("There is no such page"),
        says=_("The address may be wrong, or what it showed is no longer there."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if not is_for_staff(request):
        return csrf.csrf_failure(request, reason)
    return in_the_frame(
        request,
        HTTPStatus.FORBIDDEN,
        title=_("Nothing was saved"),
        says=_("This form was opened before you last signed in. Open the page again, and fill it in once more."),
    )


def is_for_staff(request: HttpRequest) -> bool:
    """Tell whether a signed-in member of staff was on the way to a page of the admin."""
    user = getattr(request, "user", None)
    in_admin = request.path_info.startswith(reverse("admin:index"))
    return in_admin and user is not None and user.is_active and user.is_staff


def in_the_frame(request: HttpRequest, status: HTTPStatus, *, title: str, says: str) -> HttpResponse:
    page: dict[str, Any] = {**admin.site.each_context(request), "title": title, "says": says}
    model_admin = admin_at(request.path)
    if model_admin is not None and model_admin.has_view_permission(request):
        opts = model_admin.opts
        page["list_name"] = opts.verbose_name_plural
        page["list_url"] = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return render(request, "admin/error.html", page, status=status)
