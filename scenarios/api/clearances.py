"""Beside the contract: the parts of runs that the brake holds, and the two things that a person can do about one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.access import actor
from config.api.fields import Instant
from config.api.refusals import Conflict
from config.api.serializers import StrictSerializer, read

from .. import operations
from ..models import Clearance
from .feeding.filters import after, before
from .filters import choice


class Nothing(StrictSerializer):
    """A body that says nothing."""


class ClearanceShown(serializers.Serializer):
    id = serializers.CharField(source="pk")
    run_id = serializers.CharField()
    organization_id = serializers.CharField()
    status = serializers.ChoiceField(choices=Clearance.Status.values)
    explanation = serializers.SerializerMethodField(help_text=_("Why it was held, in a sentence for people."))
    active_mentors = serializers.IntegerField(allow_null=True)
    told = serializers.IntegerField(help_text=_("How many hear of it, or would."))
    usual = serializers.IntegerField(allow_null=True, help_text=_("How many hear on a middling day."))
    newest_fact_at = Instant(allow_null=True)
    judged_at = Instant()
    expires_at = serializers.SerializerMethodField(help_text=_("When a held part is given up; else null."))
    settled_at = Instant(allow_null=True)
    settled_by = serializers.SerializerMethodField()

    def get_explanation(self, clearance) -> str | None:
        return clearance.explanation or None

    def get_expires_at(self, clearance) -> str | None:
        held = clearance.status == Clearance.Status.HELD
        return Instant().to_representation(clearance.expires_at) if held else None

    def get_settled_by(self, clearance) -> str | None:
        return clearance.settled_by or None


class ClearanceFilter(FilterSet):
    status = choice(Clearance.Status.choices)
    run_id = CharFilter(max_length=64)
    organization_id = CharFilter(max_length=64)
    judged_at_after, judged_at_before = after("judged_at"), before("judged_at")

    class Meta:
        model = Clearance
        fields: list[str] = []


@contextmanager
def problems_answered() -> Iterator[None]:
    try:
        yield
    except operations.ClearanceNotFound as problem:
        raise NotFound(str(problem)) from problem
    except operations.ClearanceConflict as problem:
        raise Conflict(str(problem)) from problem


@extend_schema(tags=["Clearances"])
class Clearances(GenericViewSet):
    """Whether an organisation's part of a run may be told. A held one waits for a person, for a day at most."""

    permissions_needed = {
        "list": ("scenarios.view_clearance",),
        "retrieve": ("scenarios.view_clearance",),
        "release": ("scenarios.change_clearance",),
        "discard": ("scenarios.change_clearance",),
    }
    http_method_names = ["get", "head", "post"]
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Clearance.objects.all()
    serializer_class = ClearanceShown
    filterset_class = ClearanceFilter
    ordering = ["-judged_at", "-pk"]
    ordering_fields = ["judged_at", "told"]

    @extend_schema(responses=ClearanceShown(many=True))
    def list(self, request):
        """List them, newest first; `status=held` are those that wait for a person."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ClearanceShown(page, many=True).data)

    @extend_schema(responses=ClearanceShown)
    def retrieve(self, request, id):  # noqa: A002 (named as in the address)
        """Show one."""
        clearance = self.get_queryset().filter(pk=id).first()
        if clearance is None:
            raise NotFound(str(operations.ClearanceNotFound(id)))
        return Response(ClearanceShown(clearance).data)

    @extend_schema(request=Nothing, responses={200: ClearanceShown})
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def release(self, request, id):  # noqa: A002
        """Let a held part be told. Released again, it is what it is; once it was discarded or has expired: 409."""
        return self.settled(request, operations.release, id)

    @extend_schema(request=Nothing, responses={200: ClearanceShown})
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def discard(self, request, id):  # noqa: A002
        """Give a held part up: nobody in it is told. Discarded again, it is what it is; once it was released: 409."""
        return self.settled(request, operations.discard, id)

    def settled(self, request, verb, clearance_id: str) -> Response:
        # There is nothing to say, so nothing need be sent.
        if request.stream is not None:
            read(request, Nothing)
        with problems_answered():
            clearance = verb(int(clearance_id), by=actor(request), now=timezone.now())
        return Response(ClearanceShown(clearance).data)
