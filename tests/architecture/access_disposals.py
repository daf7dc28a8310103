"""Who gets which answer at the addresses of disposals."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

DISPOSALS: Mapping[str, Route] = {}
