"""A bar for a terminal, and plain lines for everything else."""

from typing import Any

WIDTH = 32
CLEAR = "\r\x1b[2K"


class Progress:
    """Show how far something is. `stream` is anything with `write`, `flush` and `isatty`."""

    def __init__(self, stream: Any, label: str, total: int):
        self.stream = stream
        self.label = label
        self.total = total
        self.tenths = 0
        self.is_terminal = stream.isatty()
        self.full, self.empty = "█░" if "utf" in (getattr(stream, "encoding", None) or "").lower() else "#."

    def show(self, done: int) -> None:
        """Draw the state anew; in a file write down each tenth of the way."""
        done = min(done, self.total)
        if self.is_terminal:
            self._write(self._bar(done))
        elif done and done * 10 // self.total > self.tenths:
            self.tenths = done * 10 // self.total
            self._write(f"{self.label} {done}/{self.total}\n")

    def finish(self) -> None:
        """Take the bar away: what came of it is said in words."""
        if self.is_terminal:
            self._write(CLEAR)

    def _write(self, text: str) -> None:
        self.stream.write(text, ending="")
        self.stream.flush()

    def _bar(self, done: int) -> str:
        cells = WIDTH if not self.total else WIDTH * done // self.total
        return f"{CLEAR}{self.label} {self.full * cells}{self.empty * (WIDTH - cells)} {done}/{self.total}"
