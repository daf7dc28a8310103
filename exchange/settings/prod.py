"""Production. Refuses to start on a setting that is not safe; exchange/core/production.py says which."""

from django.core.exceptions import ImproperlyConfigured

from exchange.core import production
from exchange.settings import payments
from exchange.settings.base import *
from exchange.settings.base import STORAGES, env

ENVIRONMENT = "production"
READER_MUST_BE_ISOLATED = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Stylesheets and scripts are for everybody, also for a proxy in front.
STORAGES["staticfiles"] = {
    "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
}
# The test provider moves no money; an installation that wants it says so.
PAYMENT_PROVIDER = payments.read(env, default="none")["PAYMENT_PROVIDER"]
AUDIT_WITNESS = env.str("AUDIT_WITNESS", default="")

_refused = [sentence for _number, sentence in production.problems(dict(vars()))]
if _refused:
    raise ImproperlyConfigured("\n".join(_refused))
