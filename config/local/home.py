"""Where `make run` keeps its state, and what is called what in there."""

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# The kernel's limit for the path of a Unix socket, less its closing NUL.
LONGEST_SOCKET_PATH = 107
NOBODY = 65534


class HomeError(Exception):
    """Says in one line what is wrong with the folder."""


@dataclass(frozen=True)
class Home:
    """One folder of state. Two of them never share a server."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        return cls(Path(os.environ.get("PEERWELL_HOME") or CHECKOUT / ".peerwell").expanduser().absolute())

    @property
    def lock(self) -> Path:
        """Held by whoever runs the servers of this folder."""
        return self.root / "lock"

    @property
    def postgres_data(self) -> Path:
        return self.root / "postgres"

    @property
    def redis_data(self) -> Path:
        return self.root / "redis"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def static(self) -> Path:
        return self.root / "static"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def admin_password(self) -> Path:
        return self.root / "admin-password"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret-key"

    @property
    def sockets(self) -> Path:
        """Folder of the servers' sockets: in here, or elsewhere when the path would be too long for a socket."""
        inside = self.root / "sockets"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
            return inside
        # Not tempfile.gettempdir(): every process must find the same folder, whatever its TMPDIR.
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(f"/tmp/peerwell-{os.getuid()}-{digest}")

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def redis_url(self) -> str:
        return f"redis+socket://{self.redis_socket}?virtual_host=0"

    def make(self) -> None:
        """Create the folders, for nobody else to look into: the servers trust whoever reaches their sockets."""
        for folder in (self.root, self.redis_data, self.locks, self.mail, self.sockets):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise HomeError(f"{folder} cannot be made: {error.strerror}. PEERWELL_HOME names another") from None
        for folder in (self.root, self.sockets):
            refuse_shared(folder)


def refuse_shared(folder: Path) -> None:
    found = folder.lstat()
    # Root's PostgreSQL may have to be nobody, and then owns its folder (identity.py).
    ours = (0, NOBODY) if os.geteuid() == 0 else (os.geteuid(),)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise HomeError(f"{folder} belongs to somebody else: move it away, or set PEERWELL_HOME to another folder")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def kept_secret(path: Path, strength: int) -> str:
    """The secret in this file; made of that many random bytes the first time, for our eyes only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with open(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(strength))
    return path.read_text()
