"""What `config.settings` makes of the environment, read afresh each time."""

import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import config.settings

PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "".join(chr(33 + n) for n in range(60)),
    "ALLOWED_HOSTS": "peerwell.example.org",
    "DATABASE_URL": "postgresql://peerwell:secret@db.example.org/peerwell",
    "REDIS_URL": "rediss://:secret@redis.example.org/0",
}


@pytest.fixture
def read_settings(monkeypatch, tmp_path):
    def read(**variables: str) -> dict[str, Any]:
        monkeypatch.setenv("PEERWELL_HOME", str(tmp_path))
        for name in (*PRODUCTION, "API_ACCESS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(config.settings.__file__)

    return read


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 40),
        ("SECRET_KEY", "django-insecure-" + PRODUCTION["SECRET_KEY"]),
        ("DEBUG", "true"),
        ("DEBUG", "perhaps"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "peerwell.example.org,*"),
        ("ALLOWED_HOSTS", ".example.org"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///peerwell.db"),
        ("REDIS_URL", ""),
        ("REDIS_URL", "amqp://localhost"),
        ("API_ACCESS", "open"),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_PORT", "٢٥"),
        ("EMAIL_USE_TLS", "maybe"),
        ("OPERATORS", "ops@example.org, nobody"),
        ("PING_URL", "ftp://ping.example.org"),
        ("PUBLIC_URL", "peerwell.example.org"),
        ("WORKER_DEAF_AFTER", "0"),
        ("SECURE_HSTS_SECONDS", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("DJANGO_ENV", "prod"),
    ],
)
def test_production_refuses_and_names_the_variable(read_settings, variable, value):
    with pytest.raises(ImproperlyConfigured, match=variable):
        read_settings(**{**PRODUCTION, variable: value})


def test_a_refused_url_is_not_repeated(read_settings):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_settings(**{**PRODUCTION, "DATABASE_URL": "mysql://peerwell:secret@db/peerwell"})
    assert "secret" not in str(refusal.value)


def test_production_is_what_is_meant_when_nothing_is_said(read_settings):
    without = {name: value for name, value in PRODUCTION.items() if name != "DJANGO_ENV"}
    assert read_settings(**without)["PRODUCTION"]


def test_operators_are_a_list_and_nobody_unless_named(read_settings):
    settings = read_settings(**PRODUCTION)
    assert (settings["OPERATORS"], settings["PING_URL"], settings["PUBLIC_URL"]) == ([], "", "")
    assert read_settings(**PRODUCTION, OPERATORS="a@x.org, b@x.org")["OPERATORS"] == ["a@x.org", "b@x.org"]


def test_whoever_asks_whether_we_are_well_is_not_sent_to_https(read_settings):
    assert read_settings(**PRODUCTION)["SECURE_REDIRECT_EXEMPT"] == ["^healthz$", "^readyz$"]


def test_production_is_closed_and_behind_https(read_settings):
    settings = read_settings(**PRODUCTION)
    assert settings["API_ACCESS"] == "protected"
    assert settings["DEBUG"] is False
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]


def test_local_uses_the_servers_in_its_home(read_settings, tmp_path):
    settings = read_settings(DJANGO_ENV="local")
    assert settings["DATABASES"]["default"]["HOST"] == str(settings["HOME"].sockets)
    assert settings["API_ACCESS"] == "public"
    assert settings["EMAIL_FILE_PATH"] == tmp_path / "mail"


def test_local_uses_the_servers_that_are_named(read_settings):
    named = {name: PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")}
    settings = read_settings(DJANGO_ENV="local", **named)
    assert settings["DATABASES"]["default"]["HOST"] == "db.example.org"
    assert settings["CELERY_BROKER_URL"] == PRODUCTION["REDIS_URL"]


def test_options_in_the_database_url_are_kept_beside_ours(read_settings):
    url = PRODUCTION["DATABASE_URL"] + "?sslmode=require&options=-c%20search_path%3Dpeerwell"
    options = read_settings(**{**PRODUCTION, "DATABASE_URL": url})["DATABASES"]["default"]["OPTIONS"]
    assert options["sslmode"] == "require"
    assert "jit=off" in options["options"]
    assert "search_path=peerwell" in options["options"]


def test_a_connection_over_a_network_that_swallows_packets_ends_in_seconds(read_settings):
    url = "postgresql://peerwell@db/peerwell?connect_timeout=3"
    options = read_settings(**{**PRODUCTION, "DATABASE_URL": url})["DATABASES"]["default"]["OPTIONS"]
    assert options["connect_timeout"] == 3
    assert options["tcp_user_timeout"] <= 10_000
