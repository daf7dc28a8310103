"""Who gets which answer at the addresses of auctions."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route

AUCTIONS: Mapping[str, Route] = {}
