from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from config.demo.scale import fill_up
from notifications.models import Contact
from scenarios.engine import active
from scenarios.models import Activity, Certification, Chapter, Membership, PeerMentor
from scheduler.models import Run
from scheduler.operations import append_batch
from tests.demo.test_day import run_a_day

CROWD = PeerMentor.objects.filter(user_id__startswith="usr_sim_")


def test_an_empty_database_gets_the_demo_and_as_many_active_mentors_as_asked_for(db):
    call_command("seed_demo", mentors=600, stdout=StringIO())
    now = timezone.now()
    assert active(now, now).count() == 600
    assert PeerMentor.objects.filter(user_id="usr_mentor_7821").exists()
    assert Run.objects.count() == 90


def test_a_seeded_demo_is_filled_up_and_then_again(seeded_at):
    assert list(fill_up(300, now=seeded_at)) == [152]
    assert list(fill_up(350, now=seeded_at)) == [50]
    assert active(seeded_at, seeded_at).count() == 350


def test_nothing_is_added_where_there_are_enough(seeded_at):
    assert list(fill_up(100, now=seeded_at)) == []
    assert not CROWD.exists()


def test_everybody_in_the_crowd_has_a_chapter_a_name_activities_and_a_certification(seeded_at):
    list(fill_up(400, now=seeded_at))
    assert CROWD.count() == 252
    assert Activity.objects.filter(mentor__in=CROWD).count() == 5 * 252
    for model in (Membership, Certification, Contact):
        assert model.objects.filter(mentor__in=CROWD).count() == 252
    assert set(Membership.objects.filter(mentor__in=CROWD).values_list("chapter", flat=True)) == set(
        Chapter.objects.values_list("id", flat=True)
    )
    assert not Contact.objects.exclude(email__endswith="@example.org").exists()
    for row in [*CROWD.all(), *Activity.objects.filter(mentor__in=CROWD)]:
        row.clean_fields(exclude=["organization", "mentor", "chapter"])


def test_about_a_tenth_of_the_crowd_gives_a_rule_something_to_say(seeded_at):
    list(fill_up(148 + 2000, now=seeded_at))
    run = run_a_day(seeded_at + timedelta(hours=1))
    assert run.users_evaluated == 2148
    assert 23 + 100 < run.notifications_dispatched < 23 + 200


def test_the_printed_batch_comes_out_as_printed_in_a_crowd_too(seeded_at):
    list(fill_up(500, now=seeded_at))
    appended = append_batch(
        run_id="run_01HSCHED99", user_ids=["usr_mentor_7821", "usr_mentor_4402", "usr_mentor_5503"], now=seeded_at
    )
    assert [result.notified for result in appended.results] == [True, True, False]
