import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.admin.cast import make_user


@pytest.fixture
def staff(db):
    """Make a member of staff with exactly these permissions, signed in."""

    def make(*permissions: str, **fields) -> Client:
        user = make_user(is_staff=True, **fields)
        for permission in permissions:
            app, codename = permission.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        client = Client()
        client.force_login(user)
        return client

    return make
