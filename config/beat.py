"""Beat that goes on ringing when the clock is put back.

It notes when each entry last ran, in memory and in the entry's row. By a clock that was ahead that is in the future,
and beat would say nothing until then, however often it is started.
"""

import time
from datetime import datetime
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry


class Entry(ModelEntry):
    last_run_at: datetime

    def is_due(self) -> Any:
        self.last_run_at = min(self.last_run_at, self._default_now())
        return super().is_due()


class Scheduler(DatabaseScheduler):
    Entry = Entry
    _ticked_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        now = time.time()
        if now < self._ticked_at:
            # It holds the moments at which entries are looked at next, by the clock as it was.
            self._heap = None
        self._ticked_at = now
        return super().tick(*args, **kwargs)
