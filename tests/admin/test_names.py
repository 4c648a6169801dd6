"""Who may not see contacts learns no mentor's name and no address: from no page, no search, no order, no history."""

from itertools import chain

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

from notifications.models import Contact, Notification
from scenarios.models import PeerMentor, Rule
from tests.admin.cast import MAKERS, make, make_decision, make_named_mentor, make_user
from tests.admin.pages import REGISTERED, address, change_address, filled_in, label
from tests.factories import days, make_activity, make_rule

pytestmark = pytest.mark.django_db

CANARY = "zkanari"
GATE = "notifications.view_contact"
# What the admin has beside the pages of its models; a page that is added must be walked too.
SITE = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "search"),
    *("view_on_site", "app_list", None),
}
ENDS_THE_SESSION = {"logout", "login"}


@pytest.fixture
def rows(settings, tmp_path):
    """Make a row of every model, with names that stand nowhere by chance: in contacts, letters, mails and the log."""
    settings.EMAIL_FILE_PATH = tmp_path
    rows = {model: make(model) for model in REGISTERED}
    for contact in Contact.objects.all():
        Contact.objects.filter(pk=contact.pk).update(
            name=f"Zkanari Nr{contact.pk}", email=f"zkanari{contact.pk}@example.org"
        )
    Notification.objects.update(subject="How are you, Zkanari?", body="Dear Zkanari")
    message_id = rows[Notification].message_id.strip("<>")
    (tmp_path / f"{message_id}.eml").write_text("To: zkanari@example.org\nSubject: Zkanari\n\nDear Zkanari")
    return rows


@pytest.fixture
def renamed(rows, admin_client):
    """A mentor whose name was changed in the admin, so that the log has something to say."""
    mentor = rows[PeerMentor]
    url = change_address(mentor)
    answer = admin_client.post(url, filled_in(admin_client, url, **{"contact-0-name": "Zkanari Renamed"}))
    assert answer.status_code == 302
    return mentor


def test_every_page_of_the_admin_is_one_that_the_walk_knows():
    assert set(admin.site._registry) <= set(MAKERS)
    assert {pattern.name for pattern in admin.site.get_urls() if isinstance(pattern, URLPattern)} <= SITE
    for model in REGISTERED:
        assert pages_of(model, row=model(pk=1)), label(model)


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_a_single_permission_to_look_shows_no_name(rows, model):
    if model is Contact:
        return
    client = client_with(f"{model._meta.app_label}.view_{model._meta.model_name}")
    opened = [url for url in (*pages_of(model, rows[model]), reverse("admin:index")) if tells_nothing(client, url)]
    assert address(model, "changelist") in opened
    assert finds_nobody(client, model)


def test_who_may_do_everything_but_see_contacts_is_shown_no_name(rows, renamed):
    client = everything_but(GATE)
    pages = [url for model in REGISTERED for url in pages_of(model, rows[model])]
    opened = [url for url in (*pages, *pages_of_site()) if tells_nothing(client, url)]
    assert len(opened) > len(pages) / 2
    assert all(finds_nobody(client, model) for model in REGISTERED if model is not Contact)


def test_no_picker_names_or_finds_a_mentor_by_name(rows):
    client = everything_but(GATE)
    for asked in pickers():
        for term in ("", "Zkanari", "zkanari@example"):
            found = client.get(reverse("admin:autocomplete"), {**asked, "term": term})
            assert found.status_code == 200, asked
            assert CANARY not in found.content.decode().lower(), asked
            assert not term or found.json()["results"] == [], asked


def test_the_names_are_there_for_those_who_may_see_them(rows, renamed, admin_client):
    """Else the walk above would find nothing because there is nothing."""
    pages = [address(model, "changelist") for model in (PeerMentor, Contact, Notification)]
    pages += [change_address(rows[model]) for model in (PeerMentor, Contact, Notification)]
    for page in pages:
        assert CANARY in admin_client.get(page).content.decode().lower(), page
    assert admin_client.get(address(PeerMentor, "changelist"), {"q": "Zkanari"}).context["cl"].result_count > 0


def test_a_contact_is_for_those_who_may_see_contacts_whatever_else_they_may_do(rows):
    client = client_with("notifications.change_contact", "notifications.add_contact", "scenarios.change_peermentor")
    assert client.get(address(Contact, "changelist")).status_code == 403
    assert client.get(change_address(rows[Contact])).status_code == 403
    assert tells_nothing(client, change_address(rows[PeerMentor]))


