import os
from pathlib import Path

from django.apps import AppConfig


class InjectConfig(AppConfig):
    name = "tests.chaos.inject"
    label = "chaos"

    def ready(self) -> None:
        from . import failpoints, mutants, traces

        role = os.environ.get("CHAOS_ROLE", "")
        if not role:
            # The harness itself.
            return
        folder = Path(os.environ["CHAOS_FOLDER"])
        if mutant := os.environ.get("MUTATE"):
            mutants.MUTANTS[mutant].install()
        failpoints.install(folder, role)
        traces.install(folder)
