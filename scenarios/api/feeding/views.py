"""Activities, certifications and pauses: stored, corrected and taken back, never overwritten."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from config.api.idempotency import idempotent
from config.api.refusals import Conflict
from config.api.serializers import read, read_many

from ... import operations
from ...models import Activity, Certification, Pause, PeerMentor
from ...models.facts import Fact
from ..activities import EMPTY, proposed
from . import filters, shapes
from .base import Collection, conflicts_answered, described, permissions, refuse
from .naming import Problems, chapters_for, mentors_of


class Facts(Collection):
    """What is known of mentors."""

    def build(self, said: dict, mentor: PeerMentor) -> Fact:
        raise NotImplementedError

    def check(self, said: Sequence[dict], mentors: Sequence[PeerMentor | None], problems: Problems) -> None:
        """Note what else is named and doesn't exist."""

    def store(self, rows: Sequence) -> operations.Fed:
        return operations.store_facts(rows, now=timezone.now())

    @idempotent
    def create(self, request):
        said = read_many(request, self.posted)
        problems: Problems = {}
        mentors = mentors_of(said, problems)
        self.check(said, [mentors.get(one["user_id"]) for one in said], problems)
        refuse(request, problems)
        with conflicts_answered(request, self.blame):
            fed = self.store([self.build(one, mentors[one["user_id"]]) for one in said])
        return self.stored(request, fed)

    def update(self, request, **kwargs):
        fact, change = self.found(**kwargs), read(request, self.change)
        problems: Problems = {}
        self.check([change], [fact.mentor], problems)
        refuse(request, problems)
        known = {name: getattr(fact, name) for name in self.posted.order or ()}
        if disorder := self.posted.disorder(known | change):
            raise ValidationError(disorder)
        change |= {name: empty for name, empty in EMPTY.items() if name in change and change[name] is None}
        try:
            with conflicts_answered(request, self.blame):
                corrected = operations.correct_fact(fact, change, now=timezone.now())
        except type(fact).DoesNotExist:
            raise self.not_found(**kwargs) from None
        return Response(self.rows([corrected])[0])

    def destroy(self, request, **kwargs):
        fact = self.found(**kwargs)
        try:
            operations.withdraw_current(fact, now=timezone.now())
        except type(fact).DoesNotExist:
            raise self.not_found(**kwargs) from None
        except operations.FactConflict as problem:
            raise Conflict(str(problem)) from problem
        return Response({"deleted": True, "id": kwargs[self.lookup_url_kwarg]})


@described("Activities")
class Activities(Facts):
    """What mentors did. Nothing is evaluated here; the second contract does that."""

    permissions_needed = permissions("activity")
    queryset = Activity.objects.standing().select_related("mentor")
    lookup_field = "activity_id"
    shown, posted, change = shapes.ActivityShown, shapes.ActivityPosted, shapes.ActivityChange
    filterset_class = filters.ActivityFilter
    ordering = ["-completed_at", "-pk"]
    ordering_fields = ["completed_at", "recorded_at"]

    def check(self, said, mentors, problems):
        named = [
            (index, "chapter_id", [one["chapter_id"]], mentor.organization_id)
            for index, (one, mentor) in enumerate(zip(said, mentors, strict=True))
            if mentor and one.get("chapter_id")
        ]
        chapters_for(named, problems)

    def build(self, said, mentor):
        return proposed(said, mentor, said.get("chapter_id"))


@described("Certifications")
class Certifications(Facts):
    """Courses that mentors passed, until they expire. A renewal is a new one of the same kind."""

    permissions_needed = permissions("certification")
    queryset = Certification.objects.standing().select_related("mentor")
    lookup_field = "certification_id"
    shown, posted, change = shapes.CertificationShown, shapes.CertificationPosted, shapes.CertificationChange
    filterset_class = filters.CertificationFilter
    ordering = ["-expires_at", "-pk"]
    ordering_fields = ["expires_at", "recorded_at"]

    def build(self, said, mentor):
        return Certification(
            certification_id=said["id"],
            mentor=mentor,
            kind=said["kind"],
            issued_at=said.get("issued_at"),
            expires_at=said["expires_at"],
        )


@described("Pauses")
class Pauses(Facts):
    """Times in which mentors are left alone. Why isn't asked: it would say something of a person's health."""

    permissions_needed = permissions("pause")
    queryset = Pause.objects.standing().select_related("mentor")
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    blame = "starts_at"
    shown, posted, change = shapes.PauseShown, shapes.PausePosted, shapes.PauseChange
    filterset_class = filters.PauseFilter
    ordering = ["-starts_at", "-pk"]
    ordering_fields = ["starts_at", "recorded_at"]

    def not_found(self, **kwargs):
        """Say where a corrected one is: whoever hears “not found” takes the mentor for no longer paused."""
        pause = Pause.objects.filter(pk=kwargs[self.lookup_url_kwarg]).first()
        if self.action == "retrieve" or pause is None or (now_it := operations.correction_of(pause)) is None:
            return super().not_found(**kwargs)
        return Conflict(_("This pause was corrected; its ID is “%(id)s” now.") % {"id": now_it.pk})

    def build(self, said, mentor):
        return Pause(mentor=mentor, starts_at=said["starts_at"], ends_at=said.get("ends_at"))

    def store(self, rows):
        return operations.store_pauses(rows, now=timezone.now())
