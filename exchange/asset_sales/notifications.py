"""Who is told of what becomes of a sale of state assets."""

from datetime import datetime

from exchange.asset_sales.models import Bidder
from exchange.core.titles import Title
from exchange.members.roles import Role
from exchange.notices import links
from exchange.notices.actions.tell import tell_organisation

BIDDERS = (Role.BUYER_AGENT,)


def tell_bidder(bidder: Bidder, *, now: datetime) -> None:
    """Tell a bidder for a state asset that the exchange has decided on it."""
    asset_sale = bidder.announcement.asset_sale
    tell_organisation(
        organisation_id=bidder.organisation_id,
        roles=BIDDERS,
        kind=f"asset_sales.bidder.{bidder.standing}",
        facts={"product": Title.of(asset_sale.product)},
        url=links.path("announcement", bidder.announcement.public_id),
        dedupe=f"asset_sale_bidder:{bidder.public_id}:{bidder.standing}",
        now=now,
    )
