"""From the buyer of a state asset to the transfer: result notice, contract, payment, certificate."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.catalog.actions.offers import OfferWish, reserve_offer
from exchange.catalog.states import DealNature, Future, History, OfferKind
from exchange.core.queries.rules import rule
from exchange.disposals.actions.steps import check_source, locked, take_step
from exchange.disposals.errors import RelatedApprovalNeeded
from exchange.disposals.models import Announcement, Bidder, Disposal
from exchange.disposals.queries import bidding, limits
from exchange.disposals.queries.disposals import (
    disposal_seen_by,
    qualified,
    round_of,
    subject_of,
    valuation_of,
)
from exchange.disposals.states import MOVES, DisposalState, Move
from exchange.flows import deposits
from exchange.flows import disposal_recording as recording
from exchange.flows.admission import person_of
from exchange.flows.agreed_orders import place_agreed
from exchange.flows.listing_recording import record_offer
from exchange.members import policy
from exchange.members.policy import Act, Actor
from exchange.trading.models import Order
from exchange.trading.states import OrderState
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
def agree(*, actor: Actor, disposal_id: str, now: datetime) -> Disposal:
    """As the seller, agree with the one qualified bidder, at the price that binds it."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_PREPARE)
    check_source(disposal, Move.AGREE)
    ended = round_of(disposal)
    (only,) = qualified(ended)
    return _won(disposal, Move.AGREE, only, only.offer_minor, actor.name, person_of(actor), now)


def award(disposal: Disposal, *, now: datetime) -> Disposal:
    """After the bidding of a locked disposal: the highest maximum wins, at what the second asks for."""
    ended = round_of(disposal)
    standing = bidding.standing_of(ended)
    winner = ended.bidders.select_related("organisation").get(public_id=standing.leader)
    record = bidding.record_of(ended)
    facts = {"record_hash": digest(record)}
    return _won(disposal, Move.AWARD, winner, standing.price, CLOCK, None, now, facts)


