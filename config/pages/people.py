from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from notifications.admin.named import may_see_names, name_for
from scenarios.admin.base import address_of
from scenarios.models import Membership, PeerMentor


def who_are(mentor_ids: Iterable[int], *, user, now: datetime) -> dict[int, dict]:
    """Return name, page and chapters (or else the organisation) of some mentors, in two queries however many.

    Who may not see names gets user IDs in their place.
    """
    related = ["organization", "contact"] if may_see_names(user) else ["organization"]
    mentors = PeerMentor.objects.filter(pk__in=set(mentor_ids)).select_related(*related)
    current = Q(starts_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    memberships = Membership.objects.standing().filter(current, mentor__in=mentors.values("pk"))
    chapters: dict[int, list[str]] = {}
    for mentor_id, chapter in memberships.order_by("chapter__name").values_list("mentor_id", "chapter__name"):
        chapters.setdefault(mentor_id, []).append(chapter)
    return {
        mentor.pk: {
            "name": name_for(user, mentor),
            "url": address_of("scenarios_peermentor", mentor.pk),
            "where": ", ".join(chapters.get(mentor.pk, [])) or mentor.organization.name,
        }
        for mentor in mentors
    }
