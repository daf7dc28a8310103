"""Production. Refuses to start on a default secret or without a database of its own."""

from django.core.exceptions import ImproperlyConfigured

from exchange.settings.base import *
from exchange.settings.base import INSECURE_KEY, SECRET_KEY, STORAGES, env

SECRET_KEY_MIN_CHARS = 50
AUDIT_SIGNING_KEY_CHARS = 44

if SECRET_KEY == INSECURE_KEY or len(SECRET_KEY) < SECRET_KEY_MIN_CHARS:
    raise ImproperlyConfigured(
        f"Set SECRET_KEY to a random string of at least {SECRET_KEY_MIN_CHARS} characters."
    )
if not env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured(
        "Set DATABASE_URL to your PostgreSQL, e.g. postgresql://user@host/assay."
    )
if not env.list("ALLOWED_HOSTS", default=[]):
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names this exchange answers to.")
if len(env.str("AUDIT_SIGNING_KEY", default="")) != AUDIT_SIGNING_KEY_CHARS:
    raise ImproperlyConfigured(
        "Set AUDIT_SIGNING_KEY to 32 random bytes in base64 (openssl rand -base64 32) and keep a"
        " copy: it signs the transparency log."
    )

ENVIRONMENT = "production"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
# The test provider moves no money; an installation that wants it says so.
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="")
if PAYMENT_PROVIDER:
    PAYMENT_WEBHOOK_SECRET = env.str("PAYMENT_WEBHOOK_SECRET")
