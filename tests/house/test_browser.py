"""A browser on the house: its pages and what they fetch come from this machine."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_login_is_drawn_from_our_own_files_alone(live_server, page):
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{live_server.url}/admin/login/", wait_until="networkidle")
    assert page.get_by_label("Password").is_visible()
    assert [url for url in fetched if not url.startswith((live_server.url, "data:"))] == []
    assert any("unfold" in url and url.endswith(".css") for url in fetched)
