"""As whom PostgreSQL runs. It refuses to be root, and on a bare machine root is often all there is."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

from config.local.home import NOBODY
from config.local.process import libc

CLONE_NEWUSER = 0x10000000


class NoIdentity(Exception):
    """Says in one line why PostgreSQL cannot be run here."""


def choose(binary: str, data: Path, sockets: Path) -> Callable[[], None] | None:
    """What a child must do to itself before it becomes PostgreSQL; None where nothing is needed."""
    if os.geteuid() != 0:
        return None
    if succeeds(seem_unprivileged):
        return seem_unprivileged
    # A container without user namespaces: really be nobody, who then has to own the folders and reach them.
    for folder in (data, sockets):
        os.chown(folder, NOBODY, NOBODY)
        folder.parent.chmod(folder.parent.stat().st_mode | 0o011)
    if succeeds(lambda: reach_as_nobody(binary, data, sockets)):
        return be_nobody
    raise NoIdentity(
        f"PostgreSQL does not run as root, and nobody else can reach {data} or {binary}: run Peerwell as an ordinary "
        "user, move it and PEERWELL_HOME out of private folders, or set DATABASE_URL"
    )


def seem_unprivileged() -> None:
    """Be somebody else to ourselves and root to the file system: no chown, no folders opened to others."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    for name, content in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1")):
        Path("/proc/self", name).write_text(content)


def be_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def reach_as_nobody(binary: str, data: Path, sockets: Path) -> None:
    be_nobody()
    if not (os.access(binary, os.X_OK) and os.access(data, os.W_OK) and os.access(sockets, os.W_OK)):
        raise PermissionError(binary)


def succeeds(attempt: Callable[[], None]) -> bool:
    """Try it in a child: what it changes cannot be taken back."""
    child = os.fork()
    if child == 0:
        try:
            attempt()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
