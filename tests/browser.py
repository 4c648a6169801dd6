"""Pytest plugin: pytest-playwright with the system's own Chromium, or a skip that says so."""

import os
import shutil
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing that would ask the network for anything.
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def pytest_configure(config: pytest.Config) -> None:
    # Only now, after pytest-playwright's own: of two plugins' fixtures the later one wins.
    config.pluginmanager.register(SystemChromium(), "system-chromium")


class SystemChromium:
    @pytest.fixture(scope="session")
    def browser_type_launch_args(self, browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
        chromium = find_chromium()
        if chromium is None:
            pytest.skip("no Chromium on this machine: the tests in a browser are left out")
        # Playwright has an event loop in this thread, and Django takes that for an async view.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        return {**browser_type_launch_args, "executable_path": chromium, "args": list(ARGUMENTS)}
