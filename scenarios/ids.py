"""Identifiers that people read: a prefix and a ULID, so that they sort by the time they were made."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from ulid import ULID

EXTERNAL_ID = r"^[A-Za-z0-9_.:-]{1,64}$"

validate_external_id = RegexValidator(
    EXTERNAL_ID,
    _("Use 1 to 64 letters, digits, and the signs _ . : - only."),
    code="invalid_id",
)


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as `run_01J9Z3NDEKTSV4RRFFQ69G5FAV`."""
    return f"{prefix}_{ULID()}"


def new_evaluation_id() -> str:
    return new_id("eval")


def new_rule_id() -> str:
    return new_id("rule")


def new_template_id() -> str:
    return new_id("tmpl")


def new_certification_id() -> str:
    return new_id("cert")


class ExternalIdField(models.CharField):
    """An identifier that comes from outside and is kept as it is."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_external_id]


def is_external_id(field: str) -> models.Q:
    """Return the CHECK that holds `field` to the shape of an external identifier."""
    return models.Q(**{f"{field}__regex": EXTERNAL_ID})
