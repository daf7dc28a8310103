"""What a state-owned seller transfers or contributes takes the path of state assets, and only that.

The path itself is `exchange/asset_sales`. Auctions and negotiations ask here whether they may.
"""

from django.utils.translation import gettext as _

from accounts.models import Organisation, OrganisationKind
from exchange.catalog.lifecycle import DealNature, ListingState
from exchange.catalog.models import Product
from exchange.core.refusals import Refusal


class PathNotNeeded(Refusal):
    """Only a state-owned seller's listed product takes the path of state assets."""

    code = "state_asset_path_not_needed"


class StateAssetPathNeeded(Refusal):
    """What a state-owned seller transfers takes the path of state assets; `accepted` says what may be
    agreed without it."""

    code = "state_asset_path_needed"


def check_path(seller: Organisation, nature: str) -> None:
    """Raise StateAssetPathNeeded unless the seller may agree on this outside of the path."""
    if nature != DealNature.LICENCE and seller.kind == OrganisationKind.STATE_OWNED:
        raise StateAssetPathNeeded(
            _("A state-owned enterprise transfers or contributes data by a state-asset sale only."),
            field="nature",
            accepted=[DealNature.LICENCE.value],
        )


def check_takes_path(product: Product) -> None:
    """Raise PathNotNeeded unless the product may be sold on the path."""
    if product.seller.kind != OrganisationKind.STATE_OWNED or product.state != ListingState.LISTED:
        raise PathNotNeeded(_("Only a listed product of a state-owned enterprise takes this path."))
