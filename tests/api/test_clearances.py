"""What the brake holds is listed, released and discarded over the API, each once."""

import pytest
from django.contrib.auth.models import Permission, User

from scenarios.models import Clearance, Decision
from scheduler.models import Run
from tests.admin.cast import make_decision
from tests.factories import NOW, days, make_mentor, make_organization

from .runs import make_run
from .test_access import permitted, with_token

CLEARANCES = "/api/v1/clearances"


def make_clearance(run_id: str = "run_a", status: str = "held", **fields) -> Clearance:
    return Clearance.objects.create(
        **{
            "run_id": run_id,
            "organization": make_organization(),
            "status": status,
            "explanation": "" if status == "cleared" else "Unusually many.",
            "judged_at": NOW,
            "settled_at": None if status in ("held", "cleared") else NOW,
            "active_mentors": 148,
            "told": 120,
            "usual": 3,
            **fields,
        }
    )


@pytest.fixture
def held(api) -> Clearance:
    """A held part with one decision, of a run that is held for it."""
    make_run(id="run_a", status="held")
    clearance = make_clearance(organization=make_organization(id="org_a"))
    make_decision(make_mentor(clearance.organization), run_id="run_a", outcome="pending", settled_at=None)
    return clearance


def settle(client, clearance, verb: str, body=None):
    return client.post(f"{CLEARANCES}/{clearance.pk}/{verb}", {} if body is None else body)


def test_one_is_shown_with_its_sentence_and_its_numbers(api, held):
    shown = api.get(f"{CLEARANCES}/{held.pk}")
    assert shown.status_code == 200
    assert shown.json() == {
        "id": str(held.pk),
        "run_id": "run_a",
        "organization_id": "org_a",
        "status": "held",
        "explanation": "Unusually many.",
        "active_mentors": 148,
        "told": 120,
        "usual": 3,
        "newest_fact_at": None,
        "judged_at": "2026-03-25T11:00:00Z",
        "expires_at": "2026-03-26T10:45:00Z",
        "settled_at": None,
        "settled_by": None,
    }
    assert api.get(CLEARANCES).json()["data"] == [shown.json()]


def test_what_waits_is_asked_for_by_its_status(api, held):
    for n, status in enumerate(["cleared", "released", "discarded", "expired"]):
        make_clearance(f"run_{n}", status, judged_at=NOW - days(1))
    assert len(api.get(CLEARANCES).json()["data"]) == 5
    assert [row["id"] for row in api.get(CLEARANCES, {"status": "held"}).json()["data"]] == [str(held.pk)]
    assert [row["run_id"] for row in api.get(CLEARANCES, {"run_id": "run_0"}).json()["data"]] == ["run_0"]
    assert api.get(CLEARANCES, {"status": "waiting"}).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("verb", "status", "outcome"), [("release", "released", "pending"), ("discard", "discarded", "withdrawn")]
)
def test_it_is_settled_once_and_so_is_its_run(api, held, verb, status, outcome):
    first, again = settle(api, held, verb), settle(api, held, verb)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["settled_by"]) == (status, "public")
    assert first.json()["expires_at"] is None
    assert Decision.objects.get().outcome == outcome
    assert Run.objects.get().status == "success"


@pytest.mark.parametrize(("verb", "opposite"), [("release", "discard"), ("discard", "release")])
def test_the_opposite_afterwards_is_a_conflict(api, held, verb, opposite):
    settle(api, held, verb)
    before = Clearance.objects.values().get()
    answer = settle(api, held, opposite)
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert "public has already" in answer.json()["message"]
    assert Clearance.objects.values().get() == before


@pytest.mark.parametrize("status", ["cleared", "expired"])
@pytest.mark.parametrize("verb", ["release", "discard"])
def test_what_was_never_held_or_has_expired_stays_so(api, verb, status):
    clearance = make_clearance(status=status)
    assert settle(api, clearance, verb).status_code == 409
    clearance.refresh_from_db()
    assert clearance.status == status


@pytest.mark.parametrize("verb", ["release", "discard"])
def test_what_does_not_exist_and_what_is_not_asked_for_are_refused(api, held, verb):
    assert api.post(f"{CLEARANCES}/999999999/{verb}", {}).status_code == 404
    assert api.get(f"{CLEARANCES}/999999999").status_code == 404
    refused = settle(api, held, verb, {"by": "kari"})
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["by"]
    assert Clearance.objects.get().status == "held"


@pytest.mark.parametrize(
    ("method", "end", "permission"),
    [
        ("get", "", "view_clearance"),
        ("get", "/{id}", "view_clearance"),
        ("post", "/{id}/release", "change_clearance"),
        ("post", "/{id}/discard", "change_clearance"),
    ],
)
def test_each_takes_its_own_permission(held, settings, method, end, permission):
    settings.API_ACCESS = "protected"
    path = CLEARANCES + end.format(id=held.pk)
    others = User.objects.create_user("ola")
    others.user_permissions.set(Permission.objects.exclude(codename=permission))
    assert getattr(with_token(others), method)(path).status_code == 403
    kari = with_token(permitted(User.objects.create_user("kari"), permission))
    assert getattr(kari, method)(path).status_code == 200
    if method == "post":
        assert Clearance.objects.get().settled_by == "kari"


def test_who_settled_it_is_in_the_audit_log(api, held, caplog):
    with caplog.at_level("INFO", "peerwell.audit"):
        settle(api, held, "release")
    assert "run run_a in org_a: held -> released by public" in caplog.text


def test_the_document_describes_both(api):
    paths = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()["paths"]
    for verb in ("release", "discard"):
        assert {"200", "404", "409"} <= set(paths[f"{CLEARANCES}/{{id}}/{verb}"]["post"]["responses"])
