"""An embedded PostgreSQL: the wheel's binaries as a child of ours, on a Unix socket that only we can open."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.local import identity
from config.local.binaries import postgres_binary

USER = "peerwell"
DATABASE = "peerwell"
# What a power cut would destroy may be destroyed: for tests.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresError(Exception):
    """Says in one line what PostgreSQL did not do."""


@dataclass(frozen=True)
class PostgresServer:
    data: Path
    sockets: Path
    careless: bool = False

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{str(self.sockets).replace('/', '%2F')}/{DATABASE}"

    @property
    def command(self) -> list[str]:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "jit=off",
            "log_min_messages=warning",
            "log_checkpoints=off",
            "log_line_prefix=%p ",
            *(CARELESS if self.careless else ()),
        ]
        # The full path: from it PostgreSQL finds its own libraries.
        options = (option for setting in settings for option in ("-c", setting))
        return [postgres_binary("postgres"), "-D", str(self.data), *options]

    def become(self) -> Callable[[], None] | None:
        return identity.choose(postgres_binary("postgres"), self.data, self.sockets)

    def initialise(self) -> None:
        """Make the data folder if there is none yet: beside its place, so that half of one is never taken for it."""
        if (self.data / "PG_VERSION").exists():
            return
        unfinished = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        become = identity.choose(postgres_binary("initdb"), unfinished, self.sockets)
        run(self.initdb(unfinished), become)
        single = [postgres_binary("postgres"), "--single", "-D", str(unfinished), "postgres"]
        run(single, become, f"CREATE DATABASE {DATABASE}\n")
        unfinished.rename(self.data)

    def initdb(self, folder: Path) -> list[str]:
        # The same order of letters on every machine, whatever locales it has.
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        access = [f"--username={USER}", "--auth=trust"]
        haste = ["--no-sync"] if self.careless else []
        return [postgres_binary("initdb"), "-D", str(folder), *access, *locale, *haste]

    def forget_predecessor(self) -> None:
        """Remove what a killed server left. Only for who holds the server's lock, and so knows that it is dead.

        PostgreSQL itself goes by the process number in these files, which may be somebody else's by now.
        """
        for file in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        command = [postgres_binary("pg_isready"), "-q", "-h", str(self.sockets), "-U", USER, "-t", "1"]
        return subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0


def run(command: list[str], become: Callable[[], None] | None, text: str | None = None) -> None:
    done = subprocess.run(
        command,
        preexec_fn=become,
        input=text or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    if done.returncode:
        last = done.stdout.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise PostgresError(f"{Path(command[0]).name} failed: {last[0]}")
