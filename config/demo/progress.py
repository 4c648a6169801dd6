"""A bar for a terminal, and plain lines for everything else."""

from typing import Any

WIDTH = 32


class Progress:
    """Show how far something is. `stream` is anything with `write`, `flush` and `isatty`."""

    def __init__(self, stream: Any, label: str, total: int):
        self.stream = stream
        self.label = label
        self.total = total
        self.shown = ""
        self.is_terminal = stream.isatty()
        self.full, self.empty = "█░" if "utf" in (getattr(stream, "encoding", None) or "").lower() else "#."

    def show(self, done: int) -> None:
        """Draw the state anew, or in a file write it down; nothing where it is the same as before."""
        done = min(done, self.total)
        text = self._bar(done) if self.is_terminal else f"{self.label} {done}/{self.total}\n"
        if text != self.shown:
            self.stream.write(text, ending="")
            self.stream.flush()
            self.shown = text

    def finish(self) -> None:
        """Take the bar away: what came of it is said in words."""
        if self.is_terminal and self.shown:
            self.stream.write("\r\x1b[2K", ending="")
            self.stream.flush()

    def _bar(self, done: int) -> str:
        cells = WIDTH if not self.total else WIDTH * done // self.total
        return f"\r\x1b[2K{self.label} {self.full * cells}{self.empty * (WIDTH - cells)} {done}/{self.total}"
