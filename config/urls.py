from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config.api.schema import Docs, Root, Schema
from config.pickers import PickerView
from config.wellbeing.api import StatusView
from config.wellbeing.health import healthz, readyz

CONTRACTS = ("scheduler-invocations", "scenario-evaluations")
FED = ("peer-mentors", "activities", "certifications", "pauses")
BRAKE = ("clearances",)

urlpatterns = [
    # Whoever opens the printed address, or the bare host name, comes to the first page, by way of the login.
    path("", RedirectView.as_view(pattern_name="admin:index", http_method_names=["get", "head"]), name="first-page"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    # In the place of the admin's own, which calls a mentor by the user ID.
    path("admin/autocomplete/", admin.site.admin_view(PickerView.as_view(admin_site=admin.site)), name="picker"),
    path("admin/", admin.site.urls),
    re_path("^api/v1/?$", Root.as_view(links={name: f"{name}-list" for name in CONTRACTS + FED + BRAKE}), name="api"),
    re_path("^api/v1/status/?$", StatusView.as_view(), name="status"),
    path("api/v1/", include("scheduler.api.question_urls")),
    path("api/v1/", include("scheduler.api.urls")),
    path("api/v1/", include("scenarios.api.urls")),
    path("api/v1/", include("scenarios.api.feeding.urls")),
    path("api/v1/", include("scenarios.api.clearance_urls")),
    # The contracts print their base before their paths; whoever took them at their word finds the same.
    path("api/v1/scheduler-invocations/api/v1/", include(("scheduler.api.urls", "runs-as-printed"))),
    path("api/v1/scenario-evaluations/api/v1/", include(("scenarios.api.urls", "evaluations-as-printed"))),
    re_path("^api/schema/?$", Schema.as_view(), name="schema"),
    re_path("^api/docs/?$", Docs.as_view(), name="docs"),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.api.errors.server_error"
