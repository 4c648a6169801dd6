"""Ready-made rules are added to an organisation once, with texts of its own, and never over what is there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from notifications.copywriter import unknown_placeholders
from notifications.models import Variant
from notifications.readymade import RULES, add_default_rules
from notifications.readymade.wording import BRIEFS
from scenarios.models import Organization, PromptTemplate, Rule, RuleVersion
from tests.admin.pages import change_address, filled_in
from tests.factories import NOW, days, make_activity, make_chapter, make_mentor, make_organization, make_rule

pytestmark = pytest.mark.django_db
NEEDED = (
    *("scenarios.view_organization", "scenarios.add_rule", "scenarios.add_prompttemplate"),
    "notifications.change_variant",
)


@pytest.fixture
def organization():
    return make_organization()


def press(client, organization):
    url = change_address(organization).replace("/change/", "/add_ready_made/")
    return client.post(url, {"_form_submitted": "True"}, follow=True)


def written() -> tuple:
    return tuple(list(model.objects.order_by("pk").values()) for model in (Rule, RuleVersion, PromptTemplate, Variant))


def test_five_rules_come_with_their_messages_in_both_languages(organization, admin_user):
    added = add_default_rules(organization, now=NOW, by=admin_user)
    assert {rule.trigger_type for rule in added} == {
        *("first_contact", "long_session", "wellbeing_flag", "inactivity", "group_activity")
    }
    for rule in added:
        rule.full_clean()
        version = rule.versions.get()
        assert (version.number, version.changed_by, version.state) == (1, admin_user, "draft")
        assert rule.prompt_template.organization == organization
        drafts = rule.prompt_template.variants.filter(state="draft")
        assert set(drafts.values_list("language", flat=True)) == {"en", "nb"}


def test_they_say_what_the_field_asks_for(organization):
    says = {rule.trigger_type: rule.sentence for rule in add_default_rules(organization, now=NOW)}
    assert "72 hours later" in says["first_contact"]
    assert "at least 60 minutes" in says["long_session"]
    assert says["inactivity"].startswith("Every day: a mentor with no activity for 10 days")


@pytest.mark.parametrize("brief", BRIEFS.values(), ids=BRIEFS)
def test_the_words_that_ship_can_be_filled_in(brief):
    for words in brief[2:]:
        assert not unknown_placeholders(words.subject)
        assert not unknown_placeholders(words.body)
        assert len(words.subject) <= 100


def test_added_again_nothing_changes(organization):
    add_default_rules(organization, now=NOW)
    before = written()
    assert add_default_rules(organization, now=NOW + days(1)) == []
    assert written() == before


def test_what_the_organisation_has_of_its_own_stays_as_it_is(organization):
    own = make_rule("inactivity", organization=organization, scenario_id="inactivity", threshold_days=5)
    assert len(add_default_rules(organization, now=NOW)) == len(RULES) - 1
    own.refresh_from_db()
    assert own.threshold_days == 5
    assert own.versions.count() == 1


def test_the_rules_of_others_are_not_the_organisations_own(organization):
    make_rule(scenario_id="inactivity")
    chapter = make_chapter(organization)
    make_rule(scenario_id="inactivity", organization=organization, chapter=chapter)
    add_default_rules(make_organization(), now=NOW)
    assert len(add_default_rules(organization, now=NOW)) == len(RULES)


def test_each_organisation_gets_texts_of_its_own_as_they_ship_whatever_others_made_of_theirs(organization):
    theirs = make_organization()
    add_default_rules(theirs, now=NOW)
    Variant.objects.update(body="Their own text")
    before = list(Variant.objects.order_by("pk").values())
    add_default_rules(organization, now=NOW)
    assert list(Variant.objects.filter(template__organization=theirs).order_by("pk").values()) == before
    ours = Variant.objects.filter(template__organization=organization)
    assert ours.count() == 2 * len(BRIEFS)
    assert not ours.filter(body="Their own text").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False], ids=["same organisation", "different ones"])
def test_two_who_add_them_at_once_add_them_once(same):
    first = make_organization()
    second = first if same else make_organization()

    def add(organization):
        try:
            return len(add_default_rules(organization, now=timezone.now()))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(add, [first, second]))
    assert sorted(counts) == ([0, len(RULES)] if same else [len(RULES)] * 2)
    assert Rule.objects.filter(organization=first).count() == len(RULES)
    houses = 1 if same else 2
    assert (PromptTemplate.objects.count(), Variant.objects.count()) == (houses * len(BRIEFS), 2 * houses * len(BRIEFS))


def test_a_rule_that_was_added_decides(organization):
    from django.db import transaction

    from scenarios import operations
    from scenarios.engine import Frame
    from scenarios.models import Decision
    from tests.scenarios.weighing import EVERYBODY

    for rule in add_default_rules(organization, now=NOW):
        operations.set_rule_state(rule, "on", now=NOW)
    silent, lately = (make_mentor(organization, idle_for=days(n)) for n in (11, 9))
    make_activity(lately, completed_at=NOW - days(2))
    with transaction.atomic():
        operations.decide(EVERYBODY, Frame.at(NOW), run_id="run_1")
    assert [decision.mentor for decision in Decision.objects.all()] == [silent]


def test_the_command_adds_them_to_each_organisation_and_says_which(capsys):
    first, second = make_organization(), make_organization()
    call_command("add_default_rules", first.pk, second.pk)
    out = capsys.readouterr().out
    assert f"{first.pk}: 5 rules added as drafts" in out
    assert "Ten days without contact or activity: Every day: a mentor with no activity for 10 days" in out
    call_command("add_default_rules", first.pk)
    assert f"{first.pk}: 0 rules added as drafts" in capsys.readouterr().out
    assert Rule.objects.count() == 2 * len(RULES)


def test_the_command_adds_nothing_where_one_name_is_wrong(organization):
    with pytest.raises(CommandError, match="org_nowhere"):
        call_command("add_default_rules", organization.pk, "org_nowhere")
    assert not Rule.objects.exists()


def test_they_are_added_on_the_organisations_page(admin_client, admin_user, organization):
    url = change_address(organization).replace("/change/", "/add_ready_made/")
    assert admin_client.get(url).status_code == 200
    assert not Rule.objects.exists(), "asking first writes nothing"
    assert "5 rules were added as drafts." in press(admin_client, organization).content.decode()
    assert Rule.objects.filter(organization=organization).count() == len(RULES)
    assert RuleVersion.objects.filter(changed_by=admin_user).count() == len(RULES)
    assert "nothing was added" in press(admin_client, organization).content.decode()


def test_an_added_rule_saved_as_it_is_stays_as_it_is(admin_client, organization):
    for rule in add_default_rules(organization, now=NOW):
        url = change_address(rule)
        assert admin_client.post(url, filled_in(admin_client, url)).status_code == 302
        assert rule.versions.count() == 1


@pytest.mark.parametrize("missing", NEEDED)
def test_who_may_not_write_rules_and_messages_adds_none(staff, organization, missing):
    client = staff(*(set(NEEDED) - {missing}))
    press(client, organization)
    assert not Rule.objects.exists()
    page = client.get(change_address(Organization.objects.get()))
    assert "add_ready_made" not in page.content.decode()


def test_who_may_write_them_adds_them(staff, organization):
    press(staff(*NEEDED), organization)
    assert Rule.objects.count() == len(RULES)
