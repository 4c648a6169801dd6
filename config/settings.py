"""Settings. The only reader of the environment; `DJANGO_ENV` says which of three houses this is.

local        what `make run` uses: a developer's machine, loopback only
test         what `make test` uses: servers of its own, thrown away afterwards
production   everything else, and what is meant when nothing is said; refuses to start half-configured
"""

import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import env, logs
from config.local.home import Home
from config.unfold import UNFOLD  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent

DJANGO_ENV = env.choice("DJANGO_ENV", "production", ("local", "test", "production"))
LOCAL = DJANGO_ENV == "local"
TEST = DJANGO_ENV == "test"
PRODUCTION = DJANGO_ENV == "production"
HOME = Home.from_environment()
LOOPBACK = "localhost,127.0.0.1,[::1]"

# Who may come in

DEBUG = env.flag("DEBUG", False)
ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS",
    "" if PRODUCTION else f"{LOOPBACK},testserver" if TEST else LOOPBACK,
    wildcards=not PRODUCTION,
)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
API_ACCESS = env.access(
    "API_ACCESS", "public" if LOCAL else "protected", production=PRODUCTION, allowed_hosts=ALLOWED_HOSTS
)


def secret_key() -> str:
    if PRODUCTION:
        return env.secret("SECRET_KEY")
    kept = HOME.secret_key
    return env.text("SECRET_KEY", kept.read_text() if LOCAL and kept.exists() else secrets.token_urlsafe(50))


SECRET_KEY = secret_key()

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production: it shows settings and data to visitors")
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is missing: name each host, such as peerwell.example.org")

# What it is made of

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "scenarios",
    "scheduler",
    "notifications",
    "config",
]

MIDDLEWARE = [
    "config.audit.AuditMiddleware",
    "config.request_deadline.RequestDeadline",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.admin_addresses.AdminAddressMiddleware",
    "config.local_time.LocalTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# PostgreSQL

# A statement that outlives its client would keep its locks, and a hung client its transaction.
SESSION_SETTINGS = {
    "jit": "off",
    # What we ask by key lies in memory; at the default of 4 a small table is read whole for each row that asks.
    "random_page_cost": "1.1",
    "TimeZone": "UTC",
    "client_connection_check_interval": "1s",
    "idle_in_transaction_session_timeout": "30s",
    # A connection that nobody uses would keep a server from shutting down; who needs it again opens a new one.
    "idle_session_timeout": "5min",
    "lock_timeout": "5s",
    "statement_timeout": f"{env.number('DATABASE_STATEMENT_TIMEOUT', 60)}s",
}
# For each statement of a request, in seconds.
REQUEST_STATEMENT_SECONDS = 5
# A network that swallows packets would otherwise keep a connection waiting for a quarter of an hour. The last in ms.
CONNECTION_SETTINGS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def database() -> dict[str, Any]:
    embedded = f"postgresql://peerwell@{str(HOME.sockets).replace('/', '%2F')}/peerwell" if LOCAL else None
    parsed: dict[str, Any] = dict(
        dj_database_url.parse(
            env.url("DATABASE_URL", ("postgresql", "postgres"), embedded), conn_max_age=60, conn_health_checks=True
        )
    )
    asked_for = parsed.setdefault("OPTIONS", {}).get("options", "")
    ours = " ".join(f"-c {name}={value}" for name, value in SESSION_SETTINGS.items())
    parsed["OPTIONS"] = {**CONNECTION_SETTINGS, **parsed["OPTIONS"], "options": f"{ours} {asked_for}".strip()}
    return parsed


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis and Celery: see config/celery.py for what depends on the process

REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "redis+socket"), HOME.redis_url if LOCAL else None)

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
# Questions have a queue of their own, so that a worker can be kept for them, or from them (`-Q celery`). Without `-Q`
# a worker serves both.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("questions")]
CELERY_TASK_ROUTES = {"scheduler.answer_questions": {"queue": "questions"}}
# Early ack and nothing prefetched: a worker that holds unacked messages can exit when Redis restarts.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# Seconds after which an idle worker that doesn't hear its own messages ends itself.
WORKER_DEAF_AFTER = env.number("WORKER_DEAF_AFTER", 30, at_least=1)

# The API

REST_FRAMEWORK = {
    # The token first: what comes first names the challenge of a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.access.Access"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_FILTER_BACKENDS": ["config.api.filtering.StrictFilterBackend", "config.api.filtering.StrictOrdering"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.errors.handle",
    "COERCE_DECIMAL_TO_STRING": False,
    "NUM_PROXIES": 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Peerwell",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "RunStatus": "scheduler.models.Run.Status",
        "EvaluationStatus": "scenarios.models.Evaluation.Status",
        "JobKind": "scheduler.models.Job.Kind",
    },
    # From our own static files: a page of ours fetches nothing from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# People: passwords, languages, mail

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nb", "Norsk bokmål")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

EMAIL_BACKEND = "notifications.mailfiles.EmailBackend" if LOCAL else "django.core.mail.backends.smtp.EmailBackend"
EMAIL_FILE_PATH = HOME.mail
EMAIL_HOST = env.text("EMAIL_HOST", None if PRODUCTION else "localhost")
EMAIL_PORT = env.port("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
# For each of a mail server's answers. A sender that waits keeps what it has in hand; one that died loses it in seconds.
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10 if LOCAL else 30, at_least=1)
DEFAULT_FROM_EMAIL = (
    env.address("DEFAULT_FROM_EMAIL") if PRODUCTION else env.text("DEFAULT_FROM_EMAIL", "Peerwell <peerwell@localhost>")
)

# Who is told when something is wrong, and where a dead man's switch hears that all is well

OPERATORS = env.addresses("OPERATORS")
PING_URL = env.optional_secret_url("PING_URL")
# Links in messages to operators begin with it; without it they are paths.
PUBLIC_URL = env.optional_url("PUBLIC_URL", ("https", "http"))

# Files that browsers fetch

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(HOME.static if LOCAL else BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Behind https

if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.flag("BEHIND_PROXY", False):
        # Only where a proxy sets this header itself: anybody else could claim to have come by https.
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

LOGGING = logs.configuration(
    env.choice("LOG_LEVEL", "WARNING" if TEST else "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
)
