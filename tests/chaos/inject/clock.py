"""Django's clock, moved by as many seconds as a file says. PostgreSQL's stays what it is."""

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

SECONDS = struct.Struct("d")


class Clock:
    """One file for all processes: eight bytes, read whenever somebody asks for the time."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "clock", os.O_RDWR | os.O_CREAT, 0o600)

    @property
    def ahead(self) -> timedelta:
        found = os.pread(self._file, SECONDS.size, 0)
        return timedelta(seconds=SECONDS.unpack(found)[0] if found else 0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, instant: datetime) -> None:
        """Let it be this instant now, in every process."""
        os.pwrite(self._file, SECONDS.pack((instant - datetime.now(UTC)).total_seconds()), 0)


def install(folder: Path) -> None:
    timezone.now = Clock(folder).now
