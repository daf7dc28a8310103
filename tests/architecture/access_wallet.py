"""Who gets which answer at the addresses of wallet."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

WALLET: Mapping[str, Route] = {}
