"""What a mentor reads: the approved wording in their language, with everything filled in."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from notifications import copywriter, outbox
from notifications.models import Notification, Variant
from scenarios.models import Decision
from tests.factories import (
    LONG_AGO,
    NOW,
    days,
    make_certification,
    make_chapter,
    make_membership,
    make_organization,
    make_rule,
    make_template,
)
from tests.notifications.telling import make_due, outcome_of

pytestmark = pytest.mark.django_db


def approve(template, language: str, subject: str = "Hello", body: str = "Text") -> Variant:
    return Variant.objects.create(
        template=template, language=language, subject=subject, body=body, state="approved", approved_at=LONG_AGO
    )


def rule_saying(body: str, subject: str = "Hello", trigger_type: str = "inactivity", language: str = "en"):
    template = make_template()
    template.variants.all().delete()
    approve(template, language, subject, body)
    return make_rule(trigger_type, prompt_template=template)


def prepared(decision: Decision) -> Notification:
    assert outbox.prepare(now=NOW) == 1
    return Notification.objects.get(decision=decision)


def test_fills_name_chapter_organization_and_days():
    organization = make_organization(name="Heart and Lung")
    rule = rule_saying("$first_name, $chapter, $organization, $days days", subject="Dear ${first_name}!")
    decision = make_due(organization, rule=rule, contact={"name": "Kari Anne Nordmann"})
    make_membership(decision.mentor, make_chapter(organization, name="Oslo West"))
    notification = prepared(decision)
    assert notification.subject == "Dear Kari!"
    assert notification.body == "Kari, Oslo West, Heart and Lung, 20 days"


def test_names_the_chapter_of_the_longest_current_membership():
    decision = make_due(rule=rule_saying("$chapter"))
    left, first, second = (make_chapter(decision.organization, name=name) for name in ("Left", "First", "Second"))
    make_membership(decision.mentor, left, starts_at=NOW - days(90), ends_at=NOW - days(1))
    make_membership(decision.mentor, second, starts_at=NOW - days(10))
    make_membership(decision.mentor, first, starts_at=NOW - days(20))
    assert prepared(decision).body == "First"


def test_names_the_organization_where_there_is_no_chapter():
    decision = make_due(make_organization(name="Heart and Lung"), rule=rule_saying("$chapter"))
    assert prepared(decision).body == "Heart and Lung"


@pytest.mark.parametrize(
    ("own_zone", "organization_zone", "number"),
    [("", "UTC", "19"), ("", "Europe/Oslo", "20"), ("UTC", "Europe/Oslo", "19"), ("Europe/Oslo", "UTC", "20")],
)
def test_counts_calendar_days_in_the_mentors_zone_or_else_the_organizations(own_zone, organization_zone, number):
    readings = {"from": "2026-03-05T22:30:00+00:00", "to": "2026-03-24T23:30:00Z"}
    decision = make_due(
        make_organization(time_zone=organization_zone),
        rule=rule_saying("$days"),
        contact={"time_zone": own_zone},
        readings=readings,
    )
    assert prepared(decision).body == number


@pytest.mark.parametrize(("language", "date"), [("en", "15 Apr 2026"), ("nb", "15. april 2026")])
def test_writes_the_date_of_a_certification_as_the_language_does(language, date):
    expires_at = datetime(2026, 4, 14, 22, 30, tzinfo=UTC)
    decision = make_due(
        rule=rule_saying("$certification: $date, $days", trigger_type="certification_expiry", language=language),
        contact={"language": language, "time_zone": "Europe/Oslo"},
        readings={"from": NOW.isoformat(), "to": expires_at.isoformat(), "kind": "Basic course"},
    )
    certification = make_certification(decision.mentor, expires_at=expires_at)
    decision.subject = certification.certification_id
    decision.save()
    assert prepared(decision).body == f"Basic course: {date}, 21"


@pytest.mark.parametrize(
    ("approved", "read"),
    [(["nb", "en"], "nb"), (["en"], "en"), (["se", "nb"], "nb"), (["se", "fi"], "fi")],
)
def test_takes_the_language_of_the_mentor_or_else_one_that_there_is(approved, read):
    template = make_template()
    template.variants.all().delete()
    for language in approved:
        approve(template, language, body=f"in {language}")
    notification = prepared(make_due(rule=make_rule(prompt_template=template), contact={"language": "nb"}))
    assert notification.body == f"in {read}"
    assert notification.language == read
    assert notification.variant.language == read


def test_a_draft_is_never_sent():
    decision = make_due(contact={"language": "nb"})
    template = decision.rule.prompt_template
    Variant.objects.create(template=template, language="nb", subject="Draft", body="Draft")
    assert prepared(decision).language == "en"


@pytest.mark.parametrize("body", ["$nickname, hello", "${first name}", "It costs $5", "Bye $"])
def test_a_wording_that_cannot_be_filled_is_as_good_as_none(body):
    decision = make_due(rule=rule_saying(body))
    assert outbox.prepare(now=NOW) == 0
    assert outbox.wordless(now=NOW) == {decision.rule.prompt_template_id: 1}
    assert outcome_of(decision) == ("pending", "")


@pytest.mark.parametrize(
    ("body", "readings"),
    [("$days", {}), ("$date", {"from": NOW.isoformat()}), ("$certification", {"from": "x", "to": "y"})],
)
def test_waits_where_the_wording_asks_for_what_was_never_read(body, readings):
    make_due(rule=rule_saying(body), readings=readings)
    assert outbox.prepare(now=NOW) == 0
    assert len(outbox.wordless(now=NOW)) == 1


def test_one_odd_reading_silences_nobody_else():
    odd = make_due(readings={"from": "yesterday", "to": "today"})
    make_due()
    assert outbox.prepare(now=NOW) == 1
    assert outcome_of(odd) == ("withdrawn", "evaluation_error")


def test_an_amount_is_written_with_two_dollar_signs():
    assert prepared(make_due(rule=rule_saying("It costs $$5, $first_name"))).body.startswith("It costs $5, Kari")


def test_what_a_name_holds_is_not_filled_in_turn():
    decision = make_due(rule=rule_saying("$first_name"), contact={"name": "$days"})
    assert prepared(decision).body == "$days"


def test_a_line_break_in_a_name_breaks_no_title():
    organization = make_organization(name="Heart\r\nBcc: all@example.org")
    decision = make_due(organization, rule=rule_saying("Text", subject="From $organization"))
    assert prepared(decision).subject == "From Heart Bcc: all@example.org"


def test_a_title_that_grew_too_long_is_cut():
    organization = make_organization(name="x" * 200)
    decision = make_due(organization, rule=rule_saying("Text", subject="From $organization"))
    assert len(prepared(decision).subject) == 200


def test_what_was_written_stays_as_it_was_when_the_wording_changes():
    decision = make_due(rule=rule_saying("Before"))
    notification = prepared(decision)
    Variant.objects.update(body="After")
    notification.refresh_from_db()
    assert notification.body == "Before"


@pytest.mark.parametrize("text", ["Dear $nickname", "It costs $5"])
@pytest.mark.parametrize("field", ["subject", "body"])
def test_staff_hear_of_a_placeholder_that_nothing_fills(field, text):
    texts = {"subject": "Hello", "body": "Text", field: text}
    with pytest.raises(ValidationError) as refusal:
        Variant(template=make_template(), language="nb", **texts).full_clean()
    assert list(refusal.value.message_dict) == [field]


def test_every_placeholder_on_offer_can_be_filled():
    text = " ".join(f"${name}" for name in copywriter.PLACEHOLDERS)
    readings = {"from": NOW.isoformat(), "to": NOW.isoformat(), "kind": "Basic course"}
    assert "$" not in prepared(make_due(rule=rule_saying(text), readings=readings)).body
