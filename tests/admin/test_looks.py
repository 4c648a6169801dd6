"""What a page needs to look as it should is on this machine."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.admin.cast import make
from tests.admin.pages import REGISTERED, address, change_address, label

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").glob("[au]*/**/*.html"))


def known_classes() -> set[str]:
    css = "".join(Path(finders.find(name)).read_text() for name in ("unfold/css/styles.css", "peerwell/admin.css"))
    return {name.replace("\\", "") for name in re.findall(r"\.((?:\\.|[\w-])+)", css)} | {"material-symbols-outlined"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_class_is_in_a_stylesheet(template):
    found = re.findall(r'class="([^"]*)"', re.sub(r"{%.*?%}", " ", template.read_text()))
    assert set(" ".join(found).split()) - known_classes() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["index", "login", "password_change", "scheduler_run_daily"])
def test_every_file_that_a_page_names_is_served_from_here(client, admin_client, page):
    asker = client if page == "login" else admin_client
    assert_files_are_here(asker.get(reverse(f"admin:{page}")))


@pytest.mark.django_db
@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_every_file_that_a_list_or_a_form_names_is_served_from_here(admin_client, model):
    row = make(model)
    assert_files_are_here(admin_client.get(address(model, "changelist")))
    assert_files_are_here(admin_client.get(change_address(row)))
    added = admin_client.get(address(model, "add"))
    if added.status_code == 200:
        assert_files_are_here(added)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/scheduler-invocations", "/api/v1/no-such-page", "/api/docs/"])
def test_every_file_that_a_page_of_the_api_names_is_served_from_here(admin_client, path):
    assert_files_are_here(
        admin_client.get(path, headers={"accept": "text/html"}), needed=path != "/api/v1/no-such-page"
    )


@pytest.mark.django_db
def test_the_address_that_make_run_prints_leads_to_the_first_page_by_way_of_the_login(client, admin_client):
    assert client.get("/", follow=True).redirect_chain[-1][0].startswith(reverse("admin:login"))
    first = admin_client.get("/", follow=True)
    assert first.redirect_chain[-1][0] == reverse("admin:index")
    assert first.status_code == 200


def assert_files_are_here(page, *, needed: bool = True) -> None:
    files = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page.content.decode())
    assert files or not needed
    for file in files:
        assert file.startswith("/")
        if file.startswith("/static/"):
            assert finders.find(file.removeprefix("/static/")), file
