"""What DRF has no exception for.

Not in `errors`: that needs DRF's views, which need our parser, which raises these.
"""

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This can't be done in the present state.")
    default_code = "conflict"


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("Body is larger than 1 MB.")
    default_code = "too_large"


class Unprocessable(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This can't be done as it was asked.")
    default_code = "unprocessable"
