from collections.abc import Iterable
from datetime import datetime

from notifications.admin.named import may_see_names, name_for
from notifications.admin.situation import with_chapters
from scenarios.admin.base import address_of
from scenarios.models import PeerMentor


def who_are(mentor_ids: Iterable[int], *, user, now: datetime) -> dict[int, dict]:
    """Return name, page and chapters (or else the organisation) of some mentors, in one query however many.

    Who may not see names gets user IDs in their place.
    """
    related = ["organization", "contact"] if may_see_names(user) else ["organization"]
    mentors = with_chapters(PeerMentor.objects.filter(pk__in=set(mentor_ids)), now).select_related(*related)
    return {
        mentor.pk: {
            "name": name_for(user, mentor),
            "url": address_of("scenarios_peermentor", mentor.pk),
            "where": ", ".join(mentor.chapter_names) or mentor.organization.name,
        }
        for mentor in mentors
    }
