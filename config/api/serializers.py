"""Bodies whose every key is known."""

from typing import cast

from django.utils.translation import gettext as _
from rest_framework import serializers

from .parsing import body, shown

UNKNOWN_SAID_AT_MOST = 20


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
