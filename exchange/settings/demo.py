"""`make demo`: the production path on one machine, without a second factor and without TLS."""

import warnings

from celery.exceptions import SecurityWarning

from exchange.local import postgres

postgres.provide()

from exchange.settings.base import *  # noqa: E402 - base reads the address just provided
from exchange.settings.base import (  # noqa: E402
    CLOCK_TASKS,
    CONTEXT_PROCESSORS,
    INSTALLED_APPS,
)

STATIC_ROOT = None  # served from where they lie; nothing to collect
WHITENOISE_USE_FINDERS = True
SECOND_FACTOR_REQUIRED = False
ENVIRONMENT = "demonstration"
EMAIL_BACKEND = "exchange.demo.mailbox.Backend"  # read at /demo/mail/

# A demo in a container runs as root; nobody else's messages reach its worker.
warnings.filterwarnings("ignore", category=SecurityWarning)

# The invented exchange and its one-click sign-in exist in these settings alone.
INSTALLED_APPS.append("exchange.demo")
ROOT_URLCONF = "exchange.demo.urls"
CONTEXT_PROCESSORS.append("exchange.demo.context.personas")
CELERY_IMPORTS = ["exchange.demo.tasks"]
CLOCK_TASKS["demo.renew_auctions"] = 60
