"""The system checks of the house."""

import pytest

from config.checks import public_api_only_on_loopback


@pytest.mark.parametrize("hosts", [["localhost"], ["127.0.0.1", "[::1]"], ["127.8.8.8"]])
def test_a_public_api_is_fine_on_loopback(settings, hosts):
    settings.API_ACCESS, settings.ALLOWED_HOSTS = "public", hosts
    assert public_api_only_on_loopback(None) == []


@pytest.mark.parametrize("hosts", [[], ["*"], ["localhost", "peerwell.example.org"], ["10.0.0.1"], ["0.0.0.0"]])
def test_a_public_api_is_refused_where_others_can_reach_it(settings, hosts):
    settings.API_ACCESS, settings.ALLOWED_HOSTS = "public", hosts
    assert [error.id for error in public_api_only_on_loopback(None)] == ["config.E001"]


def test_a_protected_api_may_be_anywhere(settings):
    settings.API_ACCESS, settings.ALLOWED_HOSTS = "protected", ["peerwell.example.org"]
    assert public_api_only_on_loopback(None) == []
