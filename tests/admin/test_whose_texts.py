"""A text belongs to an organisation, or is shared by all: whoever changes it knows who will receive it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from notifications import texts
from notifications.models import Variant
from scenarios.models import PromptTemplate
from scenarios.operations import RuleConflict, save_rule
from tests.admin.pages import address, change_address, filled_in
from tests.factories import LONG_AGO, NOW, make_chapter, make_organization, make_rule, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def oslo():
    return make_organization(name="Oslo")


@pytest.fixture
def bergen():
    return make_organization(name="Bergen")


def draft_of(template: PromptTemplate, **words) -> Variant:
    return Variant.objects.create(
        **{"template": template, "language": "en", "subject": "New", "body": "New words", **words}
    )


def press_approve(client, variant, *, follow=True):
    url = change_address(variant)
    return client.post(url, filled_in(client, url, notifications_variant_approve=""), follow=follow)


def approve_page(variant) -> str:
    return reverse("admin:notifications_variant_approve", args=[variant.pk])


def state_of(variant) -> str:
    variant.refresh_from_db()
    return variant.state


# Whose a text is


def test_a_rule_can_not_use_the_message_of_another_organisation(oslo, bergen):
    rule = make_rule(organization=oslo, prompt_template=make_template(organization=oslo))
    rule.prompt_template = make_template(organization=bergen, name="Hello")
    with pytest.raises(ValidationError, match=r"“Hello” belongs to Bergen\."):
        rule.full_clean()
    with pytest.raises(IntegrityError, match="belongs to organisation"), transaction.atomic():
        rule.save()


def test_a_shared_rule_can_not_use_the_message_of_one_organisation(oslo):
    with pytest.raises(IntegrityError, match="belongs to organisation"), transaction.atomic():
        make_rule(prompt_template=make_template(organization=oslo))


def test_a_rule_of_an_organisation_or_its_chapter_uses_its_own_and_shared_messages(oslo):
    for template in (make_template(organization=oslo), make_template()):
        for chapter in (None, make_chapter(oslo)):
            make_rule(organization=oslo, chapter=chapter, prompt_template=template).full_clean()


def test_a_rule_with_a_message_of_its_organisation_can_not_become_everybodys(oslo):
    rule = make_rule(organization=oslo, prompt_template=make_template(organization=oslo))
    rule.organization = None
    with pytest.raises(ValidationError) as refusal:
        rule.full_clean()
    assert "prompt_template" in refusal.value.message_dict


def test_a_message_keeps_its_organisation(oslo, bergen):
    template = make_template(organization=oslo)
    for other in (bergen, None):
        template.organization = other
        with pytest.raises(IntegrityError, match="keeps its organisation"), transaction.atomic():
            template.save()


def test_the_rule_form_refuses_a_foreign_message(admin_client, oslo, bergen):
    rule = make_rule(organization=oslo)
    before = rule.prompt_template
    url = change_address(rule)
    foreign = make_template(organization=bergen, name="Hello")
    page = admin_client.post(url, filled_in(admin_client, url, prompt_template=foreign.pk, change_reason="Why not"))
    assert "“Hello” belongs to Bergen." in page.content.decode()
    rule.refresh_from_db()
    assert rule.prompt_template == before


@pytest.mark.parametrize("whose", ["oslo", "shared"])
def test_the_picker_of_a_rule_offers_its_own_and_shared_messages(admin_client, oslo, bergen, whose):
    for name, owner in (("Of Oslo", oslo), ("Of Bergen", bergen), ("Shared", None)):
        make_template(name=name, organization=owner)
    asked = {"app_label": "scenarios", "model_name": "rule", "field_name": "prompt_template"}
    if whose == "oslo":
        asked["organization"] = oslo.pk
    found = admin_client.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [row["text"] for row in found] == (["Of Oslo (Oslo)", "Shared"] if whose == "oslo" else ["Shared"])


# Who receives it


def test_a_messages_page_says_which_rules_of_whom_use_it(admin_client, oslo, bergen):
    template = make_template()
    rules = [make_rule(organization=oslo, prompt_template=template, name=f"Rule {n}") for n in range(2)]
    rules.append(make_rule(organization=bergen, prompt_template=template))
    make_organization(name="Tromsø")
    page = admin_client.get(change_address(template)).content.decode()
    assert "Used by 3 rules of 2 organisations" in page
    for row in (*rules, oslo, bergen):
        assert change_address(row) in page
    assert "Tromsø" not in page


def test_the_link_to_the_rules_that_use_a_message_leads_to_just_these(admin_client):
    template = make_template()
    make_rule()
    for _n in range(21):
        make_rule(prompt_template=template)
    page = admin_client.get(change_address(template))
    assert "and 1 more" in page.content.decode()
    assert admin_client.get(page.context["rules_url"]).context["cl"].result_count == 21


def test_the_list_says_whose_each_message_is_and_how_many_rules_use_it(admin_client, oslo):
    template = make_template(organization=oslo)
    make_rule(organization=oslo, prompt_template=template)
    draft_of(template, language="nb")
    (row,) = admin_client.get(address(PromptTemplate, "changelist")).context["cl"].result_list
    assert (row.rule_count, row.draft_count, row.organization) == (1, 1, oslo)


def test_approving_what_two_organisations_receive_names_them_and_changes_nothing_yet(admin_client, oslo, bergen):
    template = make_template()
    for organization in (oslo, bergen):
        make_rule(organization=organization, prompt_template=template)
    old, new = template.variants.get(), draft_of(template)
    page = press_approve(admin_client, new)
    text = page.content.decode()
    assert page.redirect_chain[-1][0] == approve_page(new)
    assert "This changes what the mentors of 2 organisations receive" in text
    assert "Oslo" in text
    assert "Bergen" in text
    assert (state_of(old), state_of(new)) == ("approved", "draft")
    admin_client.post(approve_page(new), {"organization": [oslo.pk, bergen.pk]})
    assert (state_of(old), state_of(new)) == ("retired", "approved")


def test_what_somebody_typed_before_they_were_asked_is_kept(admin_client, oslo, bergen):
    new = draft_of(make_rule().prompt_template)
    url = change_address(new)
    admin_client.post(url, filled_in(admin_client, url, body="Better words", notifications_variant_approve=""))
    new.refresh_from_db()
    assert (new.state, new.body) == ("draft", "Better words")


@pytest.mark.parametrize("named", [[], ["oslo"]], ids=["nobody", "one of two"])
def test_a_text_is_not_approved_for_organisations_that_were_not_named(admin_client, oslo, bergen, named):
    new = draft_of(make_rule().prompt_template)
    agreed = [oslo.pk] if named else []
    page = admin_client.post(approve_page(new), {"organization": agreed}, follow=True)
    assert "Please look at the list again." in page.content.decode()
    assert state_of(new) == "draft"
    with pytest.raises(texts.MoreReceiveIt):
        texts.approve(new, by=None, agreed=agreed, now=NOW)


def test_approving_what_one_organisation_receives_asks_nothing(admin_client, oslo, bergen):
    template = make_template(organization=oslo)
    make_rule(organization=oslo, prompt_template=template)
    new = draft_of(template)
    press_approve(admin_client, new)
    assert state_of(new) == "approved"


def test_a_copy_for_one_of_them_takes_the_draft_and_leaves_the_others_their_text(admin_client, oslo, bergen):
    template = make_rule().prompt_template
    old, new = template.variants.get(), draft_of(template)
    norwegian = draft_of(template, language="nb", subject="Hei", body="Hei!")
    texts.approve(norwegian, by=None, agreed=[oslo.pk, bergen.pk], now=NOW)
    admin_client.post(approve_page(new), {"copy": "1", "owner": oslo.pk})
    copy = PromptTemplate.objects.get(organization=oslo)
    assert {(one.language, one.body, one.state) for one in copy.variants.all()} == {
        ("en", "New words", "draft"),
        ("nb", "Hei!", "draft"),
    }
    assert set(template.variants.all()) == {old, norwegian}
    assert state_of(old) == "approved"


def test_a_copy_is_made_only_for_those_who_receive_it(admin_client, oslo, bergen):
    template = make_rule(organization=oslo).prompt_template
    admin_client.post(approve_page(draft_of(template)), {"copy": "1", "owner": bergen.pk})
    assert not PromptTemplate.objects.filter(organization=bergen).exists()


def test_a_message_is_copied_for_an_organisation_with_its_texts_as_drafts(admin_client, oslo):
    template = make_template(name="How are you")
    draft_of(template, language="nb")
    url = change_address(template).replace("/change/", "/copy/")
    admin_client.post(url, {"_form_submitted": "True", "organization": oslo.pk})
    copy = PromptTemplate.objects.get(organization=oslo)
    assert (copy.name, copy.purpose) == (template.name, template.purpose)
    assert [(one.language, one.state) for one in copy.variants.all()] == [("en", "draft")]
    assert template.variants.get(language="en").state == "approved"


# Who may change it

WRITERS = (
    *(f"scenarios.{verb}_prompttemplate" for verb in ("view", "add", "change", "delete")),
    *(f"notifications.{verb}_variant" for verb in ("view", "add", "change", "delete")),
    *("scenarios.view_organization", "scenarios.view_rule"),
)


def test_what_all_share_is_read_only_for_staff(staff, oslo):
    client, template = staff(*WRITERS), make_template()
    new = draft_of(template)
    page = client.get(change_address(template)).content.decode()
    assert "only an administrator can change it" in page
    assert "/copy/" in page
    for row in (template, new):
        assert client.post(change_address(row), {"name": "Ours", "body": "Ours"}).status_code == 403
        assert client.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.post(approve_page(new), {"organization": oslo.pk}).status_code == 403
    asked = {"template": template.pk, "language": "nb", "subject": "Hei", "body": "Hei"}
    assert "Select a valid choice" in client.post(address(Variant, "add"), asked).content.decode()
    assert state_of(new) == "draft"


def test_staff_write_messages_for_an_organisation_only(staff, oslo):
    client = staff(*WRITERS)
    said = {"name": "Ours", "purpose": "Say hello", "tone": ""}
    assert "This field is required" in client.post(address(PromptTemplate, "add"), said).content.decode()
    client.post(address(PromptTemplate, "add"), {**said, "organization": oslo.pk})
    template = PromptTemplate.objects.get()
    assert template.organization == oslo
    new = draft_of(template)
    press_approve(client, new)
    assert state_of(new) == "approved"


# What was replaced


def test_the_first_page_does_not_count_a_replaced_text_as_waiting(admin_client):
    template = make_template()
    press_approve(admin_client, draft_of(template))
    (row,) = [one for one in admin_client.get(reverse("admin:index")).context["waiting"] if "wording" in one["words"]]
    assert row["number"] == "0"
    draft_of(template)
    (row,) = [one for one in admin_client.get(reverse("admin:index")).context["waiting"] if "wording" in one["words"]]
    assert row["number"] == "1"
    assert admin_client.get(row["url"]).context["cl"].result_count == 1


def test_a_retired_text_can_not_be_approved_by_a_slip(admin_client):
    template = make_template()
    old, new = template.variants.get(), draft_of(template)
    texts.approve(new, by=None, now=NOW)
    with pytest.raises(texts.NotADraft):
        texts.approve(old, by=None, now=NOW)
    page = admin_client.get(change_address(old)).content.decode()
    assert "Save and approve" not in page
    admin_client.post(change_address(old), {"notifications_variant_approve": "", "subject": "Back", "body": "Back"})
    admin_client.post(approve_page(old), {})
    assert (state_of(old), state_of(new)) == ("retired", "approved")


def test_a_retired_text_comes_back_as_a_new_draft(admin_client):
    template = make_template()
    old = template.variants.get()
    texts.approve(draft_of(template), by=None, now=NOW)
    url = change_address(old).replace("/change/", "/use_again/")
    assert url in admin_client.get(change_address(old)).content.decode()
    admin_client.get(url)
    assert not template.variants.filter(state="draft").exists(), "asking first writes nothing"
    admin_client.post(url, {"_form_submitted": "True"})
    assert template.variants.get(state="draft").body == old.body
    assert state_of(old) == "retired"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft", "approved_at": NOW},
        {"state": "draft", "retired_at": NOW},
        {"state": "approved"},
        {"state": "approved", "approved_at": NOW, "retired_at": NOW},
        {"state": "retired", "approved_at": NOW},
        {"state": "unknown"},
    ],
)
def test_the_state_of_a_text_goes_with_its_instants(fields):
    template = make_template()
    template.variants.all().delete()
    with pytest.raises(IntegrityError, match="variant_state_has_its_instants"), transaction.atomic():
        draft_of(template, **fields)


def test_one_text_is_approved_in_each_language():
    with pytest.raises(IntegrityError, match="variant_approved_once"), transaction.atomic():
        draft_of(make_template(), state="approved", approved_at=LONG_AGO)


def test_saving_a_rule_with_a_foreign_message_is_refused_below_the_form_too(oslo, bergen):
    rule = make_rule(organization=oslo)
    rule.prompt_template = make_template(organization=bergen)
    with pytest.raises(RuleConflict, match="belongs to Bergen"):
        save_rule(rule, now=NOW)
