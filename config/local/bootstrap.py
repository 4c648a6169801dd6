"""Bring `.venv` to the locked versions. Standard library only: it runs before anything is installed.

    python3 config/local/bootstrap.py run     what the app needs
    python3 config/local/bootstrap.py test    that, and what the tests and linters need

Kept readable for old interpreters too, so that a Python that is too old gets a sentence and not a SyntaxError.
"""

import fcntl
import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST_TRIED = (3, 14)
ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "peerwell-stamp"
UV_LOCK = pathlib.Path(__file__).resolve().with_name("uv.lock")
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"


class BootstrapError(Exception):
    """Says in one line what stands in the way."""


def main(profile):
    find_python()
    # Two of us at once (make run, make test) would write over each other: the second waits.
    with open(__file__, "rb") as myself:
        fcntl.flock(myself, fcntl.LOCK_EX)
        if not is_current(profile):
            build(profile)


def find_python():
    """Go on under a Python that is new enough, or say that there is none."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1):
        found = shutil.which("python3.{}".format(minor))
        # A shim may be there for a Python that is not.
        if found and subprocess.run([found, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
            os.execv(found, [found] + sys.argv)
    raise BootstrapError(
        "Peerwell needs Python 3.11 or newer; {} is {}.{}. Name a newer one: make PYTHON=/path/to/python3".format(
            sys.executable, *sys.version_info[:2]
        )
    )


def is_current(profile):
    if not (VENV / "bin" / "python").exists() or not STAMP.exists():
        return False
    built_for, _, fingerprint = STAMP.read_text().partition(" ")
    # The test lock holds everything of the run lock, so a test environment also runs the app.
    return fingerprint == locks_fingerprint() and built_for in (profile, "test")


def locks_fingerprint():
    digest = hashlib.sha256()
    for lock in (RUN_LOCK, TEST_LOCK, UV_LOCK):
        digest.update(lock.read_bytes())
    # A moved checkout or another Python makes the scripts in .venv/bin point nowhere.
    digest.update("{} {}".format(VENV, sys.version_info[:2]).encode())
    return digest.hexdigest()


def build(profile):
    lock = TEST_LOCK if profile == "test" else RUN_LOCK
    say("installing the locked packages into .venv ({})".format(lock.name))
    # The stamp goes first and comes back last: an interrupted build is never taken for a whole one.
    if STAMP.exists():
        STAMP.unlink()
    if not venv_is_ours() or not pip_command():
        make_venv()
    uv = obtain_uv()
    if not (uv and sync_with_uv(uv, lock)):
        sync_with_pip(lock)
    STAMP.write_text("{} {}".format(profile, locks_fingerprint()))


def venv_is_ours():
    """Is there an environment at this path, made by this version of Python?"""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    probe = "import sys; print(sys.prefix, *sys.version_info[:2])"
    answer = subprocess.run([str(python), "-c", probe], stdout=subprocess.PIPE, universal_newlines=True)
    return answer.stdout.split() == [str(VENV)] + [str(part) for part in sys.version_info[:2]]


def make_venv():
    options = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", "--clear"] + options + [str(VENV)], check=True)


def obtain_uv():
    """Path of the pinned uv, fetched by whichever pip there is; None if that cannot be."""
    folder = VENV / "uv"
    uv = folder / "bin" / "uv"
    pip = pip_command()
    if not uv.exists() and pip:
        fetch = ["install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        # What it may complain of is no matter yet: pip itself can do the rest, only slower.
        command = pip + fetch + ["--target", str(folder), "-r", str(UV_LOCK)]
        subprocess.run(command, env=pip_environment(), stderr=subprocess.DEVNULL)
    return str(uv) if uv.exists() else shutil.which("uv")


def pip_command():
    """A pip to start with. Debian's bare python3 has neither ensurepip nor pip: None."""
    for python in (str(VENV / "bin" / "python"), sys.executable):
        probe = subprocess.run([python, "-c", "import pip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if probe.returncode == 0:
            return [python, "-m", "pip", "--disable-pip-version-check"]
    return None


def pip_environment():
    # Without this pip refuses `--target` for users whose configuration says `user = true`.
    return dict(os.environ, PIP_USER="0")


def sync_with_uv(uv, lock):
    command = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(VENV / "bin" / "python"), str(lock)]
    return subprocess.run(command, env=uv_environment()).returncode == 0


def uv_environment():
    environment = dict(os.environ, UV_SYSTEM_CERTS="1", UV_NO_CONFIG="1")
    # uv does not read pip's configuration: whoever has pip on a mirror means us too.
    index = pip_setting("index-url")
    if index and not any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        environment["UV_DEFAULT_INDEX"] = index
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if "UV_CACHE_DIR" not in os.environ and not writable(cache):
        environment["UV_NO_CACHE"] = "1"
    return environment


def pip_setting(name):
    pip = pip_command()
    if not pip:
        return None
    answer = subprocess.run(
        pip + ["config", "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True
    )
    for line in answer.stdout.splitlines():
        key, _, value = line.partition("=")
        if key.rpartition(".")[2] == name:
            return value.strip("'\"")
    return None


def writable(folder):
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(str(folder), os.W_OK)


def sync_with_pip(lock):
    pip = pip_command()
    if not pip:
        raise BootstrapError("This Python has no pip: install it (on Debian: python3-venv), then try again")
    say("uv did not do it; pip takes a minute")
    command = pip + [
        "--python",
        str(VENV / "bin" / "python"),
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        str(lock),
    ]
    if subprocess.run(command, env=pip_environment()).returncode:
        raise BootstrapError("The packages could not be installed: see above. Is the package index reachable?")


def say(line):
    print("peerwell: " + line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except (BootstrapError, OSError, subprocess.CalledProcessError) as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
