"""What `config.settings` makes of the environment, read afresh each time."""

import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import config.settings
from tests.house.processes import Program

PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "".join(chr(33 + n) for n in range(60)),
    "ALLOWED_HOSTS": "peerwell.example.org",
    "DATABASE_URL": "postgresql://peerwell:secret@db.example.org/peerwell",
    "REDIS_URL": "rediss://:secret@redis.example.org/0",
    "EMAIL_HOST": "smtp.example.org",
    "DEFAULT_FROM_EMAIL": "Peerwell <peerwell@example.org>",
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
        ("SECRET_KEY", "abcde" * 12),
        ("SECRET_KEY", "abcde" * 11 + "abc"),
        ("SECRET_KEY", "0123456789abcdef" * 4),
        ("SECRET_KEY", "a1b2c3d4e5" + "a" * 60),
        ("DEBUG", "true"),
        ("DEBUG", "perhaps"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "peerwell.example.org,*"),
        ("ALLOWED_HOSTS", ".example.org"),
        ("ALLOWED_HOSTS", "https://peerwell.example.org"),
        ("ALLOWED_HOSTS", "peerwell.example.org:443"),
        ("ALLOWED_HOSTS", "peerwell.example.org/"),
        ("ALLOWED_HOSTS", "peerwell example.org"),
        ("CSRF_TRUSTED_ORIGINS", "peerwell.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://"),
        ("CSRF_TRUSTED_ORIGINS", "https://*"),
        ("CSRF_TRUSTED_ORIGINS", "https://*.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://peerwell.example.org/admin"),
        ("CSRF_TRUSTED_ORIGINS", "https://["),
        ("CSRF_TRUSTED_ORIGINS", "https://peerwell.example.org:99999"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///peerwell.db"),
        ("REDIS_URL", ""),
        ("REDIS_URL", "amqp://localhost"),
        ("REDIS_URL", "redis://["),
        ("REDIS_URL", "redis://localhost:65536/0"),
        ("DATABASE_URL", "postgresql://db.example.org:99999/peerwell"),
        ("API_ACCESS", "open"),
        ("API_ACCESS", "public"),
        ("EMAIL_PORT", "65536"),
        ("EMAIL_PORT", "0"),
        ("EMAIL_PORT", "9" * 5000),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_PORT", "٢٥"),
        ("EMAIL_USE_TLS", "maybe"),
        ("EMAIL_HOST", ""),
        ("DEFAULT_FROM_EMAIL", ""),
        ("DEFAULT_FROM_EMAIL", "Peerwell"),
        ("DEFAULT_FROM_EMAIL", "Peerwell <peerwell@localhost>"),
        ("DEFAULT_FROM_EMAIL", "peerwell@[127.0.0.1]"),
        ("DEFAULT_FROM_EMAIL", "peerwell@house.local"),
        ("OPERATORS", "ops@example.org, nobody"),
        ("OPERATORS", "a@,@"),
        ("PING_URL", "ftp://ping.example.org"),
        ("PING_URL", "https://"),
        ("PING_URL", "https://["),
        ("PING_URL", "http://ping.example.org/secret"),
        ("PUBLIC_URL", "https://"),
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


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALLOWED_HOSTS", "peerwell.example.org,10.0.0.1,[2001:db8::1]"),
        ("CSRF_TRUSTED_ORIGINS", "https://peerwell.example.org,https://*.example.org,https://example.org:8443"),
        ("CSRF_TRUSTED_ORIGINS", "https://[2001:db8::1]:8443"),
        ("SECRET_KEY", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("PING_URL", "http://localhost:9000/ping"),
        ("PING_URL", "https://ping.example.org/secret"),
        ("OPERATORS", "ops@example.org, root@localhost"),
        ("EMAIL_PORT", "65535"),
        ("DATABASE_URL", "postgresql://peerwell@%2Frun%2Fpostgresql/peerwell"),
        ("REDIS_URL", "redis+socket:///run/redis.sock"),
    ],
)
def test_production_takes_what_is_right(read_settings, variable, value):
    assert read_settings(**{**PRODUCTION, variable: value})["PRODUCTION"]


@pytest.mark.parametrize("mode", ["local", "test"])
def test_a_public_api_is_for_this_machine_alone_also_where_it_is_only_tried(read_settings, mode):
    here = {name: PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")}
    assert read_settings(DJANGO_ENV=mode, API_ACCESS="public", **here)["API_ACCESS"] == "public"
    with pytest.raises(ImproperlyConfigured, match="API_ACCESS"):
        read_settings(DJANGO_ENV=mode, API_ACCESS="public", ALLOWED_HOSTS="localhost,10.0.0.1", **here)
    with pytest.raises(ImproperlyConfigured, match="API_ACCESS"):
        read_settings(DJANGO_ENV=mode, API_ACCESS="public", ALLOWED_HOSTS="*", **here)


@pytest.mark.parametrize(
    "command",
    [
        ("gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"),
        ("celery", "-A", "config", "worker", "--concurrency", "1"),
        ("celery", "-A", "config", "beat", "--pidfile="),
    ],
    ids=lambda command: command[0] + command[-1],
)
@pytest.mark.parametrize(
    ("variable", "value"),
    [("API_ACCESS", "public"), ("ALLOWED_HOSTS", "https://peerwell.example.org"), ("PING_URL", "https://")],
)
def test_no_process_of_the_house_starts_with_a_setting_that_is_wrong(tmp_path, command, variable, value):
    program = Program(*command, environment={**PRODUCTION, "PEERWELL_HOME": str(tmp_path), variable: value})
    try:
        assert program.read_to_the_end() != 0
    finally:
        program.clear_away()
    assert any("ImproperlyConfigured" in line and variable in line for line in program.lines), program.lines


def test_a_refused_secret_is_not_repeated(read_settings):
    for variable, value in (("SECRET_KEY", "hushhush" * 10), ("PING_URL", "http://ping.example.org/hushhush")):
        with pytest.raises(ImproperlyConfigured) as refusal:
            read_settings(**{**PRODUCTION, variable: value})
        assert "hush" not in str(refusal.value)


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
