"""From the buyer of a state asset to the transfer: result notice, contract, payment, certificate.

The contract itself is a journey (`journeys/asset_sales.py`): an order like any other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.asset_sales import bidding, limits
from exchange.asset_sales.errors import RelatedApprovalNeeded
from exchange.asset_sales.lifecycle import ASSET_SALE
from exchange.asset_sales.lifecycle import AssetSaleTransition as X
from exchange.asset_sales.models import AssetSale, Bidder
from exchange.asset_sales.preparing import CLOCK, usable_until
from exchange.asset_sales.queries import qualified, round_of, valuation_of
from exchange.core.lifecycle import Change
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members import standing as standing_of
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.orders.lifecycle import UNLICENSED, OrderState
from exchange.orders.models import Order
from exchange.payments import deposits
from pricing.documents import digest

_UNPAID = frozenset({OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED})
_TAKEN_OVER = frozenset(
    {OrderState.ACCEPTED, OrderState.SETTLED, OrderState.INVOICED, OrderState.CERTIFICATE_ISSUED,
     OrderState.CLOSED}
)  # fmt: skip


@use_case(Permission.ASSET_SALE_PREPARE, locks=ASSET_SALE)
def agree(asset_sale: AssetSale, *, actor: Actor, now: datetime) -> AssetSale:
    """As the seller, agree with the one qualified bidder, at the price that binds it."""
    ASSET_SALE.check(asset_sale, X.AGREE)
    (only,) = qualified(round_of(asset_sale))
    standing_of.check(asset_sale.seller_id, only.organisation_id)
    return _won(asset_sale, X.AGREE, only, only.offer_minor, actor=actor, now=now)


def award(asset_sale: AssetSale, *, now: datetime) -> AssetSale:
    """After the bidding of a locked asset sale: the highest maximum wins, at what the second asks for."""
    ended = round_of(asset_sale)
    standing = bidding.standing_of(ended)
    winner = ended.bidders.select_related("organisation").get(public_id=standing.leader)
    parties = (asset_sale.seller_id, winner.organisation_id)
    standing_of.check(
        *parties, business=Business.RUNNING
    )  # it waits until the exchange has decided
    facts = {"record_hash": digest(bidding.record_of(ended))}
    return _won(asset_sale, X.AWARD, winner, standing.price, actor=CLOCK, now=now, facts=facts)


@use_case(Permission.ASSET_SALE_DECIDE, locks=ASSET_SALE)
def approve_related(
    asset_sale: AssetSale, *, reason: str, actor: Actor, now: datetime
) -> AssetSale:
    """As an independent member of the committee, let the sale to a related buyer go on."""
    return ASSET_SALE.transition(asset_sale, X.APPROVE_RELATED, actor=actor, reason=reason, now=now)


@use_case(Permission.ASSET_SALE_MODERATE, locks=ASSET_SALE)
def publish(asset_sale: AssetSale, *, actor: Actor, now: datetime) -> AssetSale:
    """As the exchange, make the result public for as many working days as the rule asks for."""
    ASSET_SALE.check(asset_sale, X.PUBLISH)
    bought = winner_of(asset_sale)
    parties = (asset_sale.seller_id, bought.organisation_id)
    standing_of.check(*parties, business=Business.RUNNING)
    approved = asset_sale.steps.filter(
        transition=X.APPROVE_RELATED, at__gte=bought.announcement.ends_at
    )
    if bought.related and not approved.exists():
        raise RelatedApprovalNeeded(
            _("The buyer is related to the seller: the committee has to approve it first.")
        )
    days = rule(key="soe.result_days", at=now)
    return ASSET_SALE.transition(
        asset_sale,
        X.PUBLISH,
        actor=actor,
        facts={
            "buyer": bought.organisation.public_id,
            "price_minor": str(asset_sale.price_minor),
            "rules": limits.versions((days,)),
        },
        due_at=limits.end_of(days.as_int(), now=now, counting_today=False),
        now=now,
    )


def contract(asset_sale: AssetSale, order: Order, *, now: datetime) -> AssetSale:
    """After the notice of a locked asset sale, the buyer has its order. What the order did while it was
    made (its buyer may have had the money) is followed at once."""
    asset_sale.order = order
    ASSET_SALE.transition(
        asset_sale, X.CONTRACT, actor=CLOCK, facts={"order": order.public_id},
        due_at=order.due_at, save=("order",), now=now,
    )  # fmt: skip
    return _follow(asset_sale, order, now=now)


def lock_behind(order: Order) -> AssetSale | None:
    """The asset sale behind an order, locked; None where the order is of none. It is locked with its order,
    before any money: who waits for it holds none."""
    if not str(order.terms.get("deal", {}).get("basis", "")).startswith("asset_sale:"):
        return None
    key = AssetSale.objects.filter(order=order).values_list("pk", flat=True).first()
    return None if key is None else ASSET_SALE.lock_key(key)


def follow_order(order: Order, change: Change) -> None:
    """Do to the asset sale behind an order what the order did. A reaction."""
    asset_sale = lock_behind(order)
    if asset_sale is not None:
        _follow(asset_sale, order, now=change.at)


def winner_of(asset_sale: AssetSale) -> Bidder:
    """The bidder of the last round that buys."""
    bidders = round_of(asset_sale).bidders.select_related("organisation", "announcement")
    return bidders.get(organisation=asset_sale.winner)


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
        "order": asset_sale.order.public_id if asset_sale.order else "",
    }


def _won(
    asset_sale: AssetSale,
    step: X,
    winner: Bidder,
    price_minor: int,
    *,
    actor: Actor,
    now: datetime,
    facts: Mapping[str, str] | None = None,
) -> AssetSale:
    """Bind the buyer; everybody else gets the deposit back at once."""
    asset_sale.winner, asset_sale.price_minor = winner.organisation, price_minor
    ASSET_SALE.transition(
        asset_sale,
        step,
        actor=actor,
        facts={
            "bidder": winner.public_id,
            "buyer": winner.organisation.public_id,
            "price_minor": str(price_minor),
            "related": winner.related,
            **(facts or {}),
        },
        save=("winner", "price_minor"),
        now=now,
    )
    deposits.release_all(
        purpose=winner.announcement.basis, keep=[winner.organisation_id], actor=actor, now=now
    )
    return asset_sale


def _follow(asset_sale: AssetSale, order: Order, *, now: datetime) -> AssetSale:
    """Take a locked asset sale as far as its order is: paid and certified, taken over, or given up."""
    state, facts = OrderState(order.state), {"order": order.public_id}
    if ASSET_SALE.may(asset_sale, X.PAY) and state in UNLICENSED:
        asset_sale.winner, asset_sale.price_minor, asset_sale.order = None, 0, None
        return ASSET_SALE.transition(
            asset_sale, X.DEFAULT, actor=CLOCK, facts=facts,
            due_at=usable_until(asset_sale, now=now), save=("winner", "price_minor", "order"),
            now=now,
        )  # fmt: skip
    if ASSET_SALE.may(asset_sale, X.PAY) and state not in _UNPAID:
        ASSET_SALE.transition(asset_sale, X.PAY, actor=CLOCK, facts=facts, now=now)
        certificate = {"certificate": digest(certificate_of(asset_sale))}
        ASSET_SALE.transition(asset_sale, X.CERTIFY, actor=CLOCK, facts=certificate, now=now)
    if ASSET_SALE.may(asset_sale, X.TRANSFER) and state in _TAKEN_OVER:
        ASSET_SALE.transition(asset_sale, X.TRANSFER, actor=CLOCK, facts=facts, now=now)
    return asset_sale
