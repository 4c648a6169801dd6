"""Lists by the page: `page` and `limit`, and how many there are in all."""

import re

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

NUMBER = re.compile(r"[0-9]{1,7}")
MAX_PAGE = 1_000_000


class Pages(PageNumberPagination):
    page_size = 20
    max_page_size = 100
    page_size_query_param = "limit"

    def paginate_queryset(self, queryset, request, view=None):
        """Return one page; one past the end is empty, since rows may have been deleted meanwhile."""
        self.request = request
        wanted, problems = {}, {}
        for name, default, most in (("page", 1, MAX_PAGE), ("limit", self.page_size, self.max_page_size)):
            wanted[name] = number(request.query_params.get(name, str(default)), most)
            if wanted[name] is None:
                problems[name] = [_("%(name)s must be a number from 1 to %(max)d.") % {"name": name, "max": most}]
        if problems:
            raise ValidationError(problems)

        paginator = Paginator(queryset, wanted["limit"])
        start = (wanted["page"] - 1) * wanted["limit"]
        rows = list(queryset[start : start + wanted["limit"]]) if start < paginator.count else []
        self.page = Page(rows, wanted["page"], paginator)
        self.display_page_controls = 1 <= wanted["page"] <= paginator.num_pages and paginator.num_pages > 1
        return rows

    def get_paginated_response(self, data) -> Response:
        return Response({"data": data, "pagination": self.pagination()})

    def pagination(self) -> dict:
        return {
            "page": self.page.number,
            "limit": self.page.paginator.per_page,
            "total": self.page.paginator.count,
        }

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
                ("page", "Which page, from 1.", 1, MAX_PAGE),
                ("limit", "How many a page.", self.page_size, self.max_page_size),
            )
        ]


def number(text: str, most: int) -> int | None:
    """Read ASCII digits from 1 to `most`; None for anything else."""
    if not NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
        return None
    return int(text)
