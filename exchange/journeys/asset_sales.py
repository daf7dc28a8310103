"""The contract of a state-asset sale, once the notice of its result is over."""

from datetime import datetime

from exchange.asset_sales import results
from exchange.asset_sales.models import AssetSale
from exchange.catalog.lifecycle import DealNature, Future, History, OfferKind
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.core.use_case import use_case
from exchange.journeys import checkout
from exchange.members import standing
from exchange.members.standing import Business
from exchange.orders import placing


@use_case()
def conclude(asset_sale: AssetSale, *, now: datetime) -> AssetSale:
    """After the notice of a locked asset sale: the contract, as an order like any other. The deposit
    turns into the price."""
    bought = results.winner_of(asset_sale)
    standing.check(asset_sale.seller_id, bought.organisation_id, business=Business.RUNNING)
    nature, basis = DealNature(asset_sale.deal_nature), bought.announcement.basis
    offer = reserve_offer(
        product_id=asset_sale.product.public_id,
        command=OfferRequest(
            name=str(nature.label),
            kind=OfferKind.ONE_OFF,
            price=asset_sale.price,
            history=History.ALL,
            future=Future.ALL,
        ),
        reserved_for_id=bought.organisation_id,
        basis=basis,
        deal_nature=nature,
        by_id=asset_sale.prepared_by_id,
        actor=placing.CLOCK,
        now=now,
    )
    order = checkout.place_agreed(
        offer,
        buyer_id=bought.organisation_id,
        by_id=bought.by_id,
        actor=placing.CLOCK,
        deposit=basis if bought.deposit_id else "",
        now=now,
    )
    order.refresh_from_db()
    return results.contract(asset_sale, order, now=now)