@transaction.atomic
def approve_related(*, actor: Actor, disposal_id: str, reason: str, now: datetime) -> Disposal:
    """As an independent member of the committee, let the sale to a related buyer go on."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_DECIDE)
    step = take_step(
        disposal=disposal, move=Move.APPROVE_RELATED, actor=actor.name, by_id=person_of(actor),
        now=now, reason=reason,
    )  # fmt: skip
    return recording.record_step(step)


@transaction.atomic
def publish(*, actor: Actor, disposal_id: str, now: datetime) -> Disposal:
    """As the exchange, make the result public for as many working days as the rule asks for."""
    disposal = _permitted(actor, disposal_id, Act.DISPOSAL_MODERATE)
    check_source(disposal, Move.PUBLISH)
    ended = round_of(disposal)
    bought = _winner(disposal, ended)
    approved = disposal.steps.filter(move=Move.APPROVE_RELATED, at__gte=ended.ends_at)
    if bought.related and not approved.exists():
        raise RelatedApprovalNeeded(
            _("The buyer is related to the seller: the committee has to approve it first.")
        )
    days = rule(key="soe.result_days", at=now)
    step = take_step(
        disposal=disposal,
        move=Move.PUBLISH,
        actor=actor.name,
        by_id=person_of(actor),
        now=now,
        rules=(days,),
        facts={"buyer": bought.organisation.public_id, "price_minor": str(disposal.price_minor)},
        due_at=limits.end_of(days.as_int(), now=now, counting_today=False),
    )
    return recording.record_step(step)


def conclude(disposal: Disposal, *, now: datetime) -> Disposal:
    """After the notice of a locked disposal: the contract, as an order like any other. The deposit
    turns into the price."""
    ended = round_of(disposal)
    bought = _winner(disposal, ended)
    offer = reserve_offer(
        product_id=disposal.product.public_id,
        wish=OfferWish(
            name=str(DealNature(disposal.deal_nature).label),
            kind=OfferKind.ONE_OFF,
            price=Money(disposal.price_minor, disposal.currency),
            history=History.ALL,
            future=Future.ALL,
        ),
        reserved_for_id=bought.organisation_id,
        basis=ended.basis,
        deal_nature=DealNature(disposal.deal_nature),
        by_id=disposal.prepared_by_id,
        now=now,
    )
    record_offer(offer, event="catalog.offer.made", actor=CLOCK, now=now)
    order = place_agreed(
        offer=offer,
        buyer_id=bought.organisation_id,
        by_id=bought.by_id,
        actor=CLOCK,
        deposit=ended.basis if bought.deposit_ref else "",
        now=now,
    )
    disposal.order_ref = order.public_id
    return _clock_step(disposal, Move.CONTRACT, now, {"order": order.public_id}, order.due_at)


def follow_order(disposal: Disposal, *, now: datetime) -> bool:
    """Do to a locked disposal what its order did; whether anything."""
    order = Order.objects.get(public_id=disposal.order_ref)
    state = OrderState(order.state)
    if Move.PAY in _legal(disposal) and state in PAID:
        _clock_step(disposal, Move.PAY, now, {"order": order.public_id})
        return True
    if Move.DEFAULT in _legal(disposal) and state in {OrderState.CANCELLED, OrderState.REFUNDED}:
        disposal.winner, disposal.price_minor, disposal.order_ref = None, 0, ""
        _clock_step(disposal, Move.DEFAULT, now, {"order": order.public_id})
        return True
    if Move.CERTIFY in _legal(disposal):
        _clock_step(disposal, Move.CERTIFY, now, {"certificate": digest(certificate_of(disposal))})
        return True
    if Move.TRANSFER in _legal(disposal) and state in TAKEN_OVER:
        _clock_step(disposal, Move.TRANSFER, now, {"order": order.public_id})
        return True
    return False


def certificate_of(disposal: Disposal) -> dict[str, Any]:
    """The trading certificate as data: what was sold, by whom to whom, at which price, on what basis."""
    ended = round_of(disposal)
    valuation = valuation_of(disposal)
    return {
        "kind": "state_asset_certificate",
        "number": f"{disposal.public_id}-{disposal.round}",
        "disposal": disposal.public_id,
        "announcement": ended.public_id,
        "nature": disposal.deal_nature,
        "product": disposal.product.public_id,
        "seller": disposal.seller.public_id,
        "buyer": disposal.winner.public_id if disposal.winner else "",
        "price_minor": str(disposal.price_minor),
        "currency": disposal.currency,
        "floor_minor": str(ended.floor_minor),
        "valuation_minor": str(valuation.value_minor) if valuation else "",
        "filing_no": disposal.filing_no,
        "order": disposal.order_ref,
    }


def _legal(disposal: Disposal) -> frozenset[Move]:
    state = DisposalState(disposal.state)
    return frozenset(move for move, one in MOVES.items() if state in one.sources)


def _won(
    disposal: Disposal,
    move: Move,
    winner: Bidder,
    price_minor: int,
    actor: str,
    by_id: int | None,
    now: datetime,
    facts: dict[str, object] | dict[str, str] | None = None,
) -> Disposal:
    """Bind the buyer; everybody else gets the deposit back at once."""
    disposal.winner, disposal.price_minor = winner.organisation, price_minor
    told = {
        "bidder": winner.public_id,
        "buyer": winner.organisation.public_id,
        "price_minor": str(price_minor),
        "related": winner.related,
        **(facts or {}),
    }
    step = take_step(disposal=disposal, move=move, actor=actor, by_id=by_id, now=now, facts=told)
    recording.record_step(step)
    deposits.release_deposits(
        purpose=winner.announcement.basis, keep=[winner.organisation_id], actor=actor, now=now
    )
    return disposal


def _winner(disposal: Disposal, ended: Announcement) -> Bidder:
    return ended.bidders.select_related("organisation").get(organisation=disposal.winner)


def _clock_step(
    disposal: Disposal,
    move: Move,
    now: datetime,
    facts: dict[str, str],
    due_at: datetime | None = None,
) -> Disposal:
    step = take_step(disposal=disposal, move=move, actor=CLOCK, now=now, facts=facts, due_at=due_at)
    return recording.record_step(step)


def _permitted(actor: Actor, disposal_id: str, act: Act) -> Disposal:
    disposal_seen_by(actor, disposal_id)
    disposal = locked(disposal_id)
    policy.permit(actor, act, subject_of(disposal))
    return disposal
