"""For the test suite: quick password hashes, no pool (each test thread closes its own connection)."""

from exchange.local import postgres
from pricing.money import CURRENCIES

postgres.provide_as_owner("test")

from exchange.settings.base import *  # noqa: E402 - base reads the address just provided
from exchange.settings.base import DATABASES, REST_FRAMEWORK, STORAGES  # noqa: E402 - likewise

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATABASES["default"]["OPTIONS"].pop("pool")
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": "100000/min", "user": "100000/min"}
PAGE_RATES = dict.fromkeys(("search", "document", "costly", "names"), "100000/min")
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STATIC_ROOT = None
TEMPLATES_MAY_NOT_ASK = True
ACCOUNT_RATE_LIMITS = False  # the tests of the limits switch them on
EXCHANGE_CURRENCIES = ["CNY", *sorted(set(CURRENCIES) - {"CNY"})]
MEASURE_CLOCK = False  # the tests of the clock measure it themselves
MFA_RATE_LIMITS = False
SECOND_FACTOR_REQUIRED = False  # the tests of the second factor switch it on
AUDIT_SIGNING_KEY = "YXNzYXkgdGVzdCBsb2c6IG5vdCBhIHNlY3JldCBrZXk="
AUDIT_LOG_ORIGIN = "log.test/log"
# Each test has a log of its own: nothing outside the database remembers another test's.
AUDIT_HEADS_FOLDER = ""
AUDIT_WITNESS = ""
