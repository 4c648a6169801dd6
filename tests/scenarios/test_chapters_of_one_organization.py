"""A mentor of one association never stands in a chapter of another one, whoever writes the row."""

from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from scenarios.models import Activity, Chapter, Evaluation, Membership, PeerMentor, Rule, RuleVersion
from tests.factories import (
    LONG_AGO,
    NOW,
    make_activity,
    make_chapter,
    make_membership,
    make_mentor,
    make_organization,
    make_rule,
)
from tests.together import together_for

pytestmark = pytest.mark.django_db
MIGRATION = "scenarios.migrations.0005_chapters_of_one_organization"


@pytest.fixture
def mentor():
    return make_mentor()


@pytest.fixture
def elsewhere():
    return make_chapter()


def refused(write) -> bool:
    try:
        with transaction.atomic():
            write()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        return True
    return False


def membership(mentor, chapter) -> Membership:
    return Membership(mentor=mentor, chapter=chapter, starts_at=NOW, recorded_at=NOW)


def activity(mentor, chapter) -> Activity:
    return Activity(activity_id="act_1", mentor=mentor, chapter=chapter, activity_type="visit", completed_at=NOW)


@pytest.mark.parametrize("fact", [membership, activity])
def test_a_fact_in_a_chapter_of_another_organization_is_refused_by_the_database_also_in_bulk(fact, mentor, elsewhere):
    wrong = fact(mentor, elsewhere)
    assert refused(wrong.save)
    assert refused(lambda: type(wrong).objects.bulk_create([wrong]))
    own = fact(mentor, make_chapter(mentor.organization))
    own.save()
    assert refused(lambda: type(own).objects.filter(pk=own.pk).update(chapter=elsewhere))
    assert refused(lambda: type(own).objects.filter(pk=own.pk).update(mentor=make_mentor()))


@pytest.mark.parametrize("fact", [membership, activity])
def test_the_form_and_the_shell_name_the_field(fact, mentor, elsewhere):
    with pytest.raises(ValidationError) as refusal:
        fact(mentor, elsewhere).full_clean()
    assert list(refusal.value.message_dict) == ["chapter"]


def test_an_activity_without_a_chapter_is_no_matter(mentor):
    assert not refused(activity(mentor, None).save)


def test_an_evaluation_for_a_chapter_of_another_organization_is_refused(mentor, elsewhere):
    evaluated = make_activity(mentor)
    wrong = Evaluation(chapter=elsewhere, activity=evaluated, evaluated_at=NOW)
    assert refused(lambda: wrong.save(force_insert=True))
    right = Evaluation(chapter=make_chapter(mentor.organization), activity=evaluated, evaluated_at=NOW)
    assert not refused(lambda: right.save(force_insert=True))


def test_a_rule_and_its_versions_hold_in_a_chapter_of_their_organization(elsewhere):
    rule = make_rule(organization=make_organization())
    assert refused(lambda: Rule.objects.filter(pk=rule.pk).update(chapter=elsewhere))
    assert refused(lambda: RuleVersion.objects.filter(rule=rule).update(chapter=elsewhere))


@pytest.mark.parametrize("make", [make_mentor, make_chapter])
def test_what_others_refer_to_stays_in_its_organization(make):
    row = make()
    other = make_organization()
    assert refused(lambda: type(row).objects.filter(pk=row.pk).update(organization=other))


@pytest.mark.django_db(transaction=True)
def test_a_chapter_that_moves_house_while_a_mentor_enters_it_leaves_nobody_between_two_organizations():
    """The membership's check and the chapter's end meet: one of the two gives way."""
    rounds = 20
    mentors = [make_mentor() for _ in range(rounds)]
    other = make_organization()
    chapters = [make_chapter(mentor.organization, id=f"ch_moving_{n}") for n, mentor in enumerate(mentors)]

    def enter(n):
        try:
            Membership.objects.bulk_create([membership(mentors[n], chapters[n])])
        except IntegrityError:
            return "refused"
        return "entered"

    def move(n):
        try:
            with transaction.atomic():
                Chapter.objects.filter(pk=chapters[n].pk)._raw_delete("default")
                Chapter.objects.create(pk=chapters[n].pk, organization=other, name="Moved")
        except IntegrityError:
            return "refused"
        return "moved"

    answers = together_for(rounds, enter, move)
    assert {tuple(pair) for pair in answers} <= {("entered", "refused"), ("refused", "moved")}
    for row in Membership.objects.select_related("mentor", "chapter"):
        assert row.mentor.organization_id == row.chapter.organization_id


@pytest.fixture
def last_release():
    """Take away what holds the chapters, and what rules have become since; the test's transaction puts it back."""
    held = import_module(MIGRATION)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(held.UNDO)
        for table in ("scenarios_rule", "scenarios_ruleversion"):
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN enabled boolean NOT NULL DEFAULT true")
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN state SET DEFAULT 'on'")
    return held


def test_an_upgrade_ends_what_the_last_release_let_in_and_says_so(last_release, mentor, elsewhere, capsys):
    right = make_membership(mentor, make_chapter(mentor.organization))
    wrong = make_membership(mentor, elsewhere)
    logged = make_activity(mentor, chapter=elsewhere)
    Evaluation.objects.create(chapter=elsewhere, activity=logged, evaluated_at=NOW)
    make_rule(organization=elsewhere.organization, chapter=elsewhere, scenario_id="silent")
    rule = make_rule(organization=mentor.organization, chapter=elsewhere, scenario_id="silent")
    before = MigrationLoader(connection).project_state(("scenarios", "0003_brake")).apps
    import_module("scenarios.migrations.0004_wrong_chapters").end_what_is_wrong(before, None)
    said = capsys.readouterr().out
    for count in ("1 memberships taken back", "1 activities", "1 rules turned off", "1 evaluations left"):
        assert count in said
    assert list(Membership.objects.standing()) == [right]
    wrong.refresh_from_db()
    assert wrong.withdrawn_at > LONG_AGO
    assert Activity.objects.standing().get(activity_id=logged.activity_id).chapter is None
    rule.refresh_from_db()
    assert (rule.organization, rule.scenario_id) == (elsewhere.organization, "silent_2")
    current = rule.versions.get(valid_until__isnull=True)
    assert (current.number, current.terms()) == (2, rule.terms())
    assert not before.get_model("scenarios", "Rule").objects.get(pk=rule.pk).enabled
    assert not before.get_model("scenarios", "RuleVersion").objects.get(pk=current.pk).enabled
    assert rule.versions.get(number=1).organization == mentor.organization, "what was is left as it was"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(last_release.FUNCTIONS + last_release.TRIGGERS + last_release.KEYS)
    assert refused(lambda: make_membership(mentor, elsewhere))
    assert PeerMentor.objects.filter(pk=mentor.pk).exists()
