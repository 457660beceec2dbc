"""Every setting of Pauta, read from the environment; it runs with nothing set.

The table of variables is docs/configuration.md. Nonsense is refused by name.
"""

from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from drf_spectacular_sidecar import __file__ as _sidecar_module
from font_hanken_grotesk import __file__ as _font_module
from rest_framework import __file__ as _rest_module

from config.env import (
    BASE_DIR,
    base_url,
    choice,
    data_folder,
    database,
    email,
    env,
    flag,
    kept_secret,
    media_storage,
    networks,
    origins,
    pattern,
    redis,
    whole_number,
)

# --- Where things are -------------------------------------------------------------------------------------
DATA_DIR = data_folder("DATA_DIR", BASE_DIR / "data")
PORT = whole_number("PORT", 8000, at_least=1, at_most=65_535)
BIND = env.str("BIND", default="") or "127.0.0.1"
PUBLIC_BASE_URL = base_url("PUBLIC_BASE_URL", f"http://127.0.0.1:{PORT}")
_public = urlsplit(PUBLIC_BASE_URL)

# --- Django's own -----------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR, "secret_key")
DEBUG = flag("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [_public.hostname, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS") or [f"{_public.scheme}://{_public.netloc}"]
SECURE_COOKIES = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
X_FRAME_OPTIONS = "DENY"
# X-Forwarded-* headers count only when the request comes from one of these addresses (ProxyMiddleware).
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

# --- Sandbox or the real Instagram ------------------------------------------------------------------------
INSTAGRAM_APP_ID = env.str("INSTAGRAM_APP_ID", default="")
INSTAGRAM_APP_SECRET = env.str("INSTAGRAM_APP_SECRET", default="")
FACEBOOK_APP_ID = env.str("FACEBOOK_APP_ID", default="")
FACEBOOK_APP_SECRET = env.str("FACEBOOK_APP_SECRET", default="")
FACEBOOK_CONFIG_ID = env.str("FACEBOOK_CONFIG_ID", default="")
GRAPH_API_VERSION = pattern("GRAPH_API_VERSION", "v26.0", r"v\d{1,3}\.\d{1,2}", "v26.0")
_HOSTS = {
    "FACEBOOK_GRAPH_URL": "graph.facebook.com",
    "INSTAGRAM_GRAPH_URL": "graph.instagram.com",
    "INSTAGRAM_API_URL": "api.instagram.com",
    "INSTAGRAM_WWW_URL": "www.instagram.com",
    "FACEBOOK_WWW_URL": "www.facebook.com",
    "RUPLOAD_URL": "rupload.facebook.com",
}
_mode = choice("INSTAGRAM_SANDBOX", "auto", ("auto", "1", "0"))
_nothing_set = not (INSTAGRAM_APP_ID or FACEBOOK_APP_ID or any(env.str(name, default="") for name in _HOSTS))
INSTAGRAM_SANDBOX = _mode == "1" or (_mode == "auto" and _nothing_set)
# The browser reaches the simulated consent page like every other page; our own calls stay on this machine.
_inside = f"http://{'127.0.0.1' if BIND in {'0.0.0.0', '::', ''} else BIND}:{PORT}"


def _instagram_url(name: str) -> str:
    """Return the base URL of one Meta host: as set, else the sandbox's when it is on, else Meta's own."""
    host = _HOSTS[name]
    simulated = f"{PUBLIC_BASE_URL if host.startswith('www.') else _inside}/sandbox/{host}"
    return base_url(name, simulated if INSTAGRAM_SANDBOX else f"https://{host}")


FACEBOOK_GRAPH_URL = _instagram_url("FACEBOOK_GRAPH_URL")
INSTAGRAM_GRAPH_URL = _instagram_url("INSTAGRAM_GRAPH_URL")
INSTAGRAM_API_URL = _instagram_url("INSTAGRAM_API_URL")
INSTAGRAM_WWW_URL = _instagram_url("INSTAGRAM_WWW_URL")
FACEBOOK_WWW_URL = _instagram_url("FACEBOOK_WWW_URL")
RUPLOAD_URL = _instagram_url("RUPLOAD_URL")
if INSTAGRAM_SANDBOX:
    INSTAGRAM_APP_ID = INSTAGRAM_APP_ID or "990000000000001"
    # Of this installation alone: whoever knows it turns a consent, which needs no signing in, into a token.
    INSTAGRAM_APP_SECRET = INSTAGRAM_APP_SECRET or kept_secret(DATA_DIR, "sandbox_app_secret")
    FACEBOOK_APP_ID = FACEBOOK_APP_ID or "990000000000002"
    FACEBOOK_APP_SECRET = FACEBOOK_APP_SECRET or kept_secret(DATA_DIR, "sandbox_facebook_app_secret")
    # The word that the simulated Meta is set to.
    META_WEBHOOK_VERIFY_TOKEN = env.str("META_WEBHOOK_VERIFY_TOKEN", default="") or "sandbox-verify-token"