def test_mentors_are_not_put_in_the_order_of_their_names_nor_by_whether_they_have_an_address(rows):
    client = client_with("scenarios.view_peermentor")
    listed = client.get(address(PeerMentor, "changelist")).context["cl"].result_list
    assert [row.user_id for row in listed] == sorted(row.user_id for row in listed)
    for asked in ({"o": "1"}, {"o": "-1"}, {"situation": "unreachable"}, {"q": "kari"}):
        assert tells_nothing(client, address(PeerMentor, "changelist"), asked), asked
    Contact.objects.filter(mentor=listed[0].pk).update(email="")
    unreachable = client.get(address(PeerMentor, "changelist"), {"situation": "unreachable"})
    assert unreachable.context["cl"].result_count == len(listed)


@pytest.mark.parametrize("lookup", ["subject__contains", "body__startswith", "subject", "mentor__contact__name"])
def test_a_letter_is_not_guessed_by_a_filter_in_the_address(rows, lookup):
    client = client_with("notifications.view_notification")
    url = address(Notification, "changelist")
    assert client.get(url, {lookup: "Zkanari"}).status_code == 400


def test_what_a_letter_was_made_from_stands_in_its_place(rows):
    client = client_with("notifications.view_notification")
    text = client.get(change_address(rows[Notification])).content.decode()
    assert "Hello $first_name" in text
    assert "Not shown: the letter holds a name" in text


def test_whom_a_rule_would_touch_is_said_by_user_id(rows):
    make_named_mentor()
    Contact.objects.update(name="Zkanari")
    client = everything_but(GATE)
    url = change_address(rows[Rule])
    page = client.post(url, {**filled_in(client, url), "_asked": "1", "scenarios_rule_preview": "1"})
    assert "Who would get this message" in page.content.decode()
    assert CANARY not in page.content.decode().lower()


def test_why_and_why_not_and_what_would_have_happened_name_nobody(rows):
    mentor = rows[PeerMentor]
    make_rule()
    make_activity(mentor, completed_at=timezone.now() - days(20))
    decision = make_decision(mentor)
    client = client_with("scenarios.view_peermentor", "scenarios.view_decision", "scenarios.view_rule")
    why = reverse("admin:scenarios_peermentor_why", args=[mentor.pk])
    for url in (why, f"{why}?decision={decision.pk}", f"{reverse('admin:scenarios_rule_backtest')}?days=7"):
        assert tells_nothing(client, url), url


# The walk


def client_with(*permissions: str) -> Client:
    user = make_user(is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return signed_in(user)


def everything_but(permission: str) -> Client:
    app, codename = permission.split(".")
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(content_type__app_label=app, codename=codename))
    return signed_in(user)


def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages_of(model, row) -> list[str]:
    """Return every address of a model's pages, as its admin routes them."""
    found = [address(model, "changelist") + asked for asked in ("?_popup=1", "?o=1")]
    for pattern in admin.site._registry[model].get_urls():
        unknown = set(pattern.pattern.converters) - {"object_id", "id"}
        assert not unknown, f"{label(model)}: the walk doesn't know what to put for {unknown}"
        args = [quote(str(row.pk)) for _name in pattern.pattern.converters]
        if pattern.name:
            found.append(reverse(f"admin:{pattern.name}", args=args))
    return found


def pages_of_site() -> list[str]:
    patterns = [pattern for pattern in admin.site.get_urls() if isinstance(pattern, URLPattern)]
    plain = [p.name for p in patterns if p.name and p.name not in {*ENDS_THE_SESSION, "app_list", "view_on_site"}]
    apps = {model._meta.app_label for model in REGISTERED}
    return [
        *[reverse(f"admin:{name}") for name in plain if name != "autocomplete"],
        *[reverse("admin:app_list", args=[app]) for app in apps],
        f"{reverse('admin:search')}?s=zkan&extended=1",
    ]


def pickers() -> list[dict[str, str]]:
    """Return every field that is chosen by typing, on pages and in the parts of pages."""
    of = chain.from_iterable(
        [(model, row.get_autocomplete_fields(None)), *[(i.model, i.autocomplete_fields) for i in row.inlines]]
        for model, row in admin.site._registry.items()
    )
    return [
        {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
        for model, fields in of
        for field in fields
    ]


def tells_nothing(client: Client, url: str, asked: dict | None = None) -> bool:
    """Tell whether a page opens; assert that it names nobody, and that the names weren't even read for it."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url, asked)
    assert CANARY not in answer.content.decode().lower().replace("?s=zkan", ""), url
    assert answer.status_code < 500, url
    if answer.status_code == 200:
        assert not [query["sql"] for query in queries if "notifications_contact" in query["sql"]], url
    return answer.status_code == 200


def finds_nobody(client: Client, model) -> bool:
    url = address(model, "changelist")
    for term in ("Zkanari", "@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url, {"q": term})
        assert not [query["sql"] for query in queries if "notifications_contact" in query["sql"]], (url, term)
        if answer.status_code == 200 and admin.site._registry[model].search_fields:
            assert answer.context["cl"].result_count == 0, (url, term)
    return True
