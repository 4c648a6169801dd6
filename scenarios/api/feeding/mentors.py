"""Mentors under their pseudonyms. Names and addresses are no business of this API."""

from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from config.api.idempotency import idempotent
from config.api.serializers import read, read_many

from ... import operations
from ...models import PeerMentor
from . import filters, shapes
from .base import Collection, conflicts_answered, described, permissions, refuse
from .naming import Problems, chapters_for, organizations_of


@described("Peer mentors")
class PeerMentors(Collection):
    """Who is followed: joining, leaving, the mentor's own weekly targets, and the chapters of now."""

    permissions_needed = permissions("peermentor")
    http_method_names = ["get", "head", "post", "put"]
    queryset = PeerMentor.objects.all()
    lookup_field = "user_id"
    lookup_url_kwarg = "user_id"
    shown, posted, change = shapes.MentorShown, shapes.MentorPosted, shapes.MentorChange
    blame = "user_id"
    filterset_class = filters.MentorFilter
    ordering = ["pk"]
    ordering_fields = ["joined_at", "recorded_at"]

    def context_of(self, page):
        return {"chapters": operations.chapters_of(page)}

    @idempotent
    def create(self, request):
        said = read_many(request, self.posted)
        problems: Problems = {}
        organizations_of(said, problems)
        chapters_for(
            [(n, "chapter_ids", one.get("chapter_ids", []), one["organization_id"]) for n, one in enumerate(said)],
            problems,
        )
        refuse(request, problems)
        given = [(PeerMentor(**one), chapters) for one, chapters in ((one, one.pop("chapter_ids", [])) for one in said)]
        with conflicts_answered(request, self.blame):
            fed = operations.store_mentors(given, now=timezone.now())
        return self.stored(request, fed)

    def update(self, request, **kwargs):
        mentor, change = self.found(**kwargs), read(request, self.change)
        problems: Problems = {}
        chapter_ids = change.pop("chapter_ids", None)
        chapters = chapters_for([(0, "chapter_ids", chapter_ids or [], mentor.organization_id)], problems)
        refuse(request, problems)
        if disorder := self.posted.disorder({"joined_at": mentor.joined_at, **change}):
            raise ValidationError(disorder)
        moved = None if chapter_ids is None else list(chapters.values())
        with conflicts_answered(request, self.blame):
            changed = operations.change_mentor(mentor, change, chapters=moved, now=timezone.now())
        return Response(self.rows([changed])[0])