else:
    META_WEBHOOK_VERIFY_TOKEN = env.str("META_WEBHOOK_VERIFY_TOKEN", default="") or kept_secret(
        DATA_DIR, "webhook_verify_token"
    )

# --- Publishing -------------------------------------------------------------------------------------------
# The number of posts per account in any rolling 24 h that we never go beyond (the specification's 25).
INSTAGRAM_DAILY_POST_LIMIT = whole_number("INSTAGRAM_DAILY_POST_LIMIT", 25, at_least=1, at_most=1000)
MISSED_AFTER_MINUTES = whole_number("MISSED_AFTER_MINUTES", 30, at_least=1, at_most=525_600)
CRON_SECRET = env.str("CRON_SECRET", default="")
WORKERS = whole_number("WORKERS", 4, at_least=1, at_most=64)
SLOW_WORKERS = whole_number("SLOW_WORKERS", 1, at_least=1, at_most=16)
_RATE = r"[1-9]\d{0,5} */ *(s|sec|m|min|h|hour|d|day)"
LOGIN_RATE = pattern("LOGIN_RATE", "5/min", _RATE, "5/min")
API_RATE = pattern("API_RATE", "600/min", _RATE, "600/min")
API_ANON_RATE = pattern("API_ANON_RATE", "30/min", _RATE, "30/min")

# --- Secrets that open stored tokens ----------------------------------------------------------------------
# Kept as text and parsed when first used, so that a wrong key stops with the cure and not with a traceback.
FERNET_KEYS = [key.strip() for key in env.str("FERNET_KEY", default="").split(",") if key.strip()] or [
    kept_secret(DATA_DIR, "fernet_key", lambda: Fernet.generate_key().decode())
]

# --- Applications -----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "scheduler",
    "scheduler.sandbox",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "crispy_forms",
    "django_q",
]
AUTH_USER_MODEL = "scheduler.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIDDLEWARE = [
    "scheduler.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Outside of whatever may refuse a request, so that refusals carry these headers too.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "scheduler.middleware.BodyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scheduler.middleware.TextGZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "scheduler.middleware.PersonMiddleware",
]
ROOT_URLCONF = "config.urls"
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
                "scheduler.context_processors.shell",
            ],
            "libraries": {"lucide": "scheduler.templatetags.icons"},
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "crispy_pauta"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Databases --------------------------------------------------------------------------------------------
# IMMEDIATE takes the write lock when a transaction begins: with SQLite's default, four workers lose tasks to
# "database is locked". No network call may stand inside atomic().
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
# Without a kept connection every task of the cluster and every request connects anew (measured on PostgreSQL: tasks
# ten times slower; on SQLite: a sixth of the web server's time).
KEPT = {"CONN_MAX_AGE": 60}


def _sqlite(path: Path) -> dict:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": dict(SQLITE_OPTIONS), **KEPT}


def _main_database() -> dict:
    """Return DATABASE_URL as Django wants it; SQLite in the data folder when it is not set."""
    told = database("DATABASE_URL")
    if not told:
        return _sqlite(DATA_DIR / "pauta.sqlite3")
    if told["ENGINE"].endswith("sqlite3"):
        return told | {"OPTIONS": dict(SQLITE_OPTIONS), **KEPT}
    return told | {"CONN_HEALTH_CHECKS": True, **KEPT}


DATABASES = {"default": _main_database(), "sandbox": _sqlite(DATA_DIR / "sandbox.sqlite3")}
DATABASE_ROUTERS = ["config.routers.SandboxRouter"]
REDIS_URL = redis("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What one process may remember for itself; it never fails.
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "memory"},
}

