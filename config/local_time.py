"""In the admin, instants are read and written in the time of the people who look at them."""

from zoneinfo import ZoneInfo

from django.utils import timezone

from scenarios.models import Organization, StaffScope
from scheduler.schedule import daily_schedule

OTHERWISE = "Europe/Oslo"


class LocalTimeMiddleware:
    """Activate the zone for the admin alone: the API speaks UTC."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            return self.get_response(request)
        finally:
            # The next request of this thread may be the API's.
            timezone.deactivate()

    def process_view(self, request, view, args, kwargs):
        if request.resolver_match.app_name == "admin" and request.user.is_authenticated:
            timezone.activate(zone_of(request.user))


def zone_of(user) -> ZoneInfo:
    """Return the zone of the user's organisations where they share one, and otherwise that of the daily run."""
    scopes = StaffScope.objects.filter(user=user)
    zones = set(
        Organization.objects.filter(pk__in=scopes.values("organization"))
        .union(Organization.objects.filter(chapters__in=scopes.values("chapter")))
        .values_list("time_zone", flat=True)
    )
    if len(zones) == 1:
        return ZoneInfo(zones.pop())
    schedule = daily_schedule()
    return ZoneInfo(str(schedule.crontab.timezone) if schedule and schedule.crontab else OTHERWISE)
