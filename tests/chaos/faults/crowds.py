"""Several do at once what one should do."""

from tests.chaos import client, storing
from tests.chaos.house import SECOND_BEAT

from .base import PLANNING, WEIGHING, Scene, fault


def second_beat_comes(scene: Scene) -> None:
    scene.house.start(SECOND_BEAT)


def second_beat_goes(scene: Scene) -> None:
    scene.house.dismiss(SECOND_BEAT)


@fault("two beats", before=second_beat_comes, after=second_beat_goes)
def two_beats(scene: Scene) -> None:
    """They tick side by side."""


@fault(
    "beat fires the daily entry too",
    before=lambda scene: storing.fire_daily_entry(True),
    after=lambda scene: storing.fire_daily_entry(False),
)
def daily_entry(scene: Scene) -> None:
    """The entry and the tick meet at the slot."""


@fault("eight starts at once")
def eight_starts(scene: Scene) -> None:
    scene.go_to(PLANNING, WEIGHING)
    client.start_runs(scene.api, scene.callers, 8)


@fault("eight planners at once")
def eight_planners(scene: Scene) -> None:
    """The daily task eight times in one moment, as if beat had lost its mind."""
    from celery import current_app

    from scheduler.schedule import DAILY_TASK

    for _n in range(8):
        current_app.send_task(DAILY_TASK, ignore_result=True)
