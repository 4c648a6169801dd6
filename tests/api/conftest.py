import pytest
from django.core.management import call_command
from rest_framework.test import APIClient


@pytest.fixture
def api(db, settings) -> APIClient:
    """A caller without credentials of an API that is open; what goes wrong inside comes back as an answer."""
    settings.API_ACCESS = "public"
    return APIClient(raise_request_exception=False)


@pytest.fixture
def demo(db) -> None:
    call_command("seed_demo", verbosity=0)
