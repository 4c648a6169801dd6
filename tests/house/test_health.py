"""/healthz: is the process alive?"""


def test_answers_without_asking_the_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}


def test_is_not_kept_by_caches(client):
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_refuses_to_be_written_to(client):
    assert client.post("/healthz").status_code == 405
