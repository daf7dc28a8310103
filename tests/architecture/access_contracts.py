"""Who gets which answer at the addresses of contracts."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

CONTRACTS: Mapping[str, Route] = {}
