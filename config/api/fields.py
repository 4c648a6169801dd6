"""Types that take what they are given or refuse it: a number is no text, an instant has a zone."""

import re
from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .text import clean_line, clean_text

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2101, 1, 1, tzinfo=UTC)
# What an integer column holds.
MOST = 2_147_483_647

# RFC 3339 allows a lower-case t and z. Leap seconds and more than microseconds can't be kept, so they are refused.
RFC_3339 = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
EXTERNAL_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def read_instant(text: str) -> datetime:
    """Return the instant in UTC. Raise ValueError with a sentence that may be shown."""
    found = RFC_3339.fullmatch(text)
    if not found:
        raise ValueError(_("Write an instant like 2026-03-26T08:00:00Z."))
    date, time, zone = found.groups()
    if zone is None:
        raise ValueError(_("Time zone is required, as in 2026-03-26T08:00:00Z."))
    if time.startswith("24"):
        raise ValueError(_("There is no such instant."))
    try:
        instant = datetime.fromisoformat(f"{date}T{time}{'+00:00' if zone in 'Zz' else zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(_("There is no such instant.")) from None
    if not EARLIEST <= instant < LATEST:
        raise ValueError(_("Instants lie between 1970 and 2100."))
    return instant


def write_instant(instant: datetime) -> str:
    """Return ISO 8601 in UTC to the second, as the contracts print it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field):
    default_error_messages = {"not_text": gettext_lazy("Expected a string.")}

    def to_internal_value(self, data) -> datetime:
        if not isinstance(data, str):
            self.fail("not_text")
        try:
            return read_instant(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None

    def to_representation(self, value: datetime) -> str:
        return write_instant(value)


class Text(serializers.CharField):
    """Text of several lines."""

    default_error_messages = {"not_text": gettext_lazy("Expected a string.")}
    kept = staticmethod(clean_text)

    def to_internal_value(self, data) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        try:
            return self.kept(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None

    def run_validation(self, data=serializers.empty):
        # A blank one is refused by its cleaned form: what can't be seen is blank too.
        if isinstance(data, str) and not self.to_internal_value(data):
            self.fail("blank")
        return super().run_validation(data)


class Line(Text):
    """Text of one line, for what is shown beside names and in titles."""

    kept = staticmethod(clean_line)


class ExternalId(serializers.CharField):
    default_error_messages = {
        "not_text": gettext_lazy("Expected a string."),
        "shape": gettext_lazy("Use 1 to 64 letters, digits, and the signs _ . : - only."),
    }

    def __init__(self, **kwargs):
        super().__init__(trim_whitespace=False, **kwargs)

    def run_validation(self, data=serializers.empty):
        if isinstance(data, str) and not EXTERNAL_ID.fullmatch(data):
            self.fail("shape")
        return super().run_validation(data)

    def to_internal_value(self, data) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return data


class Choice(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": gettext_lazy("Choose one of: {allowed}.")}

    def to_internal_value(self, data) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", allowed=", ".join(map(str, self.choices)))
        return data


class Whole(serializers.IntegerField):
    """A whole number from 0, written as a number: a text of digits isn't one, nor is true. 5.0 is 5, as in JSON."""

    default_error_messages = {
        "not_number": gettext_lazy("Expected a number."),
        "fraction": gettext_lazy("Expected a whole number."),
    }

    def __init__(self, **kwargs):
        super().__init__(**{"min_value": 0, "max_value": MOST, **kwargs})

    def to_internal_value(self, data) -> int:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("not_number")
        if data != int(data):
            self.fail("fraction")
        return int(data)


@extend_schema_field(OpenApiTypes.BOOL)
class Flag(serializers.Field):
    """true or false, and nothing that some language takes for it."""

    default_error_messages = {"not_boolean": gettext_lazy("Expected true or false.")}

    def to_internal_value(self, data) -> bool:
        if not isinstance(data, bool):
            self.fail("not_boolean")
        return data

    def to_representation(self, value: bool) -> bool:
        return value


class Words(serializers.ListField):
    """A list of short texts, in which neither order nor repetition means anything."""

    default_error_messages = {
        "not_a_list": gettext_lazy("Expected a list."),
        "max_length": gettext_lazy("Give at most {max_length}."),
    }

    def __init__(self, *, longest: int, **kwargs):
        super().__init__(child=Line(max_length=longest), **kwargs)

    def to_internal_value(self, data) -> list[str]:
        return sorted(set(super().to_internal_value(data)))
