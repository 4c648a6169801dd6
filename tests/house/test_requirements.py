"""The locks of the dependencies."""

import re

import pytest

from config.local.bootstrap import RUN_LOCK, TEST_LOCK, UV_LOCK

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ]+)", re.MULTILINE)


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK, UV_LOCK], ids=lambda lock: lock.name)
def test_name_no_host(lock):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ ", lock.read_text())


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK, UV_LOCK], ids=lambda lock: lock.name)
def test_have_a_hash_for_every_package(lock):
    entries = re.split(r"\n(?=[a-z])", lock.read_text().strip())
    assert entries
    assert [entry for entry in entries if not PIN.match(entry) or "--hash=sha256:" not in entry] == []


def test_an_environment_for_the_tests_also_runs_the_app():
    assert set(PIN.findall(RUN_LOCK.read_text())) <= set(PIN.findall(TEST_LOCK.read_text()))


def test_running_needs_no_browser():
    assert "playwright" not in RUN_LOCK.read_text()
