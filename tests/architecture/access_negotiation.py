"""Who gets which answer at the addresses of negotiation."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

NEGOTIATION: Mapping[str, Route] = {}
