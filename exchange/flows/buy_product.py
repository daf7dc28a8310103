"""The beginning of an order's journey: checkout, a second person's confirmation, cancellation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.catalog import disclosure
from exchange.catalog.models import Offer
from exchange.catalog.queries.products import buyable_offer
from exchange.catalog.states import OfferKind
from exchange.flows import deposits, order_progress, partners, payments, usage_plans
from exchange.flows.admission import organisation_of, person_of
from exchange.flows.exclusive_sales import check_no_exclusive_sale
from exchange.flows.order_recording import record_step
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.actions import limits
from exchange.orders.actions.placing import Purchase, check_method, place_order
from exchange.orders.actions.steps import check_reason, locked_order, take_step
from exchange.orders.errors import ApprovalNeeded, TermsChanged
from exchange.orders.models import BuyingLimit, Order
from exchange.orders.queries.offers import has_used, steady_offer
from exchange.orders.queries.orders import order_seen_by, subject_of
from exchange.orders.queries.partners import tier_of
from exchange.orders.queries.terms import applies, changes_between, terms_document, terms_hash
from exchange.orders.states import Move, OrderState, PaymentMethod
from exchange.payments.gateway.providers import takes_cards
from pricing.money import Money


@dataclass(frozen=True)
class Wish:
    """What the buyer sends: the offer, the hash of the terms that they saw (and, to have a difference
    explained, those terms), how they pay, their own number, whether a subscription goes on."""

    offer_id: str
    terms_hash: str
    method: PaymentMethod
    number: str = ""
    auto_renew: bool = True
    seen: Mapping[str, Any] | None = None


def terms_now(*, actor: Actor, offer_id: str, now: datetime) -> dict[str, Any]:
    """The terms on which the actor's organisation can buy the offer now. Changes nothing.

    Raises what stands in the way: product_withdrawn, trusted_space_not_open, offer_withdrawn,
    not_allowed.
    """
    offer = buyable_offer(offer_id, at=now, buyer_id=organisation_of(actor))
    permit_buying(actor, seller_id=offer.product.seller_id)
    _check_open_to_all(offer)
    tier = tier_of(seller_id=offer.product.seller_id, buyer_id=organisation_of(actor))
    is_first = not has_used(offer=offer, buyer_id=organisation_of(actor))
    return terms_document(offer=offer, at=now, tier=tier, is_first=is_first)


def ways_to_pay(*, total_minor: int) -> tuple[PaymentMethod, ...]:
    """How an order of that total is paid here: by card only where there is a provider; what costs
    nothing by none."""
    if not total_minor:
        return (PaymentMethod.NONE,)
    card = (PaymentMethod.CARD,) if takes_cards() else ()
    return (*card, PaymentMethod.BANK_TRANSFER, PaymentMethod.WALLET)


def permit_buying(actor: Actor, *, seller_id: int) -> None:
    """Raise NotAllowed unless the actor may buy from the seller for the organisation acted for."""
    buyer_id = organisation_of(actor)
    subject = Subject(organisation_id=seller_id, engaged=frozenset({buyer_id}))
    policy.require(actor, Permission.TRADE_BUY, subject)


@transaction.atomic
def checkout(*, actor: Actor, wish: Wish, now: datetime) -> Order:
    """Place an order on exactly the terms that the buyer saw.

    Above the organisation's limit it then waits for a second person. Otherwise the contract is
    concluded at once: with money, payment starts; without, the order is delivered and closed.
    Raises TermsChanged, and what `terms_now` raises; nothing is kept then.
    """
    buyer_id, person_id = organisation_of(actor), person_of(actor)
    steady_offer(wish.offer_id)
    offer = buyable_offer(wish.offer_id, at=now, buyer_id=buyer_id)
    permit_buying(actor, seller_id=offer.product.seller_id)
    _check_open_to_all(offer)
    tier = tier_of(seller_id=offer.product.seller_id, buyer_id=buyer_id)
    buyer = _in_turn(offer, buyer_id)
    is_first = not has_used(offer=offer, buyer_id=buyer_id)
    terms = terms_document(offer=offer, at=now, tier=tier, is_first=is_first)
    check_terms(wish, terms)
    accepted = ways_to_pay(total_minor=terms["price"]["total_minor"])
    method = check_method(wish.method, accepted=accepted)
    purchase = Purchase(offer=offer, terms=terms, method=method, number=wish.number)
    usage_plans.check_funds(terms=terms, buyer=buyer, now=now)
    step = place_order(
        purchase=purchase,
        buyer=buyer,
        actor=actor.name,
        by_id=person_id,
        auto_renew=bool(offer.period) and wish.auto_renew,
        now=now,
    )
    order = record_step(step)
    if applies(tier, offer):
        partners.keep_ground(order=order, tier=tier, actor=actor.name, now=now)
    if order.needs_second:
        return order
    return order_progress.conclude(order=order, actor=actor.name, by_id=person_id, now=now)


def _in_turn(offer: Offer, buyer_id: int) -> Organisation:
    """The buyer. Its orders by use take turns: what is free at first is given once."""
    all_buyers = Organisation.objects.all()
    if offer.kind == OfferKind.METERED:
        all_buyers = all_buyers.select_for_update(no_key=True)
    return all_buyers.get(pk=buyer_id)


def _check_open_to_all(offer: Offer) -> None:
    if offer.needs_approval:
        raise ApprovalNeeded(
            _("The seller approves each buyer of this offer: ask for it on the product's page."),
            product=offer.product.public_id,
        )
    check_no_exclusive_sale(offer.product)


def check_terms(wish: Wish, terms: Mapping[str, Any]) -> None:
    """Raise TermsChanged, with what differs, unless these are the terms that the buyer saw."""
    current = terms_hash(terms)
    if wish.terms_hash == current:
        return
    raise TermsChanged(
        _("The terms have changed since you saw them. Nothing was ordered; look at them again."),
        changes=changes_between(wish.seen, terms) if wish.seen else [],
        terms_hash=current,
        total_minor=terms["price"]["total_minor"],
        currency=terms["price"]["currency"],
    )


@transaction.atomic
def confirm(*, actor: Actor, order_id: str, now: datetime) -> Order:
    """As a second person of the buyer, confirm an order above the limit."""
    permit(actor, Permission.ORDER_CONFIRM, order_id)
    order = locked_order(order_id)
    disclosure.check_orderable(order.product)
    usage_plans.check_funds(terms=order.terms, buyer=order.buyer, now=now)
    order.confirmed_by_id = person_of(actor)
    return order_progress.conclude(
        order=order, actor=actor.name, by_id=order.confirmed_by_id, now=now
    )


@transaction.atomic
def decline(*, actor: Actor, order_id: str, reason: str, now: datetime) -> Order:
    """As a second person of the buyer, decline an order above the limit."""
    permit(actor, Permission.ORDER_CONFIRM, order_id)
    order = locked_order(order_id)
    return record_step(
        take_step(
            order=order, move=Move.DECLINE, actor=actor.name, by_id=person_of(actor),
            reason=reason, now=now,
        )
    )  # fmt: skip


@transaction.atomic
def cancel(*, actor: Actor, order_id: str, reason: str, now: datetime) -> Order:
    """Cancel an order that has not been paid. Raises what the payment's room raises when the money
    is on its way already.
    """
    permit(actor, Permission.ORDER_CANCEL, order_id)
    order = locked_order(order_id)
    return end_unpaid(
        order, Move.CANCEL, actor=actor.name, by_id=person_of(actor), reason=reason, now=now
    )


def end_unpaid(
    order: Order, move: Move, *, actor: str, by_id: int | None, reason: str, now: datetime
) -> Order:
    """End a locked order before its payment, and the payment with it."""
    awaits_money = order.state == OrderState.CONTRACT_SIGNED and not order.is_free
    text = check_reason(reason) if reason else ""
    step = take_step(order=order, move=move, actor=actor, by_id=by_id, reason=text, now=now)
    if awaits_money:
        payments.cancel_payment(order=order, actor=actor, now=now)
        deposits.forfeit_bound(order=order, actor=actor, now=now)
    return record_step(step)


@transaction.atomic
def set_limit(*, actor: Actor, limit: Money, now: datetime) -> BuyingLimit:
    """Let orders above the limit wait for a second person of the organisation acted for."""
    organisation = _limited(actor)
    row = limits.set_limit(organisation_id=organisation.pk, limit=limit, actor=actor.name, now=now)
    log.record(
        event="orders.limit.set",
        actor=actor.name,
        subject=f"organisation:{organisation.public_id}",
        facts={"currency": limit.currency, "limit_minor": str(limit.minor)},
        at=now,
    )
    return row


@transaction.atomic
def lift_limit(*, actor: Actor, currency: str, now: datetime) -> None:
    """Let one person buy without limit again."""
    organisation = _limited(actor)
    if limits.lift_limit(organisation_id=organisation.pk, currency=currency):
        log.record(
            event="orders.limit.lifted",
            actor=actor.name,
            subject=f"organisation:{organisation.public_id}",
            facts={"currency": currency},
            at=now,
        )


def permit(actor: Actor, permission: Permission, order_id: str) -> None:
    """Raise NotFound or NotAllowed unless the actor may do this to the order."""
    policy.require(actor, permission, subject_of(order_seen_by(actor, order_id)))


def _limited(actor: Actor) -> Organisation:
    organisation = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.LIMIT_SET, Subject.of(organisation))
    return organisation
