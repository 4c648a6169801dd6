"""The OpenAPI document and its page: canonical addresses only, and the one shape of every refusal."""

import re

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from .access import Access
from .filtering import refuse_parameters

DOUBLED = re.compile(r"^/api/v1/([a-z-]+)/api/v1/")

ERROR = {
    "type": "object",
    "required": ["code", "message", "errors"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": gettext_lazy("For programs; stays the same."), "example": "invalid"},
        "message": {"type": "string", "description": gettext_lazy("For people; may change."), "example": "page: ..."},
        "errors": {
            "type": "object",
            "description": gettext_lazy(
                "By field, written `user_ids.3` inside a list; empty where no field is to blame."
            ),
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ALWAYS = {
    "400": gettext_lazy("Not understood, or a field is wrong."),
    "401": gettext_lazy("Who are you? (`API_ACCESS=protected`)"),
    "403": gettext_lazy("You may not do this."),
    "404": gettext_lazy("There is no such thing."),
    "406": gettext_lazy("This can't be answered in the format that was asked for."),
    "503": gettext_lazy("The database is away; try again."),
}
WITH_A_BODY = {
    "409": gettext_lazy("The present state doesn't allow it."),
    "413": gettext_lazy("The body is larger than 1 MB."),
    "415": gettext_lazy("The body isn't JSON in UTF-8."),
}
CREATING = {"422": gettext_lazy("The Idempotency-Key was used with other parameters.")}
REFUSALS = {
    "get": ALWAYS,
    "post": ALWAYS | WITH_A_BODY | CREATING,
    "put": ALWAYS | WITH_A_BODY,
    "delete": ALWAYS | {"409": WITH_A_BODY["409"]},
}


def canonical_only(endpoints: list[tuple]) -> list[tuple]:
    """Leave out the doubled form, and the optional slash at the end."""
    return [
        (path.rstrip("/"), path_regex, method, callback)
        for path, path_regex, method, callback in endpoints
        if not DOUBLED.match(path)
    ]


def document_refusals(result: dict, generator, request, public) -> dict:
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = spoken(ERROR)
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            for status, description in REFUSALS.get(method, {}).items():
                operation["responses"].setdefault(status, {"description": str(description), "content": content})
    return result


def spoken(part):
    """Return a part of the document with its texts in the language of the moment."""
    if isinstance(part, dict):
        return {key: spoken(value) for key, value in part.items()}
    return str(part) if isinstance(part, Promise) else part


HOOKS = {
    "PREPROCESSING_HOOKS": ["config.api.schema.canonical_only"],
    # Without spectacular's own, which names enumerations by chance where two fields have one name.
    "POSTPROCESSING_HOOKS": ["config.api.schema.document_refusals"],
    # What may be null says so in the type, as in today's JSON Schema.
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": False,
}


class Schema(SpectacularAPIView):
    permission_classes = [Access]
    permissions_needed = ()
    http_method_names = ["get", "head"]
    custom_settings = HOOKS

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        refuse_parameters(request, known={"lang"})
        # The language is looked up among files: only ours may be asked for.
        if request.query_params.get("lang", settings.LANGUAGE_CODE) not in dict(settings.LANGUAGES):
            raise ValidationError(
                {"lang": [_("Choose one of: %(names)s.") % {"names": ", ".join(dict(settings.LANGUAGES))}]}
            )
        return super().get(request, *args, **kwargs)


class Docs(SpectacularSwaggerSplitView):
    permission_classes = [Access]
    permissions_needed = ()
    http_method_names = ["get", "head"]
    url_name = "schema"

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        refuse_parameters(request, known={"lang", "script"})
        return super().get(request, *args, **kwargs)


class Root(APIView):
    """Peerwell's API. Each entry leads to a collection; the documentation describes them all."""

    permissions_needed = ()
    http_method_names = ["get", "head"]
    # Name to the URL's name; `config.urls` knows what there is.
    links: dict[str, str] = {}

    @extend_schema(exclude=True)
    def get(self, request):
        refuse_parameters(request, known=set())
        return Response({name: reverse(url, request=request) for name, url in self.links.items()})

    def get_view_name(self) -> str:
        return "Peerwell"
