"""The door for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from exchange.core.sending import offering_zero_copy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.prod")
application = offering_zero_copy(get_asgi_application())
