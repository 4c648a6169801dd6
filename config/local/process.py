"""Starting processes that cannot be left over, and ending them."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Have the kernel send this process the signal when the thread that started it ends, however it ends.

    Linux only; elsewhere it does nothing, and after a `kill -9` of the supervisor its children are stopped by hand.
    """
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)


def start(
    argv: Sequence[str],
    *,
    death_signal: int = signal.SIGKILL,
    become: Callable[[], None] | None = None,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that it can be ended with everything that it starts."""
    parent = os.getpid()

    def prepare() -> None:
        if become:
            become()
        # After the change of credentials, which would clear it.
        die_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(argv, start_new_session=True, preexec_fn=prepare, stdin=subprocess.DEVNULL, **options)


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Look without reaping: until it is reaped nobody else can be given its process group's number."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill_session(process: subprocess.Popen[bytes]) -> int:
    """Kill what is left of the process and of what it has started; return its exit code."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # macOS answers "not permitted" for a group in which only the dead are left.
            pass
    return process.wait()


def end(process: subprocess.Popen[bytes], signum: int, grace: float) -> int:
    """Ask the process to stop, give it that many seconds, then kill its whole session."""
    if not has_ended(process):
        process.send_signal(signum)
    wait_until(lambda: has_ended(process), grace)
    return kill_session(process)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Look every so often whether it has come true; False if it hasn't within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
