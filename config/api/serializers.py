"""Bodies whose every key is known."""

from typing import cast

from django.utils.translation import gettext as _
from rest_framework import serializers

from .parsing import body, shown

UNKNOWN_SAID_AT_MOST = 20
MOST_AT_ONCE = 1_000


class StrictSerializer(serializers.Serializer):
    """Refuse what isn't asked for, by name, along with everything else that is wrong."""

    def to_internal_value(self, data):
        writable = {field.field_name for field in self._writable_fields}
        unknown = [key for key in data if key not in writable] if isinstance(data, dict) else []
        problems: dict = {
            shown(key): [_("Unknown field '%(name)s'.") % {"name": shown(key)}]
            for key in unknown[:UNKNOWN_SAID_AT_MOST]
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            # By field: what comes here is an object, or the parser would have refused it.
            problems.update(cast(dict, error.detail))
        if problems:
            raise serializers.ValidationError(problems)
        return value


def read(request, serializer_class: type[StrictSerializer]) -> dict:
    """Return what the request's body says, checked. Raise ValidationError by field."""
    serializer = serializer_class(data=body(request))
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def read_many(request, serializer_class: type[StrictSerializer]) -> list[dict]:
    """Return what the body's one object or list of objects says. Raise ValidationError by field, or index and field."""
    said = body(request)
    if isinstance(said, list) and not 1 <= len(said) <= MOST_AT_ONCE:
        raise serializers.ValidationError([_("Give 1 to %(max)d at once.") % {"max": MOST_AT_ONCE}])
    serializer = serializer_class(data=said, many=isinstance(said, list))
    serializer.is_valid(raise_exception=True)
    checked = serializer.validated_data
    return checked if isinstance(checked, list) else [checked]


def blamed(request, problems: dict[int, dict]) -> dict | list:
    """Return the problems of the objects that were read as the body has them: by index, if it is a list."""
    if isinstance(body(request), list):
        return {str(index): problem for index, problem in sorted(problems.items())}
    return problems[0]
