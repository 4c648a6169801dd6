"""Every address of the admin, found in its URLconf, and every parameter that its pages know."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver

# What people, scanners and broken links put where a value belongs.
BAD_VALUES = ["abc", "-1", str(2**63), "x" * 10_000, "2026-02-30", "99999-01-01T00:00", "[1, 2]"]
BAD_FILTERS = ["abc", str(2**63), "2026-02-30"]
BAD_KEYS = ["abc", "-1", "_00", str(2**63), "x" * 500, "\N{ARABIC-INDIC DIGIT THREE}"]
# What Django's lists, forms and dialogues read from an address, wherever they are.
COMMON = ["q", "o", "p", "all", "e", "_popup", "_to_field", "_changelist_filters", "_facets", "version", "decision"]
COMMON += ["no_such_filter", "id__in", "pk__gt", "date", "days", "rule", "mode"]


@dataclass(frozen=True)
class Page:
    """One address of a model's admin, with the names of what it takes: `change/<path:object_id>`."""

    model: type[Model]
    name: str
    route: str
    converters: tuple[str, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def is_list(self) -> bool:
        return self.name.endswith("_changelist")

    def url(self, *values: str) -> str:
        route = self.route
        for name, value in zip(self.converters, values, strict=True):
            route = replace_converter(route, name, value)
        return f"/admin/{self.model._meta.app_label}/{self.model._meta.model_name}/{route}"


def replace_converter(route: str, name: str, value: str) -> str:
    start = route.index("<")
    end = route.index(">", start)
    assert route[start:end].rpartition(":")[2].lstrip("<") == name, route
    return route[:start] + value + route[end + 1 :]


def pages_of(model_admin: ModelAdmin) -> Iterator[Page]:
    for pattern in patterns(model_admin.get_urls()):
        route = str(pattern.pattern)
        if route.startswith("^") or pattern.name is None:
            continue
        yield Page(model_admin.model, pattern.name, route, tuple(pattern.pattern.converters))


def patterns(urls) -> Iterator[URLPattern]:
    for url in urls:
        if isinstance(url, URLResolver):
            yield from patterns(url.url_patterns)
        else:
            yield url


ADMINS = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label)
PAGES = [page for _model, model_admin in ADMINS for page in pages_of(model_admin)]


def parameters_of(client: Client, url: str) -> set[str]:
    """Return what a page's filters and forms take from its address."""
    context = client.get(url, follow=True).context or {}
    names: set[str] = set()
    if (changelist := context.get("cl")) is not None:
        for each in changelist.filter_specs:
            names.update(each.expected_parameters())
        names.update(f"{f.name}__{lookup}" for f in changelist.opts.local_fields[:6] for lookup in ("exact", "isnull"))
    form = context["adminform"].form if "adminform" in context else context.get("form")
    if form is not None:
        names.update(form.fields)
    return names


def autocompletes() -> Iterator[dict[str, str]]:
    """Yield what each picker of the admin's forms asks with."""
    for model, model_admin in ADMINS:
        for name in model_admin.autocomplete_fields:
            yield {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
