"""For people who work on the code: errors in the browser, mail on the terminal."""

from exchange.settings.base import *

DEBUG = True
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
TEMPLATES_MAY_NOT_ASK = True
