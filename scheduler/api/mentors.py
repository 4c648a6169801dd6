"""The mentors that would be weighed now, a thousand at a time."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework.response import Response

from config.api.pagination import Pages
from scenarios.engine import active
from scenarios.models import Activity, PeerMentor


class MentorPages(Pages):
    """The contract prints no pagination here, so that `total` tells a caller to ask for the next page."""

    page_size = 1_000
    max_page_size = 1_000

    def get_paginated_response(self, data) -> Response:
        return Response({"active_peer_mentors": data, "total": self.page.paginator.count})

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return {
            "type": "object",
            "required": ["active_peer_mentors", "total"],
            "properties": {"active_peer_mentors": schema, "total": {"type": "integer", "minimum": 0}},
        }


def active_mentors(now: datetime) -> QuerySet[PeerMentor]:
    """Return the mentors by internal id, each with the instant of the latest logged activity."""
    # One look into an index for each row of the page; a join would group the activities of everybody.
    latest = Activity.objects.standing().filter(mentor=OuterRef("pk")).order_by("-completed_at").values("completed_at")
    return active(now, now).annotate(last_active_at=Subquery(latest[:1])).order_by("pk")
