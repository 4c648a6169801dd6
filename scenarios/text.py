"""Columns and form fields for what people write: `config.api.text` says what that may be."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models

from config.api.text import clean_address, clean_line, clean_text

# Not even localhost is a place where a mentor has a mailbox.
is_address = EmailValidator(allowlist=[])


def cleaned(value, clean: Callable[[str], str]):
    """Return a text as it is kept, and what is no text as it is. Raise ValidationError."""
    if not isinstance(value, str):
        return value
    try:
        return clean(value)
    except ValueError as error:
        raise ValidationError(str(error), code="unwritable") from None


class LineFormField(forms.CharField):
    def to_python(self, value):
        return cleaned(super().to_python(value), clean_line)


class TextFormField(forms.CharField):
    def to_python(self, value):
        return cleaned(super().to_python(value), clean_text)


class AddressFormField(forms.EmailField):
    default_validators = [is_address]

    def to_python(self, value):
        return cleaned(super().to_python(value), clean_address)


class _Written:
    """A column whose text is cleaned wherever a row is checked. To the database it is what it was before."""

    kept: Callable[[str], str]
    form_class: type[forms.Field]

    def clean(self, value, model_instance):
        return super().clean(cleaned(value, type(self).kept), model_instance)  # type: ignore[misc]

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": self.form_class, **kwargs})  # type: ignore[misc]

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.__class__.__mro__[2].__name__}", args, kwargs


class LineField(_Written, models.CharField):
    """Text of one line."""

    kept = staticmethod(clean_line)
    form_class = LineFormField


class TextField(_Written, models.TextField):
    """Text of several lines."""

    kept = staticmethod(clean_text)
    form_class = TextFormField


class AddressField(_Written, models.EmailField):
    kept = staticmethod(clean_address)
    form_class = AddressFormField
    default_validators = [is_address]
