"""From the buyer of a state asset to the transfer: result notice, contract, payment, certificate."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.asset_sales.actions.steps import check_source, locked, take_step
from exchange.asset_sales.errors import RelatedApprovalNeeded
from exchange.asset_sales.models import Announcement, AssetSale, Bidder
from exchange.asset_sales.queries import bidding, limits
from exchange.asset_sales.queries.asset_sales import (
    asset_sale_seen_by,
    qualified,
    round_of,
    subject_of,
    valuation_of,
)
from exchange.asset_sales.states import MOVES, AssetSaleState, Move
from exchange.catalog.lifecycle import DealNature, Future, History, OfferKind
from exchange.catalog.offers import OfferWish, reserve_offer
from exchange.core.lifecycle import Named
from exchange.core.queries.rules import rule
from exchange.flows import asset_sale_recording as recording
from exchange.journeys.checkout import place_agreed
from exchange.members import policy
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import deposits
from pricing.documents import digest
from pricing.money import Money

CLOCK = "system:clock"
PAID = frozenset(OrderState) - {
    OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED, OrderState.CANCELLED,
    OrderState.REFUNDED,
}  # fmt: skip
TAKEN_OVER = frozenset(
    {OrderState.ACCEPTED, OrderState.SETTLED, OrderState.INVOICED, OrderState.CERTIFICATE_ISSUED,
     OrderState.CLOSED}
)  # fmt: skip


@transaction.atomic
def agree(*, actor: Actor, asset_sale_id: str, now: datetime) -> AssetSale:
    """As the seller, agree with the one qualified bidder, at the price that binds it."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_PREPARE)
    check_source(asset_sale, Move.AGREE)
    ended = round_of(asset_sale)
    (only,) = qualified(ended)
    return _won(asset_sale, Move.AGREE, only, only.offer_minor, actor.name, person_of(actor), now)


def award(asset_sale: AssetSale, *, now: datetime) -> AssetSale:
    """After the bidding of a locked asset sale: the highest maximum wins, at what the second asks for."""
    ended = round_of(asset_sale)
    standing = bidding.standing_of(ended)
    winner = ended.bidders.select_related("organisation").get(public_id=standing.leader)
    record = bidding.record_of(ended)
    facts = {"record_hash": digest(record)}
    return _won(asset_sale, Move.AWARD, winner, standing.price, CLOCK, None, now, facts)


