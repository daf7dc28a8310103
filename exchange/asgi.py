"""The door for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from exchange.core.checks import require_safe_role
from exchange.core.sending import offering_zero_copy
from exchange.web.bodies import BodyLimit
from exchange.web.live.router import LiveRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.prod")
application = BodyLimit(LiveRouter(offering_zero_copy(get_asgi_application())))
require_safe_role()
