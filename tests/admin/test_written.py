"""What staff write is kept as it was meant: without hidden signs, each name once, no placeholder that is mailed."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from notifications.models import ChannelSetting, Contact, Variant
from scenarios.models import Chapter
from tests.factories import (
    make_chapter,
    make_contact,
    make_mentor,
    make_organization,
    make_template,
)

from .cast import make_named_mentor
from .pages import address, change_address, filled_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hidden", ["\n", "\u200b", "\u202e", "\u2028", "\x85", "\u2800"], ids=ascii)
@pytest.mark.parametrize("made", [make_organization, make_chapter])
def test_names_of_organizations_and_chapters_hide_nothing(admin_client, made, hidden):
    row = made(name="Oslo")
    page = admin_client.post(change_address(row), filled_in(admin_client, change_address(row), name=f"Os{hidden}lo"))
    assert page.status_code == 200
    assert f"(U+{ord(hidden):04X})" in page.content.decode()
    row.name = f"Os{hidden}lo"
    with pytest.raises(ValidationError, match="invisible"):
        row.full_clean()


def test_a_chapter_has_a_name_of_its_own_however_it_is_written(admin_client):
    chapter = make_chapter(name="Ålesund café")
    data = {"name": "ÅLESUND CAFE\u0301", "id": "ch_other", "organization": chapter.organization.pk}
    page = admin_client.post(address(Chapter, "add"), data)
    assert "Another chapter of this organisation has this name." in page.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_chapter(chapter.organization, name="Ålesund cafe\u0301")
    make_chapter(name="Ålesund café")


@pytest.mark.parametrize("written", ["a@localhost", "a@[127.0.0.1]", "ø@example.org", "a b@example.org", "a@b@c.org"])
def test_an_address_that_reaches_nobody_is_refused(admin_client, written):
    mentor = make_named_mentor()
    url = change_address(mentor)
    assert admin_client.post(url, filled_in(admin_client, url, **{"contact-0-email": written})).status_code == 200
    for row in (Contact(mentor=make_mentor(), name="A", email=written), ChannelSetting(reply_to=written)):
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert {"email", "reply_to"} & set(refusal.value.message_dict)


def test_an_address_in_a_domain_with_norwegian_letters_is_kept_as_mail_servers_know_it(admin_client):
    mentor = make_named_mentor()
    url = change_address(mentor)
    admin_client.post(url, filled_in(admin_client, url, **{"contact-0-email": "kari@blåbær.no"}))
    assert Contact.objects.get(mentor=mentor).email == "kari@xn--blbr-roah.no"


@pytest.mark.parametrize(
    "foreign", ["{{ first_name }}", "{% include 'x' %}", "{{ x.__class__", "{# note #}", "{first_name}", "{{7*7}}"]
)
def test_a_placeholder_of_another_system_is_refused_by_name_since_a_mentor_would_read_it(foreign):
    text = Variant(template=make_template(), language="nb", subject="Hei", body=f"Kjære {foreign}!")
    with pytest.raises(ValidationError) as refusal:
        text.full_clean()
    (sentence,) = refusal.value.message_dict["body"]
    assert foreign.split(".")[0].split("__")[0].strip()[:10] in sentence


def test_braces_that_are_no_placeholder_and_our_own_pass():
    body = "Hei ${first_name}!\n\n:-{ 👩‍👧 {se her} 50 % {}\u2028På gjensyn"
    text = Variant(template=make_template(), language="nb", subject="Hei $first_name ❤️", body=body)
    text.full_clean()
    assert text.body.endswith("{}\nPå gjensyn")


def test_an_upgrade_writes_stored_names_as_they_are_kept_now(capsys):
    organization = make_organization(name="Os\u200blo\nnord")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX chapter_name_once")
    for name in ("Cafe\u0301", "Café", "CAFÉ "):
        make_chapter(organization, name=name)
    contact = make_contact(make_mentor(), name="Kari\u2028Nordmann", email="kari@BLÅBÆR.no")
    wrong = make_contact(make_mentor(), email="kari@localhost")
    import_module("scenarios.migrations.0010_written_names").tidy(apps, None)
    import_module("notifications.migrations.0005_written_names").tidy(apps, None)
    organization.refresh_from_db()
    assert organization.name == "Oslo nord"
    assert sorted(organization.chapters.values_list("name", flat=True)) == ["CAFÉ (3)", "Café", "Café (2)"]
    contact.refresh_from_db()
    assert (contact.name, contact.email) == ("Kari Nordmann", "kari@xn--blbr-roah.no")
    wrong.refresh_from_db()
    assert wrong.email == "kari@localhost"
    said = capsys.readouterr().out
    assert "1 addresses that can't be right" in said
    assert "Nordmann" not in said
