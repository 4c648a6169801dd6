"""What a page needs to look as it should is on this machine."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").glob("[au]*/**/*.html"))


def known_classes() -> set[str]:
    css = "".join(Path(finders.find(name)).read_text() for name in ("unfold/css/styles.css", "peerwell/admin.css"))
    return {name.replace("\\", "") for name in re.findall(r"\.((?:\\.|[\w-])+)", css)} | {"material-symbols-outlined"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_class_is_in_a_stylesheet(template):
    found = re.findall(r'class="([^"]*)"', re.sub(r"{%.*?%}", " ", template.read_text()))
    assert set(" ".join(found).split()) - known_classes() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["index", "scenarios_rule_add", "scheduler_run_changelist", "scheduler_run_daily"])
def test_every_file_that_a_page_names_is_served_from_here(admin_client, page):
    text = admin_client.get(reverse(f"admin:{page}")).content.decode()
    files = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', text)
    assert files
    for file in files:
        assert file.startswith("/")
        if file.startswith("/static/"):
            assert finders.find(file.removeprefix("/static/")), file
