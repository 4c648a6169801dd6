"""The last release's texts become somebody's, and their states are told apart, without a change to what is sent."""

import pytest

from notifications.models import Variant
from notifications.outbox.wording import Wordings
from scenarios.models import PromptTemplate
from tests.factories import LONG_AGO, NOW, days
from tests.upgrading import database_of_last_release, upgrade

OSLO, BERGEN = "org_oslo", "org_bergen"


@pytest.fixture(scope="module")
def upgraded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), database_of_last_release() as apps:
        before = write_rows(apps)
        upgrade()
        yield before


def write_rows(apps) -> dict:
    """Write what the last release could hold, and return what it would have sent."""

    def rows(name):
        return apps.get_model(name).objects

    for key in (OSLO, BERGEN):
        rows("scenarios.Organization").create(id=key, name=key)
    # Each brief by the organisations of the rules, and of their earlier versions, that send it.
    used = {
        "of_oslo": ([OSLO, OSLO], []),
        "of_two": ([OSLO, BERGEN], []),
        "of_a_shared_rule": ([OSLO, None], []),
        "once_shared": ([OSLO], [None]),
        "once_of_bergen": ([OSLO], [BERGEN]),
        "unused": ([], []),
    }
    for brief, (owners, earlier) in used.items():
        rows("scenarios.PromptTemplate").create(id=brief, name=brief, purpose="-")
        for n, owner in enumerate(owners):
            said = {
                "name": brief,
                "scenario_id": f"{brief}_{n}",
                "trigger_type": "inactivity",
                "threshold_days": 14,
                "organization_id": owner,
                "prompt_template_id": brief,
            }
            rule = rows("scenarios.Rule").create(id=f"rule_{brief}_{n}", **said)
            for number, past in enumerate(earlier, start=1):
                rows("scenarios.RuleVersion").create(
                    rule=rule, number=number, valid_from=LONG_AGO, valid_until=NOW, **{**said, "organization_id": past}
                )
            rows("scenarios.RuleVersion").create(rule=rule, number=len(earlier) + 1, valid_from=NOW, **said)
    write_wordings(rows)
    return {
        "templates": dict(rows("scenarios.Rule").values_list("pk", "prompt_template")),
        "approved": set(rows("notifications.Variant").filter(approved_at__isnull=False).values_list("pk", flat=True)),
    }


def write_wordings(rows) -> None:
    mentor = rows("scenarios.PeerMentor").create(user_id="usr_1", organization_id=OSLO, joined_at=LONG_AGO)
    user = rows("auth.User").create(username="kari")
    words = {"template_id": "of_oslo", "subject": "Hello"}
    variants = rows("notifications.Variant")
    replaced = variants.create(language="en", body="Dear $first_name, ${days} days.", **words)
    rewritten = variants.create(language="nb", body="Ny tekst", **words)
    variants.create(language="en", body="Never sent", approved_by=user, **words)
    variants.create(language="en", body="Dear $first_name.", approved_at=NOW, approved_by=user, **words)
    version = rows("scenarios.RuleVersion").get(rule="rule_of_oslo_0")
    for n, (variant, text) in enumerate([(replaced, "Dear Kari, 20\nor so days."), (rewritten, "Hei Kari")]):
        decision = rows("scenarios.Decision").create(
            mentor=mentor,
            organization_id=OSLO,
            rule_id=version.rule_id,
            rule_version=version,
            occasion=str(n),
            instant=NOW,
            known_at=NOW,
            decided_at=NOW,
            scheduled_for=NOW,
            outcome="told",
            readings={},
            settled_at=NOW,
        )
        at = NOW - days(1)
        rows("notifications.Notification").create(
            decision=decision,
            mentor=mentor,
            channel="email",
            variant=variant,
            body=text,
            status="sent",
            created_at=at,
            due_at=at,
            finished_at=at,
            message_id=str(n),
        )


def test_what_only_one_organisation_ever_used_becomes_its_own(upgraded):
    assert dict(PromptTemplate.objects.values_list("pk", "organization")) == {
        "of_oslo": OSLO,
        **dict.fromkeys(["of_two", "of_a_shared_rule", "once_shared", "once_of_bergen", "unused"]),
    }


def test_nothing_that_is_sent_changes(upgraded):
    from scenarios.models import Rule

    assert dict(Rule.objects.values_list("pk", "prompt_template")) == upgraded["templates"]
    approved = Variant.objects.filter(state="approved")
    assert {variant.pk for variant in approved} == upgraded["approved"]
    chosen = Wordings(approved).choose("of_oslo", "en")
    assert chosen is not None
    assert chosen.body == "Dear $first_name."


def test_what_was_sent_once_and_then_replaced_waits_for_nobody(upgraded):
    states = {variant.body: (variant.state, variant.retired_at) for variant in Variant.objects.all()}
    assert states == {
        "Dear $first_name, ${days} days.": ("retired", NOW),
        "Ny tekst": ("draft", None),
        "Never sent": ("draft", None),
        "Dear $first_name.": ("approved", None),
    }
