"""Staff write rules in plain words, and every change leaves a version that says who and why."""

import pytest
from django.utils import timezone

from scenarios import triggers
from scenarios.models import Rule
from tests.admin.pages import address, change_address, confirm, filled_in
from tests.factories import days, make_chapter, make_mentor, make_organization, make_rule, make_template
from tests.scenarios.weighing import decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule():
    return make_rule(threshold_days=14)


def new_rule(**fields) -> dict:
    return {
        "name": "Silent for two weeks",
        "scenario_id": "silent_14",
        "state": "draft",
        "trigger_type": "inactivity",
        "threshold_days": "14",
        "prompt_template": make_template().pk,
        "delay_hours": "0",
        "cooldown_days": "7",
        "priority": "5",
        **fields,
    }


def errors(page) -> dict:
    return page.context["adminform"].form.errors


def test_a_changed_rule_gets_a_version_with_who_and_why(admin_client, admin_user, rule):
    url = change_address(rule)
    admin_client.post(url, filled_in(admin_client, url, threshold_days="21", change_reason="Too many reminders"))
    version = rule.versions.get(valid_until__isnull=True)
    assert (version.number, version.threshold_days) == (2, 21)
    assert (version.changed_by, version.change_reason) == (admin_user, "Too many reminders")


def test_a_change_without_a_reason_is_refused(admin_client, rule):
    url = change_address(rule)
    page = admin_client.post(url, filled_in(admin_client, url, threshold_days="21"))
    assert "change_reason" in errors(page)
    rule.refresh_from_db()
    assert rule.threshold_days == 14


def test_saving_without_a_change_makes_no_version(admin_client, rule):
    url = change_address(rule)
    assert admin_client.post(url, filled_in(admin_client, url)).status_code == 302
    assert rule.versions.count() == 1


@pytest.mark.parametrize("slug", triggers.registry)
def test_a_rule_of_any_trigger_saved_as_it_is_stays_as_it_is(admin_client, slug):
    trigger = triggers.get(slug)
    fields = {f"parameter_{name}": "1" for name, parameter in trigger.parameters.items() if parameter.required}
    data = new_rule(trigger_type=slug, judged=trigger.judged[0], **fields)
    assert admin_client.post(address(Rule, "add"), data).status_code == 302
    rule = Rule.objects.get(scenario_id="silent_14")
    url = change_address(rule)
    assert admin_client.post(url, filled_in(admin_client, url)).status_code == 302
    assert rule.versions.count() == 1


def test_a_new_rule_has_its_first_version(admin_client):
    admin_client.post(address(Rule, "add"), new_rule())
    assert Rule.objects.get(scenario_id="silent_14").versions.get().number == 1


def test_the_page_says_what_each_version_changed(admin_client, rule):
    url = change_address(rule)
    admin_client.post(url, filled_in(admin_client, url, threshold_days="21", change_reason="Too many reminders"))
    text = admin_client.get(url).content.decode()
    assert "Number of days: 14 → 21" in text
    assert "Too many reminders" in text


def test_nothing_is_chosen_before_somebody_chooses(admin_client):
    form = admin_client.get(address(Rule, "add")).context["adminform"].form
    assert form.fields["trigger_type"].choices[0][0] == ""
    assert "trigger_type" in errors(admin_client.post(address(Rule, "add"), new_rule(trigger_type="")))


def test_the_scenario_is_made_from_the_name_and_is_one_that_no_rule_has(admin_client):
    make_rule(scenario_id="stille_for_lenge_pa_frogner")
    data = new_rule(name="Stille for lenge på Frogner", scenario_id="")
    assert admin_client.post(address(Rule, "add"), data).status_code == 302
    assert Rule.objects.get(name="Stille for lenge på Frogner").scenario_id == "stille_for_lenge_pa_frogner_2"


def test_a_scenario_that_can_not_be_is_said_in_plain_words(admin_client):
    page = admin_client.post(address(Rule, "add"), new_rule(scenario_id="silent for 14 days"))
    assert errors(page)["scenario_id"] == ["Use only the letters a to z, digits, - and _."]


