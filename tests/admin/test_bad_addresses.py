"""No address of the admin breaks, whatever is put into it: links get cut, edited, scanned and kept for years."""

from collections.abc import Iterable

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from tests.admin.addresses import BAD_FILTERS, BAD_KEYS, BAD_VALUES, COMMON, PAGES, Page, autocompletes, parameters_of
from tests.admin.cast import MAKERS, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(admin_user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    return client


def broken(client: Client, url: str, queries: Iterable[dict]) -> list[str]:
    """Say which of the requests came back as our fault."""
    answers = [(query, client.get(url, query).status_code) for query in queries]
    return [f"{url} {str(query)[:200]}: {status}" for query, status in answers if status >= 500]


def real_key(page: Page) -> str:
    row = make(page.model) if page.model in MAKERS else page.model.objects.create()
    return str(quote(row.pk))


def test_the_walk_finds_every_model_and_the_pages_that_are_our_own():
    assert {page.model for page in PAGES} == set(admin.site._registry)
    names = {page.name for page in PAGES}
    assert {"scenarios_peermentor_why", "scenarios_clearance_release", "scheduler_run_daily"} <= names
    assert {"scenarios_rule_backtest", "scenarios_organization_switch", "auth_user_password_change"} <= names


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_takes_any_value_for_any_of_its_parameters(browser, page):
    url = page.url(*(real_key(page) for _name in page.converters))
    names = sorted(parameters_of(browser, url))
    if page.is_list:
        # One by one: a list leaves out all the rest once it has met a filter that it can't use.
        queries = [{name: value} for name in names for value in BAD_FILTERS] + [{name: "abc"} for name in COMMON]
    else:
        # A form for a new row reads its first values from its address.
        values = BAD_FILTERS if page.converters else BAD_VALUES
        queries = [dict.fromkeys(names + COMMON, value) for value in values]
    queries.append(dict.fromkeys(names + COMMON, "\0"))
    assert broken(browser, url, queries) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.converters], ids=str)
def test_a_page_of_a_row_that_cannot_be_is_no_fault_of_ours(browser, page):
    wrong = []
    for key in BAD_KEYS:
        ask = browser.post if key == "-1" else browser.get
        status = ask(page.url(*(key for _name in page.converters))).status_code
        if status >= 500:
            wrong.append((key[:20], status))
    assert wrong == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_list], ids=str)
def test_an_action_on_rows_that_cannot_be_is_no_fault_of_ours(browser, page):
    wrong = []
    for name, model_admin in [(page.name, admin.site._registry[page.model])]:
        request = browser.get(page.url()).wsgi_request
        for action in model_admin.get_actions(request):
            for key in ("abc", "\0", str(2**63)):
                response = browser.post(page.url(), {"action": action, "_selected_action": [key], "index": key})
                if response.status_code >= 500:
                    wrong.append((name, action, key[:20]))
    assert wrong == []


@pytest.mark.parametrize("asked", list(autocompletes()), ids=lambda asked: ".".join(asked.values()))
def test_a_picker_takes_any_term_page_and_limit(browser, asked):
    url = reverse("admin:autocomplete")
    wrong = []
    for name in ("term", "page", "organization", "chapter", *asked):
        for value in ("\0", "abc", str(2**63)):
            response = browser.get(url, {**asked, name: value})
            if response.status_code >= 500:
                wrong.append((name, value[:30]))
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/admin/?%FF=%FF",
            "/admin/%00/",
            "/admin/%FF/",
            "/admin/scenarios/?%00=1",
            "/admin/nothing/",
            "/admin/a/b/c/",
        ),
        *("/admin/scenarios/decision/?became=%FF", "/admin/scenarios/decision/%FF/change/", "/admin/r/1/abc/"),
        *("/admin/r/99/1/", "/admin/jsi18n/?language=%00", "/admin/login/?next=%00", "/admin/logout/?x=%00"),
        *("/admin/scenarios/decision/?became=told&became=%00", "/admin/password_change/?x=%00", "/admin/search/?s=%00"),
    ],
)
def test_bytes_that_are_no_text_are_no_fault_of_ours(browser, path):
    assert browser.get(path).status_code < 500
