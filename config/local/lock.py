"""Resolve the dependencies of pyproject.toml into the two locks: every version, every hash, no host."""

import subprocess
import sys

from config.local.bootstrap import ROOT, RUN_LOCK, TEST_LOCK, obtain_uv, uv_environment

# For every platform and Python from 3.11 on: one made for 3.11.7 alone would not do on 3.11.2.
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)


def main() -> None:
    uv = obtain_uv()
    if uv is None:
        sys.exit("peerwell: uv cannot be had, and the locks are made with it")
    resolve(uv, "--output-file", str(RUN_LOCK))
    # Constrained to the first, so that an environment for the tests also runs the app as locked.
    resolve(uv, "--group", "test", "--constraints", str(RUN_LOCK), "--output-file", str(TEST_LOCK))


def resolve(uv: str, *arguments: str) -> None:
    command = [uv, "pip", "compile", str(ROOT / "pyproject.toml"), *arguments, *OPTIONS]
    subprocess.run(command, check=True, env=uv_environment())


if __name__ == "__main__":
    main()
