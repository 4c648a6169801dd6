"""Start processes in order, keep them running, stop them in reverse.

One thread and one loop: the kernel's "die with your parent" counts from the thread that has started a child.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence

from config.local.child import Child, Plan

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long anything may take until it is ready for the first time, and how often it may fail until then.
PATIENCE = 120.0
TRIES = 5
TICK = 0.05


class StartError(Exception):
    """Says in one line what did not start."""


class Stopped(Exception):
    """Somebody has asked us to stop."""


class Supervisor:
    """`tiers` are groups of processes; each group is started when all of the one before it are ready."""

    def __init__(self, tiers: Sequence[Sequence[Plan]], told_to_stop: Callable[[], bool] = lambda: False) -> None:
        self.tiers = [[Child(plan) for plan in tier] for tier in tiers]
        self.children = [child for tier in self.tiers for child in tier]
        self.width = max((len(child.plan.name) for child in self.children), default=0)
        self.selector = selectors.DefaultSelector()
        self.told_to_stop = told_to_stop
        self.stop_signals = 0
        self.wakeup, self.alarm = os.pipe()
        self.mute = False
        self.stopping = False

    def __enter__(self) -> "Supervisor":
        for descriptor in (self.wakeup, self.alarm):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self.alarm, warn_on_full_buffer=False)
        for signum in STOP_SIGNALS:
            # Who has started us with nohup wants us to outlive the terminal.
            if not (signum == signal.SIGHUP and signal.getsignal(signum) == signal.SIG_IGN):
                signal.signal(signum, self.note_stop)
        # Without a handler of any kind no byte would be written to the alarm.
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        self.selector.register(self.wakeup, selectors.EVENT_READ)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def note_stop(self, signum: int, frame: object) -> None:
        self.stop_signals += 1

    def start(self) -> None:
        """Return when every process is ready."""
        for tier in self.tiers:
            deadline = time.monotonic() + PATIENCE
            while not all(child.check_ready() for child in tier):
                self.turn()
                for child in tier:
                    give_up_on(child, deadline)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Keep everything running until it is time, or until somebody asks us to stop."""
        while not until():
            self.turn()

    def turn(self) -> None:
        """Pass on what was written, bury who has died, end who no longer answers, start who is due."""
        self.pass_on_output(TICK if self.someone_is_expected() else 1.0)
        for child in self.children:
            if child.has_ended():
                self.bury(child)
            elif child.end_if_lost():
                said = f"has not answered for {child.plan.patience:.0f} seconds and is restarted"
                self.say(child.plan.name, said.encode())
        for tier in self.tiers:
            for child in tier:
                if child.is_due():
                    self.launch(child)
            if not all(child.check_ready() for child in tier):
                break
        if self.stop_signals or self.told_to_stop():
            raise Stopped

    def someone_is_expected(self) -> bool:
        return not all(child.ready for child in self.children)

    def launch(self, child: Child) -> None:
        if child.start():
            self.selector.register(child.output, selectors.EVENT_READ, child)

    def pass_on_output(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if key.data is None:
                os.read(self.wakeup, 4096)
            else:
                self.drain(key.data)

    def drain(self, child: Child) -> None:
        lines = child.read()
        if lines is None:
            self.selector.unregister(child.output)
        if child.plan.quiet:
            child.last_words.extend(lines or ())
            return
        for line in lines or ():
            self.say(child.plan.name, line)

    def bury(self, child: Child) -> None:
        if child.output in self.selector.get_map():
            self.drain(child)
        if child.output in self.selector.get_map():
            self.selector.unregister(child.output)
        code = child.bury()
        if code != 0 and not self.stopping:
            while child.last_words:
                self.say(child.plan.name, child.last_words.popleft())
            self.say(child.plan.name, f"ended with exit code {code}".encode())

    def stop(self) -> None:
        """End the last started first. A second Ctrl-C ends the patience."""
        self.stopping = True
        asked = self.stop_signals
        for tier in reversed(self.tiers):
            running = [child for child in tier if child.running]
            for child in running:
                child.ask_to_stop()
            deadline = time.monotonic() + max((child.plan.grace for child in running), default=0)
            while any(not child.has_ended() for child in running):
                if time.monotonic() > deadline or self.stop_signals > asked + 1:
                    break
                self.pass_on_output(TICK)
            for child in running:
                self.bury(child)

    def say(self, name: str, line: bytes) -> None:
        if self.mute:
            return
        try:
            sys.stdout.buffer.write(f"{name:<{self.width}} | ".encode() + line.rstrip(b"\r") + b"\n")
            sys.stdout.flush()
        except OSError:
            # Whoever was reading us has gone. That is no reason for the processes to go too.
            self.mute = True


def give_up_on(child: Child, deadline: float) -> None:
    name = child.plan.name
    if child.plan.once and child.exit_code:
        raise StartError(f"{name} failed: see above")
    if child.failures >= TRIES:
        raise StartError(f"{name} has ended {child.failures} times before it was ready: see above")
    if time.monotonic() > deadline:
        hint = "is not ready" if child.running else "is still held by an earlier start"
        raise StartError(f"{name} {hint} after {PATIENCE:.0f} seconds")
