"""What the four collections have in common: lists, and one or many at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.serializers import IntegerField, Serializer
from rest_framework.viewsets import GenericViewSet

from config.api.idempotency import IDEMPOTENCY_KEY
from config.api.parsing import OneOrManyParser, StrictJSONParser, body
from config.api.refusals import Conflict
from config.api.serializers import blamed

from ... import operations
from . import shapes


class Collection(GenericViewSet):
    """`shown`, `posted` and `change` are how one is shown, written, and corrected."""

    http_method_names = ["get", "head", "post", "put", "delete"]
    lookup_url_kwarg = "id"
    lookup_value_regex = "[A-Za-z0-9_.:-]{1,64}"
    lookup_field: str
    shown: type[Serializer]
    posted: type[shapes.Said]
    change: type[shapes.Change]
    # The field to blame for what contradicts what is stored.
    blame = "id"

    def get_parsers(self):
        return [OneOrManyParser() if self.request and self.request.method == "POST" else StrictJSONParser()]

    def get_serializer_class(self):
        return {"create": self.posted, "update": self.change}.get(self.action, self.shown)

    def rows(self, page) -> list[dict]:
        return list(self.shown(page, many=True, context=self.context_of(page)).data)

    def context_of(self, page) -> dict:
        return {}

    def found(self, **kwargs):
        """Return what the address names. Raise NotFound."""
        row = self.get_queryset().filter(**{self.lookup_field: kwargs[self.lookup_url_kwarg]}).first()
        if row is None:
            raise self.not_found(**kwargs)
        return row

    def not_found(self, **kwargs) -> APIException:
        return NotFound(_now("There is nothing with the ID “%(id)s”.") % {"id": kwargs[self.lookup_url_kwarg]})

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.rows(page))

    def retrieve(self, request, **kwargs):
        return Response(self.rows([self.found(**kwargs)])[0])

    def stored(self, request, fed: operations.Fed) -> Response:
        """Answer as was asked: with one, or with a list in the same order. 200: all of it was stored already."""
        rows = self.rows(fed.rows)
        answer = {"data": rows, "created": fed.created} if isinstance(body(request), list) else rows[0]
        return Response(answer, status=201 if fed.created else 200)


@contextmanager
def conflicts_answered(request, field: str) -> Iterator[None]:
    """Blame this field for what contradicts what is stored."""
    try:
        yield
    except operations.FactConflict as problem:
        blame = {index: {field: [sentence]} for index, sentence in problem.sentences.items()}
        raise Conflict(blamed(request, blame)) from problem


def permissions(model: str) -> dict[str, tuple[str, ...]]:
    verbs = {"list": "view", "retrieve": "view", "create": "add", "update": "change", "destroy": "delete"}
    return {action: (f"scenarios.{verb}_{model}",) for action, verb in verbs.items()}


def refuse(request, problems: dict[int, dict]) -> None:
    if problems:
        raise ValidationError(blamed(request, problems))


def either(name: str, serializers: list) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        component_name=name, serializers=serializers, resource_type_field_name=None, many=False
    )


def described(tag: str):
    """Describe a collection's operations."""

    def decorate(view):
        shown, posted = view.shown, view.posted
        name = posted.__name__.removesuffix("Posted")
        listed = type(f"{name}ListStored", (Serializer,), {"data": shown(many=True), "created": IntegerField()})
        answer = either(f"{name}Stored", [shown, listed])
        asked = either(f"{name}OneOrMany", [posted, posted(many=True)])
        verbs = {
            "list": extend_schema(responses=shown(many=True), description=_("List them.")),
            "retrieve": extend_schema(responses=shown, description=_("Show one.")),
            "create": extend_schema(
                parameters=[IDEMPOTENCY_KEY],
                request=asked,
                responses={200: answer, 201: answer},
                description=_(
                    "Store one, or a list of up to 1,000: all or nothing. The same again changes nothing (200). A list "
                    "is answered with `data`, in its order, and `created`, the number of new ones."
                ),
            ),
            "update": extend_schema(
                request=view.change, responses=shown, description=_("Correct one: what isn't named stays as it is.")
            ),
        }
        if hasattr(view, "destroy"):
            verbs["destroy"] = extend_schema(
                responses={200: shapes.Withdrawn}, description=_("Take one back. What was decided stays.")
            )
        return extend_schema(tags=[tag])(extend_schema_view(**verbs)(view))

    return decorate