@transaction.atomic
def approve_related(*, actor: Actor, asset_sale_id: str, reason: str, now: datetime) -> AssetSale:
    """As an independent member of the committee, let the sale to a related buyer go on."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_DECIDE)
    step = take_step(
        asset_sale=asset_sale, move=Move.APPROVE_RELATED, actor=actor.name, by_id=person_of(actor),
        now=now, reason=reason,
    )  # fmt: skip
    return recording.record_step(step)


@transaction.atomic
def publish(*, actor: Actor, asset_sale_id: str, now: datetime) -> AssetSale:
    """As the exchange, make the result public for as many working days as the rule asks for."""
    asset_sale = _permitted(actor, asset_sale_id, Permission.ASSET_SALE_MODERATE)
    check_source(asset_sale, Move.PUBLISH)
    ended = round_of(asset_sale)
    bought = _winner(asset_sale, ended)
    approved = asset_sale.steps.filter(move=Move.APPROVE_RELATED, at__gte=ended.ends_at)
    if bought.related and not approved.exists():
        raise RelatedApprovalNeeded(
            _("The buyer is related to the seller: the committee has to approve it first.")
        )
    days = rule(key="soe.result_days", at=now)
    step = take_step(
        asset_sale=asset_sale,
        move=Move.PUBLISH,
        actor=actor.name,
        by_id=person_of(actor),
        now=now,
        rules=(days,),
        facts={"buyer": bought.organisation.public_id, "price_minor": str(asset_sale.price_minor)},
        due_at=limits.end_of(days.as_int(), now=now, counting_today=False),
    )
    return recording.record_step(step)


def conclude(asset_sale: AssetSale, *, now: datetime) -> AssetSale:
    """After the notice of a locked asset sale: the contract, as an order like any other. The deposit
    turns into the price."""
    ended = round_of(asset_sale)
    bought = _winner(asset_sale, ended)
    offer = reserve_offer(
        product_id=asset_sale.product.public_id,
        wish=OfferWish(
            name=str(DealNature(asset_sale.deal_nature).label),
            kind=OfferKind.ONE_OFF,
            price=Money(asset_sale.price_minor, asset_sale.currency),
            history=History.ALL,
            future=Future.ALL,
        ),
        reserved_for_id=bought.organisation_id,
        basis=ended.basis,
        deal_nature=DealNature(asset_sale.deal_nature),
        by_id=asset_sale.prepared_by_id,
        actor=placing.CLOCK,
        now=now,
    )
    order = place_agreed(
        offer=offer,
        buyer_id=bought.organisation_id,
        by_id=bought.by_id,
        actor=placing.CLOCK,
        deposit=ended.basis if bought.deposit_ref else "",
        now=now,
    )
    asset_sale.order_ref = order.public_id
    return _clock_step(asset_sale, Move.CONTRACT, now, {"order": order.public_id}, order.due_at)


def follow_order(asset_sale: AssetSale, *, now: datetime) -> bool:
    """Do to a locked asset sale what its order did; whether anything."""
    order = Order.objects.get(public_id=asset_sale.order_ref)
    state = OrderState(order.state)
    if Move.PAY in _legal(asset_sale) and state in PAID:
        _clock_step(asset_sale, Move.PAY, now, {"order": order.public_id})
        return True
    if Move.DEFAULT in _legal(asset_sale) and state in {OrderState.CANCELLED, OrderState.REFUNDED}:
        asset_sale.winner, asset_sale.price_minor, asset_sale.order_ref = None, 0, ""
        _clock_step(asset_sale, Move.DEFAULT, now, {"order": order.public_id})
        return True
    if Move.CERTIFY in _legal(asset_sale):
        _clock_step(
            asset_sale, Move.CERTIFY, now, {"certificate": digest(certificate_of(asset_sale))}
        )
        return True
    if Move.TRANSFER in _legal(asset_sale) and state in TAKEN_OVER:
        _clock_step(asset_sale, Move.TRANSFER, now, {"order": order.public_id})
        return True
    return False


def certificate_of(asset_sale: AssetSale) -> dict[str, Any]:
    """The trading certificate as data: what was sold, by whom to whom, at which price, on what basis."""
    ended = round_of(asset_sale)
    valuation = valuation_of(asset_sale)
    return {
        "kind": "state_asset_certificate",
        "number": f"{asset_sale.public_id}-{asset_sale.round}",
        "asset_sale": asset_sale.public_id,
        "announcement": ended.public_id,
        "nature": asset_sale.deal_nature,
        "product": asset_sale.product.public_id,
        "seller": asset_sale.seller.public_id,
        "buyer": asset_sale.winner.public_id if asset_sale.winner else "",
        "price_minor": str(asset_sale.price_minor),
        "currency": asset_sale.currency,
        "floor_minor": str(ended.floor_minor),
        "valuation_minor": str(valuation.value_minor) if valuation else "",
        "filing_no": asset_sale.filing_no,
        "order": asset_sale.order_ref,
    }


def _legal(asset_sale: AssetSale) -> frozenset[Move]:
    state = AssetSaleState(asset_sale.state)
    return frozenset(move for move, one in MOVES.items() if state in one.sources)


def _won(
    asset_sale: AssetSale,
    move: Move,
    winner: Bidder,
    price_minor: int,
    actor: str,
    by_id: int | None,
    now: datetime,
    facts: dict[str, object] | dict[str, str] | None = None,
) -> AssetSale:
    """Bind the buyer; everybody else gets the deposit back at once."""
    asset_sale.winner, asset_sale.price_minor = winner.organisation, price_minor
    told = {
        "bidder": winner.public_id,
        "buyer": winner.organisation.public_id,
        "price_minor": str(price_minor),
        "related": winner.related,
        **(facts or {}),
    }
    step = take_step(
        asset_sale=asset_sale, move=move, actor=actor, by_id=by_id, now=now, facts=told
    )
    recording.record_step(step)
    deposits.release_all(
        purpose=winner.announcement.basis,
        keep=[winner.organisation_id],
        actor=Named(actor),
        now=now,
    )
    return asset_sale


def _winner(asset_sale: AssetSale, ended: Announcement) -> Bidder:
    return ended.bidders.select_related("organisation").get(organisation=asset_sale.winner)


def _clock_step(
    asset_sale: AssetSale,
    move: Move,
    now: datetime,
    facts: dict[str, str],
    due_at: datetime | None = None,
) -> AssetSale:
    step = take_step(
        asset_sale=asset_sale, move=move, actor=CLOCK, now=now, facts=facts, due_at=due_at
    )
    return recording.record_step(step)


def _permitted(actor: Actor, asset_sale_id: str, permission: Permission) -> AssetSale:
    asset_sale_seen_by(actor, asset_sale_id)
    asset_sale = locked(asset_sale_id)
    policy.require(actor, permission, subject_of(asset_sale))
    return asset_sale
