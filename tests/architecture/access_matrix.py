"""Who gets which answer where. A new address needs a row; `test_access_matrix` says so."""

from collections.abc import Mapping

from tests.architecture.access_asset_sales import ASSET_SALES
from tests.architecture.access_auctions import AUCTIONS
from tests.architecture.access_contracts import CONTRACTS
from tests.architecture.access_negotiation import NEGOTIATION
from tests.architecture.access_pages import PAGES
from tests.architecture.access_programs import PROGRAMS
from tests.architecture.access_routes import CLOSED, Route
from tests.architecture.access_usage import USAGE
from tests.architecture.access_wallet import WALLET

__all__ = ["CLOSED", "MATRIX", "Route"]

MATRIX: Mapping[str, Route] = {
    **PAGES,
    **PROGRAMS,
    **AUCTIONS,
    **CONTRACTS,
    **ASSET_SALES,
    **NEGOTIATION,
    **USAGE,
    **WALLET,
}
