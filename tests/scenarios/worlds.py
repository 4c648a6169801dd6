"""A small world that goes on for months: people who log late, pause, leave, opt out, and are called by somebody."""

import random
from datetime import datetime, timedelta

from scenarios.models import PeerMentor
from tests.factories import (
    days,
    make_activity,
    make_certification,
    make_chapter,
    make_human_contact,
    make_membership,
    make_mentor,
    make_opt_out,
    make_organization,
    make_pause,
    make_rule,
)


def make_rules(organization, chapter) -> None:
    make_rule("inactivity", scenario_id="idle", threshold_days=14, cooldown_days=10, priority=3, delay_hours=30)
    make_rule(
        "inactivity", scenario_id="idle", threshold_days=7, cooldown_days=5, priority=2, organization=organization
    )
    make_rule("certification_expiry", scenario_id="expiring", cooldown_days=7, priority=1, delay_hours=30)
    make_rule(
        "activity_missed",
        judged="daily",
        scenario_id="no_visits",
        parameters={"activity_types": ["visit"]},
        cooldown_days=3,
        priority=4,
        organization=organization,
        chapter=chapter,
    )
    make_rule(
        "below_weekly_target",
        judged="daily",
        scenario_id="target",
        threshold_days=7,
        parameters={"amount": "count", "weekly_target": 3, "threshold_percent": 50},
        cooldown_days=7,
        priority=5,
    )


def make_world(begins: datetime, length: int, *, size: int = 24, seed: int = 1) -> list[PeerMentor]:
    """Make `size` mentors of two organisations and what happens to them from `begins` on, for `length` days."""
    rng = random.Random(seed)
    organizations = [make_organization(), make_organization(time_zone="America/New_York", weekly_cap=1)]
    chapter = make_chapter(organizations[0])
    make_rules(organizations[0], chapter)
    people = []

    def moment(late: float = 0) -> datetime:
        return begins + timedelta(days=rng.uniform(-30, length) + late)

    for number in range(size):
        mentor = make_mentor(organizations[number % 2], joined_at=begins - days(rng.uniform(-20, 300)))
        people.append(mentor)
        if number % 4 == 0:
            make_membership(mentor, chapter, starts_at=moment(), ends_at=None)
        for _ in range(rng.randint(0, length // 6)):
            done = moment()
            logged = done + timedelta(days=rng.choice([0, 0, 0.2, 3, 12]))
            gone = logged + timedelta(days=rng.uniform(0, 20)) if rng.random() < 0.1 else None
            kind = rng.choice(["visit", "phone", "walk"])
            make_activity(mentor, completed_at=done, recorded_at=logged, withdrawn_at=gone, activity_type=kind)
        for kind in ("Basic course", "Hearing aids")[: rng.randint(0, 2)]:
            make_certification(mentor, kind=kind, expires_at=moment(20))
        if rng.random() < 0.4:
            start = moment()
            make_pause(mentor, starts_at=start, ends_at=start + timedelta(days=rng.uniform(2, 25)))
        if rng.random() < 0.3:
            said = moment()
            make_opt_out(mentor, rng.choice(["", "inactivity"]), recorded_at=said, withdrawn_at=said + days(20))
        if rng.random() < 0.4:
            make_human_contact(mentor, contacted_at=moment())
        if rng.random() < 0.15:
            mentor.left_at = mentor.left_recorded_at = max(moment(), mentor.joined_at)
            mentor.save()
    return people
