"""What holds in every environment. Everything that a deployment decides comes from the environment."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from exchange.settings import api_document, jobs, logs, payments, sign_in
from exchange.settings.console import UNFOLD  # noqa: F401 - a setting
from exchange.settings.desk import UNFOLD_DESK  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

INSECURE_KEY = "insecure-key-for-development-only"
SECRET_KEY = env.str("SECRET_KEY", default=INSECURE_KEY)
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# An instance is named for its port (`demo-8123`), so that every command on it knows its address.
INSTANCE = env.str("ASSAY_INSTANCE", default="demo-8000")
INSTANCE_DIR = BASE_DIR / "var" / INSTANCE
PUBLIC_URL = env.str(
    "PUBLIC_URL", default=f"http://localhost:{INSTANCE.rpartition('-')[2]}"
).rstrip("/")

INSTALLED_APPS = [
    "exchange.console.apps.ConsoleConfig",
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_cotton",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "accounts",
    "exchange.core",
    "exchange.ledger",
    "exchange.audit",
    "exchange.members",
    "exchange.notices",
    "exchange.vault",
    "exchange.catalog",
    "exchange.contracts",
    "exchange.metering",
    "exchange.orders",
    "exchange.auctions",
    "exchange.negotiation",
    "exchange.asset_sales",
    "exchange.payments",
    "exchange.payments.gateway.sandbox",
    "exchange.delivery",
    "exchange.disputes",
    "exchange.journeys",
    "exchange.jobs",
    "exchange.api",
    "exchange.web",
]

MIDDLEWARE = [
    "exchange.web.middleware.PrivateAnswerMiddleware",
    "exchange.api.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "exchange.web.middleware.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "exchange.web.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "exchange.web.middleware.SecondFactorMiddleware",
    "exchange.web.middleware.ReadableAddressMiddleware",
    "exchange.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "exchange.urls"
ASGI_APPLICATION = "exchange.asgi.application"
WSGI_APPLICATION = "exchange.wsgi.application"

CONTEXT_PROCESSORS = [
    "django.template.context_processors.debug",
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "django.template.context_processors.i18n",
    "exchange.web.frame.site",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": CONTEXT_PROCESSORS,
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "exchange.web.pages.FormRenderer"
TEMPLATES_MAY_NOT_ASK = False  # dev and test refuse a query made while a page is drawn
EXCHANGE_OPERATOR = env.str("EXCHANGE_OPERATOR", default="Assay")
LEGAL_FOLDER = env.str("LEGAL_FOLDER", default="")  # terms.en.txt, terms.zh.txt, privacy…, imprint…

# PostgreSQL is the only database (docs/decisions/0001). A pool, because under ASGI every request
# has a thread of its own and connections kept per thread would pile up.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://assay@localhost/assay")}
DATABASE_IS_NAMED = bool(env.str("DATABASE_URL", default=""))
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_MAX", default=16),
    "timeout": 5,  # a request that waits longer for a connection answers 503
}
# Who owns the tables and migrates them; empty where the role of DATABASE_URL does it itself.
DATABASE_OWNER = (
    env.db_url("DATABASE_OWNER_URL") if env.str("DATABASE_OWNER_URL", default="") else {}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "exchange.core.caches.SharedCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("web:home")

vars().update(sign_in.allauth(env, public_url=PUBLIC_URL))

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")

STATIC_URL = "static/"
STATIC_ROOT: Path | None = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(INSTANCE_DIR / "media"))
# Sellers' files by the hash of their content; how much one organisation may store, and how long an
# unfinished upload waits to be continued.
VAULT_ROOT = env.path("VAULT_ROOT", default=str(INSTANCE_DIR / "vault"))
VAULT_QUOTA_BYTES = env.int("VAULT_QUOTA_BYTES", default=100 * 10**9)
VAULT_FILE_BYTES = env.int("VAULT_FILE_BYTES", default=20 * 10**9)
READER_MEMORY_BYTES = env.int("READER_MEMORY_BYTES", default=3 * 2**30)
# Whether files are refused where the kernel cannot lock their reader in; production does.
READER_MUST_BE_ISOLATED = False
VAULT_UPLOAD_HOURS = env.int("VAULT_UPLOAD_HOURS", default=48)
# How long a download link is good for, and where a proxy in front may take the content from.
DELIVERY_LINK_SECONDS = env.int("DELIVERY_LINK_SECONDS", default=600)
DELIVERY_ACCEL_PREFIX = env.str("DELIVERY_ACCEL_PREFIX", default="")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "vault": {"BACKEND": "exchange.vault.store.ContentStorage"},
}
# What the processes write is for their own account; a proxy that sends downloads reads with their group.
_PROXY_READS = bool(DELIVERY_ACCEL_PREFIX)
os.umask(0o027 if _PROXY_READS else 0o077)
FILE_UPLOAD_PERMISSIONS = 0o640 if _PROXY_READS else 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750 if _PROXY_READS else 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Assay <exchange@localhost>")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
# The theme of the admin sites evaluates expressions in attributes and sets styles; nobody else may.
CONSOLE_CONTENT_SECURITY_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb", "serial")
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "exchange.web.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Pages that cost more than others, for one person or one stranger's address.
PAGE_RATES = {
    "search": env.str("PAGE_RATE_SEARCH", default="120/min"),
    "document": env.str("PAGE_RATE_DOCUMENT", default="20/min"),
    "costly": env.str("PAGE_RATE_COSTLY", default="60/min"),
    "names": env.str("PAGE_RATE_NAMES", default="20/min"),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "exchange.api.authentication.ApiKeyAuthentication",
        "exchange.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "exchange.api.callers.HasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "exchange.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "exchange.api.authentication.AnonymousThrottle",
        "exchange.api.authentication.CallerThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANONYMOUS", default="120/min"),
        "user": env.str("API_RATE_SIGNED_IN", default="1200/min"),
    },
    "EXCEPTION_HANDLER": "exchange.api.problems.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,  # the Accept header says it, once
    "NUM_PROXIES": env.int("TRUSTED_PROXY_COUNT", default=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = api_document.SPECTACULAR

ENVIRONMENT = "development"  # what the console calls this exchange; demo and prod say otherwise
# The rules that decide where nobody names a pack.
DEFAULT_RULE_PACK = env.str("DEFAULT_RULE_PACK", default="cn-2026-07")
# Policy decides of whom a second factor is demanded; the demo alone switches it off.
SECOND_FACTOR_REQUIRED = True

# Whether processes measure by how much their clock differs from the database's.
MEASURE_CLOCK = True
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=10)
OUTBOX_SWEEP_SECONDS = env.int("OUTBOX_SWEEP_SECONDS", default=2)
OUTBOX_PER_LANE = env.int("OUTBOX_PER_LANE", default=1)
OUTBOX_THREADS = env.int("OUTBOX_THREADS", default=4)
CLOCK_TASKS: dict[str, int] = jobs.CLOCK_TASKS
vars().update(jobs.celery(redis_url=REDIS_URL, broker_folder=INSTANCE_DIR / "broker"))

LOGGING = logs.configure(
    as_json=env.bool("LOG_JSON", default=True), level=env.str("LOG_LEVEL", default="INFO")
)

# The transparency log's name stands in every checkpoint and never changes once one was published.
AUDIT_LOG_ORIGIN = env.str("AUDIT_LOG_ORIGIN", default=f"{urlsplit(PUBLIC_URL).netloc}/log")
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", default="")  # empty: a file of the instance's own
# The last signed head lies here, beside the key; what was signed once is never signed differently.
AUDIT_HEADS_FOLDER: Path | str = env.str("AUDIT_HEADS_FOLDER", default=str(INSTANCE_DIR))
AUDIT_RETIRED_KEYS: list[str] = env.list("AUDIT_RETIRED_KEYS", default=[])
# Where each signed head is sent, so that it leaves the database: a folder or an https address.
AUDIT_WITNESS = env.str("AUDIT_WITNESS", default=str(INSTANCE_DIR / "witness"))
AUDIT_ALARM_SECONDS = env.int("AUDIT_ALARM_SECONDS", default=10)

_payments = payments.read(env, default="test")
PAYMENT_PROVIDER = _payments["PAYMENT_PROVIDER"]
PAYMENT_WEBHOOK_SECRET = _payments["PAYMENT_WEBHOOK_SECRET"]
STRIPE_SECRET_KEY = _payments["STRIPE_SECRET_KEY"]
STRIPE_CONNECT_WEBHOOK_SECRET = _payments["STRIPE_CONNECT_WEBHOOK_SECRET"]
STRIPE_COUNTRY = _payments["STRIPE_COUNTRY"]
STRIPE_LIVE_MODE = _payments["STRIPE_LIVE_MODE"]
STRIPE_API_BASE = _payments["STRIPE_API_BASE"]
EXCHANGE_CURRENCIES: list[str] = _payments["EXCHANGE_CURRENCIES"]
# A form that leads on to the provider's page is sent there by a redirect, which this policy covers too.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += payments.pages_of(_payments)
EXCHANGE_BANK_HOLDER = env.str("EXCHANGE_BANK_HOLDER", default="Assay")
EXCHANGE_BANK_CODE = env.str("EXCHANGE_BANK_CODE", default="")
EXCHANGE_BANK_ACCOUNT = env.str("EXCHANGE_BANK_ACCOUNT", default="6222 0000 0000 0000 (test)")