def test_the_message_about_errors_names_each_field(admin_client, rule):
    url = change_address(rule)
    text = admin_client.post(url, filled_in(admin_client, url, threshold_days="21")).content.decode()
    assert "Reason for this change: Say in a few words why you changed this rule." in text


def test_what_is_wrong_with_a_field_of_another_trigger_stops_nobody(admin_client):
    data = new_rule(parameter_counts="many", parameter_flags="", parameter_min_minutes="-1", judged="")
    assert admin_client.post(address(Rule, "add"), data).status_code == 302


def test_the_number_of_days_is_explained_for_each_trigger(admin_client):
    text = admin_client.get(address(Rule, "add")).content.decode()
    assert 'data-hint-for="certification_expiry"' in text
    assert "How many days before it expires, for example 30." in text


def test_a_trigger_that_counts_days_wants_a_number(admin_client):
    assert "threshold_days" in errors(admin_client.post(address(Rule, "add"), new_rule(threshold_days="")))


def test_a_chapter_brings_its_organisation(admin_client):
    chapter = make_chapter()
    admin_client.post(address(Rule, "add"), new_rule(chapter=chapter.pk))
    assert Rule.objects.get(scenario_id="silent_14").organization == chapter.organization


def test_a_chapter_of_another_organisation_is_refused(admin_client):
    fields = {"chapter": make_chapter().pk, "organization": make_organization().pk}
    assert "chapter" in errors(admin_client.post(address(Rule, "add"), new_rule(**fields)))


def test_a_chapters_rule_that_is_edited_stays_a_chapters_rule(admin_client):
    chapter = make_chapter()
    rule = make_rule(chapter=chapter, organization=chapter.organization)
    url = change_address(rule)
    admin_client.post(url, filled_in(admin_client, url, threshold_days="21", change_reason="Too many reminders"))
    rule.refresh_from_db()
    assert (rule.threshold_days, rule.chapter) == (21, chapter)


def test_only_the_chapters_of_the_chosen_organisation_are_offered(admin_client):
    chapter, _other = make_chapter(name="Holmlia"), make_chapter(name="Holmenkollen")
    asked = {"app_label": "scenarios", "model_name": "rule", "field_name": "chapter", "term": "Holm"}
    answer = admin_client.get("/admin/autocomplete/", {**asked, "organization": chapter.organization_id}).json()
    assert [result["id"] for result in answer["results"]] == [chapter.pk]


def test_what_a_trigger_asks_for_is_a_field_and_no_json(admin_client):
    fields = {"trigger_type": "activity_missed", "judged": "daily", "parameter_activity_types": "run, bike"}
    admin_client.post(address(Rule, "add"), new_rule(**fields))
    rule = Rule.objects.get(scenario_id="silent_14")
    assert rule.parameters == {"activity_types": ["run", "bike"]}
    page = admin_client.get(change_address(rule))
    assert "parameters" not in page.context["adminform"].form.fields
    assert 'value="run, bike"' in page.content.decode()


def test_what_was_filled_in_for_another_trigger_is_left_out(admin_client):
    admin_client.post(address(Rule, "add"), new_rule(parameter_activity_types="run"))
    assert Rule.objects.get(scenario_id="silent_14").parameters == {}


def test_a_parameter_that_can_not_be_is_told_beside_its_field(admin_client):
    fields = {"trigger_type": "wellbeing_flag", "judged": "activity", "parameter_flags": ""}
    page = admin_client.post(address(Rule, "add"), new_rule(**fields))
    assert list(errors(page)) == ["parameter_flags"]


def test_the_word_that_the_cooldown_goes_by_can_not_be_changed(admin_client, rule):
    url = change_address(rule)
    admin_client.post(url, filled_in(admin_client, url, scenario_id="another", change_reason="x"))
    rule.refresh_from_db()
    assert rule.scenario_id != "another"


def test_a_rule_is_turned_off_from_the_list_with_a_version(admin_client, rule):
    data = {"action": "turn_off", "_selected_action": [rule.pk]}
    admin_client.post(address(Rule, "changelist"), data)
    rule.refresh_from_db()
    assert rule.state == "off"
    assert rule.versions.get(valid_until__isnull=True).state == "off"


