"""The door for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

from exchange.core.checks import require_safe_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.prod")
application = get_wsgi_application()
require_safe_database()
