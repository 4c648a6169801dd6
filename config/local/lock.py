"""Resolve the dependencies of pyproject.toml into the two locks (every version, every hash, no host), or check them.

python -m config.local.lock           write the locks
python -m config.local.lock check     see that the run lock installs from wheels wherever the README says it does
"""

import subprocess
import sys
import tempfile
from itertools import product

from config.local.bootstrap import NEWEST_TRIED, OLDEST, ROOT, RUN_LOCK, TEST_LOCK, obtain_uv, uv_environment

# For every platform and Python from 3.11 on: one made for 3.11.7 alone would not do on 3.11.2.
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)

PYTHONS = [f"3.{minor}" for minor in range(OLDEST[1], NEWEST_TRIED[1] + 1)]
# glibc of Debian 12 and of macOS 14, the oldest that we say we run on.
PLATFORMS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36", "aarch64-apple-darwin")


def write(uv: str) -> None:
    resolve(uv, "--output-file", str(RUN_LOCK))
    # Constrained to the first, so that an environment for the tests also runs the app as locked.
    resolve(uv, "--group", "test", "--constraints", str(RUN_LOCK), "--output-file", str(TEST_LOCK))


def resolve(uv: str, *arguments: str) -> None:
    command = [uv, "pip", "compile", str(ROOT / "pyproject.toml"), *arguments, *OPTIONS]
    subprocess.run(command, check=True, env=uv_environment())


def check(uv: str) -> None:
    """Exit with the targets on which a locked package has no wheel, and what uv says of it."""
    targets = list(product(PYTHONS, PLATFORMS))
    failed = {target: complaint for target in targets if (complaint := complaint_of(uv, *target))}
    for (python, platform), complaint in failed.items():
        print(f"Python {python} on {platform}: {complaint}", file=sys.stderr)
    if failed:
        sys.exit(f"peerwell: requirements.lock installs on {len(targets) - len(failed)} of {len(targets)} targets")
    print(f"requirements.lock installs from wheels on all {len(targets)} targets")


def complaint_of(uv: str, python: str, platform: str) -> str:
    """Return why the run lock can't be installed for one target; empty if it can."""
    with tempfile.TemporaryDirectory() as nowhere:
        options = ("--dry-run", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", nowhere)
        command = [uv, "pip", "install", *options, "--python-version", python, "--python-platform", platform]
        done = subprocess.run(
            [*command, "-r", str(RUN_LOCK)], env=uv_environment(), capture_output=True, text=True, timeout=300
        )
    return done.stderr.strip() if done.returncode else ""


def main() -> None:
    uv = obtain_uv()
    if uv is None:
        sys.exit("peerwell: uv cannot be had, and the locks are made with it")
    if sys.argv[1:] == ["check"]:
        check(uv)
    else:
        write(uv)


if __name__ == "__main__":
    main()
