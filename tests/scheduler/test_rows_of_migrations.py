"""A test that commits leaves no other without the rows that migrations make."""

import pytest
from django.core.management import call_command

from scheduler import schedule


@pytest.mark.django_db(transaction=True)
def test_the_daily_time_is_there_after_the_tables_were_emptied():
    call_command("flush", interactive=False, verbosity=0)
    assert schedule.daily_schedule() is not None
