"""Is this process alive? Asked by the supervisor and by load balancers."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer without asking PostgreSQL or Redis: their being away is no reason to restart the web process."""
    return JsonResponse({"status": "alive"})
