"""For people who work on the code: errors in the browser, mail on the terminal."""

from exchange.local import postgres

postgres.provide()

from exchange.settings.base import *  # noqa: E402 - base reads the address just provided

DEBUG = True
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
TEMPLATES_MAY_NOT_ASK = True
