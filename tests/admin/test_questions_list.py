"""The list of long questions shows people their own, and nobody else's."""

from django.urls import reverse

from scheduler.models import Job
from tests.admin.cast import NOW, make_user


def test_only_own_questions_are_listed_and_opened(staff):
    client = staff("scheduler.view_job")
    own = Job.objects.create(kind="backtest", question={}, created_at=NOW, asked_by_id=client.session["_auth_user_id"])
    foreign = Job.objects.create(kind="backtest", question={}, created_at=NOW, asked_by=make_user())
    page = client.get(reverse("admin:scheduler_job_changelist"))
    assert list(page.context["cl"].result_list) == [own]
    assert client.get(reverse("admin:scheduler_job_change", args=[own.pk])).status_code == 200
    assert client.get(reverse("admin:scheduler_job_change", args=[foreign.pk])).status_code != 200
