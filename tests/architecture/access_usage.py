"""Who gets which answer at the addresses of usage."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

USAGE: Mapping[str, Route] = {}
