"""What every journey of a listing does with a step: log it, index the product, tell whom it concerns."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse

from exchange.audit.actions import log
from exchange.catalog.actions.indexing import follow
from exchange.catalog.models import ListingStep, Offer, Product
from exchange.catalog.states import EVENTS, Move
from exchange.core.titles import Title
from exchange.members.roles import Role
from exchange.notices.actions.tell import tell_organisation

SELLERS = (Role.DATA_OWNER, Role.DATA_OPERATOR)
# What the seller is told of; what it did itself it knows.
NEWS: Mapping[Move, str] = {
    Move.LIST: "catalog.listing.listed",
    Move.RETURN: "catalog.listing.returned",
    Move.REJECT: "catalog.listing.rejected",
    Move.SUSPEND: "catalog.listing.suspended",
    Move.RESUME: "catalog.listing.resumed",
    Move.ACCEPT_CHANGE: "catalog.change.accepted",
    Move.DECLINE_CHANGE: "catalog.change.declined",
}


def record_step(step: ListingStep, *, tells: bool = True, follows: bool = True) -> Product:
    """Write the step to the log, its reason as a commitment only. The search follows the listing.

    `tells` False: nobody is told, where a thousand listings come at once. `follows` False: a later
    step of the same transaction brings the search up to date.
    """
    product = step.product
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"listing_step:{step.public_id}",
        facts={
            "product": product.public_id,
            "number": step.number,
            "from": step.source,
            "to": step.target,
            "approved_by": step.approved_by.public_id if step.approved_by else None,
            "reason_code": step.reason_code,
            "shut": [row["gate"] for row in step.gates if not row["open"]],
            **({"seller": product.seller.public_id} if step.move == Move.DRAFT else {}),
        },
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    if follows:
        follow(product)
    if tells:
        _tell(step)
    return product


def record_offer(offer: Offer, *, event: str, actor: str, now: datetime) -> Offer:
    """Log that an offer was made or withdrawn, with its price and the digest of its plan."""
    log.record(
        event=event,
        actor=actor,
        subject=f"offer:{offer.public_id}",
        facts={
            "product": offer.product.public_id,
            "kind": offer.kind,
            "price_minor": str(offer.price_minor),
            "currency": offer.currency,
            "period": offer.period,
            "plan": offer.plan_digest,
        },
        at=now,
    )
    follow(offer.product)
    return offer


def _tell(step: ListingStep) -> None:
    kind = NEWS.get(Move(step.move))
    if kind is None:
        return
    product = step.product
    tell_organisation(
        organisation_id=product.seller_id,
        roles=SELLERS,
        kind=kind,
        facts={"product": Title.of(product) if product.title else product.public_id},
        url=reverse("web:sell_product", args=[product.public_id]),
        dedupe=step.public_id,
        now=step.at,
    )
