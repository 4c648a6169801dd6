"""Resolve the dependencies of pyproject.toml into the two locks: every version, every hash, no host."""

import shutil
import subprocess
import sys

from bootstrap import ROOT, RUN_LOCK, TEST_LOCK, VENV, uv_environment

# For every platform and Python from 3.11 on: one made for 3.11.7 alone would not do on 3.11.2.
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)
PROJECT = ROOT / "pyproject.toml"


def main():
    uv = VENV / "uv" / "bin" / "uv"
    uv = str(uv) if uv.exists() else shutil.which("uv")
    if not uv:
        sys.exit("peerwell: there is no uv in .venv: remove .venv and try again")
    run = lambda *arguments: subprocess.run(
        [uv, "pip", "compile", *arguments, *OPTIONS], check=True, env=uv_environment()
    )
    run(str(PROJECT), "--output-file", str(RUN_LOCK))
    # Constrained to the first, so that an environment for the tests also runs the app as locked.
    run(str(PROJECT), "--group", "test", "--constraints", str(RUN_LOCK), "--output-file", str(TEST_LOCK))


if __name__ == "__main__":
    main()
