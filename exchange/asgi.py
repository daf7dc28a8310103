"""The door for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.prod")
site = get_asgi_application()

# What stands around the site reads limits from rooms, whose models need the apps to be there.
from exchange.core.checks import require_safe_database  # noqa: E402
from exchange.core.sending import offering_zero_copy  # noqa: E402
from exchange.web.bodies import BodyLimit  # noqa: E402
from exchange.web.live.router import LiveRouter  # noqa: E402

application = BodyLimit(LiveRouter(offering_zero_copy(site)))
require_safe_database()
