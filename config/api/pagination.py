"""Lists by the page: `page` and `limit`, and how many there are in all."""

import re
from collections.abc import Mapping

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

NUMBER = re.compile(r"[0-9]{1,7}")
MAX_PAGE = 1_000_000


class Pages(PageNumberPagination):
    page_size: int = 20
    max_page_size: int = 100
    page_size_query_param = "limit"

    def paginate_queryset(self, queryset, request, view=None):
        """Return one page; one past the end is empty, since rows may have been deleted meanwhile."""
        self.request = request
        number, limit = self.wanted(request.query_params)
        paginator = Paginator(queryset, limit)
        start = (number - 1) * limit
        rows = list(queryset[start : start + limit]) if start < paginator.count else []
        self.page: Page = Page(rows, number, paginator)
        self.display_page_controls = number <= paginator.num_pages and paginator.num_pages > 1
        return rows

    def wanted(self, parameters: Mapping[str, str]) -> tuple[int, int]:
        """Read page and limit. Raise ValidationError by parameter."""
        given = [("page", 1, MAX_PAGE), ("limit", self.page_size, self.max_page_size)]
        numbers = {name: read_number(parameters.get(name, str(default)), most) for name, default, most in given}
        if problems := {
            name: [_("%(name)s must be a number from 1 to %(max)d.") % {"name": name, "max": most}]
            for name, _default, most in given
            if not numbers[name]
        }:
            raise ValidationError(problems)
        return numbers["page"], numbers["limit"]

    def get_paginated_response(self, data) -> Response:
        return Response({"data": data, "pagination": self.pagination()})

    def pagination(self) -> dict:
        return {
            "page": self.page.number,
            "limit": self.page.paginator.per_page,
            "total": self.page.paginator.count,
        }

    def get_results(self, data: dict) -> list:
        """Return the rows of an answer. The browsable API asks, and offers the filters where there are some."""
        return data["data"]

    def get_paginated_response_schema(self, schema: dict) -> dict:
        count = {"type": "integer", "minimum": 0}
        pagination = dict.fromkeys(("page", "limit", "total"), count)
        return {
            "type": "object",
            "required": ["data", "pagination"],
            "properties": {
                "data": schema,
                "pagination": {"type": "object", "required": list(pagination), "properties": pagination},
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "description": description,
                "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
            }
            for name, description, default, most in (
                ("page", str(_("Which page, from 1.")), 1, MAX_PAGE),
                ("limit", str(_("How many a page.")), self.page_size, self.max_page_size),
            )
        ]


def read_number(text: str, most: int) -> int:
    """Read ASCII digits from 1 to `most`; 0 stands for anything else."""
    number = int(text) if NUMBER.fullmatch(text) else 0
    return number if number <= most else 0