@pytest.mark.parametrize(("action", "was", "state"), [("turn_on", "draft", "on"), ("watch_only", "on", "watching")])
def test_a_rule_is_turned_on_or_set_to_watch_from_the_list(admin_client, admin_user, action, was, state):
    rule = make_rule(state=was)
    page = admin_client.post(address(Rule, "changelist"), {"action": action, "_selected_action": [rule.pk]})
    if action == "turn_on":
        confirm(admin_client, page)
    version = rule.versions.get(valid_until__isnull=True)
    assert (version.state, version.number, version.changed_by) == (state, 2, admin_user)


def test_a_new_rule_can_be_a_draft_or_watch_and_nothing_else(admin_client):
    form = admin_client.get(address(Rule, "add")).context["adminform"].form
    assert form["state"].initial == "draft"
    assert [value for value, _label in form.fields["state"].choices] == ["draft", "watching"]
    assert "state" in errors(admin_client.post(address(Rule, "add"), new_rule(state="on")))


def test_a_retired_rule_is_not_in_the_list_unless_it_is_asked_for(admin_client):
    make_rule(name="Long gone", state="retired")
    assert "Long gone" not in admin_client.get(address(Rule, "changelist")).content.decode()
    assert "Long gone" in admin_client.get(address(Rule, "changelist"), {"state": "retired"}).content.decode()


def test_a_retired_rule_can_not_be_turned_on_from_the_list_and_the_page_says_what_can_be_done(admin_client):
    rule = make_rule(name="Long gone", state="retired")
    url = address(Rule, "changelist") + "?state=retired"
    page = admin_client.post(url, {"action": "turn_on", "_selected_action": [rule.pk]}, follow=True)
    assert "restore one of its versions" in page.content.decode()
    rule.refresh_from_db()
    assert rule.state == "retired"


def test_a_retired_rule_comes_back_as_the_version_that_is_restored(admin_client, rule):
    url = change_address(rule)
    admin_client.post(url, filled_in(admin_client, url, state="retired", change_reason="No longer needed"))
    rule.refresh_from_db()
    assert rule.state == "retired"
    page = admin_client.post(url, filled_in(admin_client, url, state="on", change_reason="Again"))
    assert "state" in errors(page)
    restoring = f"{url}?version=1"
    page = admin_client.post(restoring, filled_in(admin_client, restoring))
    assert confirm(admin_client, page).status_code == 302
    rule.refresh_from_db()
    assert rule.state == "on"


def test_the_list_and_the_page_say_how_many_a_watching_rule_would_have_written_to(admin_client):
    now = timezone.now()
    rule = make_rule(name="Tried out", state="watching")
    mentors = [make_mentor(idle_for=days(20), now=now) for _ in range(3)]
    for n in range(2):
        decide(*mentors, at=now - days(n), run_id=f"run_{n}")
    said = "would have written to 3 mentors in the last 7 days"
    assert said in admin_client.get(address(Rule, "changelist")).content.decode()
    assert said in admin_client.get(change_address(rule)).content.decode()


def test_what_must_be_so_before_a_rule_is_on_is_said_in_its_form_and_in_the_list(admin_client, monkeypatch):
    monkeypatch.setattr("scenarios.operations.rules.turn_on_checks", [lambda _rule: "Give an address for answers."])
    rule = make_rule(state="off")
    url = change_address(rule)
    page = admin_client.post(url, filled_in(admin_client, url, state="on", change_reason="Go"))
    assert errors(page)["state"] == ["Give an address for answers."]
    data = {"action": "turn_on", "_selected_action": [rule.pk]}
    page = admin_client.post(address(Rule, "changelist"), data, follow=True)
    assert "Give an address for answers." in page.content.decode()
    rule.refresh_from_db()
    assert rule.state == "off"


def test_a_rule_can_not_be_deleted(admin_client, rule):
    assert admin_client.post(address(Rule, "delete", rule.pk), {"post": "yes"}).status_code == 403
    assert Rule.objects.filter(pk=rule.pk).exists()