# --- The queue: an at-least-once wake-up call; claims, attempts and ids live in our own rows ---------------
Q_CLUSTER = {
    "name": "pauta",
    "workers": WORKERS,
    "queue_limit": max(4, WORKERS),
    "bulk": 1,
    "poll": 0.2,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 50,
    "label": "django-q2",
    # What takes minutes must not keep a post from going out: the main cluster starts this one when there is work.
    "ALT_CLUSTERS": {
        "slow": {
            "workers": SLOW_WORKERS,
            "queue_limit": max(2, SLOW_WORKERS),
            "timeout": 3 * 3600,
            "retry": 4 * 3600,
            "scheduler": False,
        }
    },
    # One of them only: named together, django-q2 would leave Redis alone.
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# --- Files ------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "staticfiles"
# Only the page of the API's docs needs it; as an app it would bring a second viewer along.
_swagger = Path(_sidecar_module).parent / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("fonts", Path(_font_module).parent / "files"),
    ("swagger", _swagger),
]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": media_storage("MEDIA_STORAGE_URL"),
    "staticfiles": {"BACKEND": "config.storage.StaticFilesStorage"},
}
MEDIA_IN_A_BUCKET = "OPTIONS" in STORAGES["default"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

# --- Words, dates, zones ----------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Brazilian Portuguese"))]
# The second is the API framework's own words. It is no app here: its pages' scripts and styles are not wanted.
LOCALE_PATHS = [BASE_DIR / "locale", Path(_rest_module).parent / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- The API ------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "scheduler.api.problems.explain",
    "DEFAULT_SCHEMA_CLASS": "scheduler.api.schema.Described",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "NON_FIELD_ERRORS_KEY": "non_field_errors",
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Pauta",
    "DESCRIPTION": (
        "Plan Instagram posts and publish each exactly once. Make a token in Settings, or with "
        "`manage.py api_token USER`, and send it as `Authorization: Bearer <token>`.\n\n"
        'What can\'t be done is answered with `{"error": {"code", "message", "fields"}}`: the code is for '
        "programs, the sentence for people. Send an `Idempotency-Key` with each POST, and it may be sent again."
    ),
    "TAGS": [
        {"name": "posts", "description": "What is planned, on its way, or live"},
        {"name": "accounts", "description": "The Instagram accounts that are connected"},
        {"name": "media", "description": "Pictures and videos to use in posts"},
        {"name": "webhooks", "description": "Addresses that are told what happens"},
        {"name": "cron", "description": "For a host without workers: opened by CRON_SECRET"},
    ],
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/social",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "scheduler.api.schema.complete"],
    "ENUM_NAME_OVERRIDES": {
        "PostStatus": "scheduler.models.Status",
        "DisplayStatus": "scheduler.models.DisplayStatus",
        "AccountStatus": "scheduler.models.InstagramAccount.Status",
        "LogStatus": "scheduler.models.PublishingLog.Status",
        "MediaType": "scheduler.models.MediaType",
        "MediaState": "scheduler.models.media.MediaState",
        "DeliveryState": "scheduler.models.Delivery.State",
        "RowLevel": "scheduler.api.csv_files.LEVELS",
        "RowProblem": "scheduler.api.csv_files.PROBLEMS",
        "RowsBecome": "scheduler.forms.csv_import.BECOMES",
        "RowBecomes": "scheduler.api.csv_files.BECAME",
    },
}

# --- Content security policy: nothing inline, nothing from elsewhere ---------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Mail and log lines -----------------------------------------------------------------------------------
globals().update(email("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or "Pauta <pauta@localhost>"
LOG_LEVEL = choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper()
DEFAULT_EXCEPTION_REPORTER = "scheduler.lib.error_reports.SecretsReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "scheduler.lib.error_reports.SecretsReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "scheduler.lib.redaction.SecretsFilter"}},
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "scheduler.lib.json_log.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": choice("LOG_FORMAT", "text", ("text", "json")),
            "filters": ["secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Its workers tell of each task and of their own coming and going; what went wrong is enough.
    "loggers": {
        "django-q": {"level": LOG_LEVEL if LOG_LEVEL == "DEBUG" else "WARNING"},
        # Django's own handlers would write past the filter; a request line holds the code of a sign-in.
        "django": {},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
