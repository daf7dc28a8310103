"""Checkout: an order on exactly the terms that the buyer saw, and its end before it is paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.catalog import disclosure
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.contracts.models import Contract
from exchange.core.refusals import Invalid
from exchange.core.use_case import use_case
from exchange.members import policy, standing
from exchange.members.actors import (
    Actor,
    ActorKind,
    Subject,
    bound_person,
    commit,
    organisation_of,
    person_of,
    system_actor,
)
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.orders import discount_tiers, licence_windows
from exchange.orders.errors import (
    ApprovalNeeded,
    BillStaysDue,
    PaymentMethodRefused,
    TermsChanged,
)
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition, PaymentMethod
from exchange.orders.models import Order
from exchange.orders.models.orders import NUMBER_CHARS_MAX
from exchange.orders.terms import (
    applies,
    changes_between,
    has_used,
    lock_product,
    read_offer,
    renewed,
    seller_of,
    taxed_at,
    terms_document,
    terms_hash,
    tier_of,
)
from pricing.money import Money

# What the basis of an offer begins with that bills metered use.
USAGE_BASIS = "usage:"
# What one person may spend alone: nothing in a currency that no limit was set in where one was in
# another, also after two people lifted that; NULL in the one where they did, and without any.
LIMIT = """
    SELECT CASE
        WHEN bool_or(own.currency = {currency})
        THEN max(own.limit_minor) FILTER (WHERE own.currency = {currency})
        WHEN count(*) > 0 THEN 0 END
    FROM {rows} AS own WHERE own.organisation_id = %(organisation)s
"""
# A shared lock: orders do not wait for each other, changes of the limit wait for orders.
READ_LOCKED = """
    WITH locked AS MATERIALIZED (
        SELECT * FROM orders_buyinglimit WHERE organisation_id = %(organisation)s FOR SHARE
    )
"""
READ_LOCKED += LIMIT.format(rows="locked", currency="%(currency)s")


def limit_of(*, organisation_id: int, currency: str) -> Money | None:
    """The limit, which nobody changes until this transaction ends; None where there is none at all.

    Where limits were set, but none in this currency, it is zero: a limit would mean little if an order
    in another currency passed it by, and lifting one lifts no other.
    """
    with connection.cursor() as cursor:
        cursor.execute(READ_LOCKED, {"organisation": organisation_id, "currency": currency})
        row = cursor.fetchone()
    return None if row[0] is None else Money(row[0], currency)


CLOCK = system_actor("clock")

# The standing of both parties that the buyer's next step takes, by where the order stands: confirming
# is new business, and paying what was agreed is owed.
STANDING_TAKEN = {OrderState.CREATED: Business.NEW, OrderState.CONTRACT_SIGNED: Business.OWED}


class PoNumberRefused(Invalid):
    """The buyer's PO number is too long or has characters that no number has."""

    code = "po_number_refused"


@dataclass(frozen=True)
class CheckoutRequest:
    """What the buyer sends: the offer, the hash of the terms that they saw (and, to have a difference
    explained, those terms), how they pay, their PO number, whether a subscription goes on."""

    offer_id: str
    terms_hash: str
    method: PaymentMethod
    po_number: str = ""
    auto_renew: bool = True
    seen: Mapping[str, Any] | None = None


def terms_now(*, actor: Actor, offer_id: str, now: datetime) -> dict[str, Any]:
    """The terms on which the actor's organisation can buy the offer now. Changes nothing.

    Raises what stands in the way: product_withdrawn, trusted_space_not_open, offer_withdrawn,
    not_allowed, approval_needed.
    """
    return _terms(open_offer(actor=actor, offer_id=offer_id, now=now), actor, now)


def open_offer(*, actor: Actor, offer_id: str, now: datetime, lock: bool = False) -> Offer:
    """The offer, if the actor may buy it now; with `lock` nobody changes it or its product until this
    transaction ends."""
    buyer_id = organisation_of(actor)
    if lock:
        seller_id = seller_of(offer_id)
        if seller_id is not None:
            permit_buying(actor, seller_id=seller_id)
            standing.hold(seller_id, buyer_id)
    offer = read_offer(offer_id, buyer_id=buyer_id, at=now, lock=lock)
    if not lock:
        permit_buying(actor, seller_id=offer.product.seller_id)
        standing.check(offer.product.seller_id, buyer_id)
    if offer.needs_approval:
        raise ApprovalNeeded(
            _("The seller approves each buyer of this offer: ask for it on the product's page."),
            product=offer.product.public_id,
        )
    return offer


def permit_buying(actor: Actor, *, seller_id: int) -> None:
    """Raise NotAllowed unless the actor may buy from the seller for the organisation acted for."""
    buyer_id = organisation_of(actor)
    subject = Subject(organisation_id=seller_id, engaged=frozenset({buyer_id}))
    policy.require(actor, Permission.TRADE_BUY, subject)


def place(
    request: CheckoutRequest,
    *,
    offer: Offer,
    terms: Mapping[str, Any],
    accepted: Sequence[PaymentMethod],
    actor: Actor,
    now: datetime,
) -> Order:
    """Place an order for a locked open offer on the `terms` read after that, if they are those that
    the buyer saw. Above the organisation's limit it waits for a second person.

    Raises TermsChanged, PaymentMethodRefused, PoNumberRefused and LicenceExcluded.
    """
    _check_terms(request, terms)
    buyer = Organisation.objects.get(pk=organisation_of(actor))
    order = _new_order(
        offer, terms, buyer=buyer, by_id=bound_person(actor), po_number=request.po_number,
        method=_checked_method(request.method, accepted), now=now,
    )  # fmt: skip
    limit = limit_of(organisation_id=buyer.pk, currency=order.currency)
    order.needs_second = limit is not None and order.total_minor > limit.minor
    order.auto_renew = bool(offer.period) and request.auto_renew
    if actor.kind is ActorKind.KEY:
        total = Money(order.total_minor, order.currency)
        commit(actor, subject=f"order:{order.public_id}", amount=total, now=now)
    _place(order, actor=actor, now=now)
    tier = tier_of(seller_id=offer.product.seller_id, buyer_id=buyer.pk)
    if applies(tier, offer):
        discount_tiers.record_discount_reason(order=order, tier=tier, actor=actor, now=now)
    return order


def terms_of(offer: Offer, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The terms of a locked open offer for the actor's organisation. Buyers of what is used by the
    meter take turns here: what is free at first is given once."""
    if offer.kind == OfferKind.METERED:
        buyers = Organisation.objects.select_for_update(no_key=True)
        buyers.get(pk=organisation_of(actor))
    return _terms(offer, actor, now)


def place_agreed(
    offer: Offer,
    *,
    buyer_id: int,
    by_id: int,
    actor: Actor,
    now: datetime,
    method: PaymentMethod = PaymentMethod.WALLET,
    po_number: str = "",
    exclusive: bool = False,
    contract: Contract | None = None,
    supplied_at: datetime | None = None,
    shared_at: datetime | None = None,
) -> Order:
    """Take up an offer that an auction, a negotiation, a sale of state assets or a bill reserved for
    its buyer. Who agreed was asked for a second person before. Taking it up again gives the first
    order. An `exclusive` one keeps every other licence of the product out; one of a `contract`
    performs it. Tax is that of the day of supply, which is today unless `supplied_at` says otherwise;
    shares are those of `shared_at`.
    """
    lock_product(offer.product_id)
    offer = (
        Offer.objects.select_for_update(of=("self",), no_key=True)
        .select_related("product__seller")
        .get(pk=offer.pk, reserved_for_id=buyer_id)
    )
    known = Order.objects.filter(offer=offer).exclude(state=OrderState.CANCELLED).first()
    if known is not None:
        return ORDER.lock_again(known)
    terms = taxed_at(
        terms_document(offer=offer, at=now, shared_at=shared_at, contract=contract),
        supplied_at or now,
    )
    order = _new_order(
        offer, terms, buyer=Organisation.objects.get(pk=buyer_id), by_id=by_id, po_number=po_number,
        method=method if terms["price"]["total_minor"] else PaymentMethod.NONE, now=now,
    )  # fmt: skip
    order.contract = contract
    return _place(order, actor=actor, by_id=by_id, exclusive=exclusive, is_agreed=True, now=now)


def place_renewal(of: Order, *, period: tuple[datetime, datetime], now: datetime) -> Order:
    """Place the order for the next period, on the terms of the one that it renews, with the tax of the day on
    which the period begins and the shares of that day, or those that its contract froze."""
    same = (
        "buyer", "seller", "product_id", "offer_id", "placed_by_id", "confirmed_by_id",
        "needs_second", "title", "title_zh", "currency", "net_minor", "payment_method", "po_number",
    )  # fmt: skip
    terms = renewed(of.terms, of.product, day=period[0], now=now)
    order = Order(
        **{field: getattr(of, field) for field in same},
        terms=terms,
        terms_hash=terms_hash(terms),
        tax_minor=terms["price"]["tax_minor"],
        total_minor=terms["price"]["total_minor"],
        renews=of,
        period_from=period[0],
        period_until=period[1],
        created_at=now,
    )
    exclusive = licence_windows.is_exclusive(of)
    return _place(order, actor=CLOCK, exclusive=exclusive, is_agreed=True, now=now)


@use_case(Permission.ORDER_CONFIRM, locks=ORDER)
def confirm(order: Order, *, actor: Actor, now: datetime) -> Order:
    """As a second person of the buyer, confirm an order above the limit."""
    ORDER.check(order, OrderTransition.CONFIRM)
    standing.hold(order.seller_id, order.buyer_id)
    disclosure.check_orderable(order.product)
    order.confirmed_by_id = person_of(actor)
    return sign(order, actor=actor, now=now)


def sign(order: Order, *, actor: Actor, now: datetime, due_at: datetime | None = None) -> Order:
    """Confirm a locked order and conclude its contract on the frozen terms; it is to be paid until
    `due_at` or the rule's time."""
    ORDER.transition(
        order, OrderTransition.CONFIRM, actor=actor, save=("confirmed_by",), skip_deadline=True,
        now=now,
    )  # fmt: skip
    return ORDER.transition(
        order, OrderTransition.SIGN, actor=actor, facts={"terms": order.terms_hash},
        skip_deadline=order.total_minor == 0, due_at=due_at, now=now,
    )  # fmt: skip


def check_goes_on(order: Order) -> None:
    """Raise PartyNotInStanding where the standing of a party keeps an order from being confirmed or paid."""
    business = STANDING_TAKEN.get(OrderState(order.state))
    if business is not None:
        standing.check(order.seller_id, order.buyer_id, business=business)


def obstacle(order: Order) -> str:
    """What `check_goes_on` refuses with, as a sentence; empty where the order can go on."""
    business = STANDING_TAKEN.get(OrderState(order.state))
    if business is None:
        return ""
    return standing.obstacle(order.seller_id, order.buyer_id, business=business)


@use_case(Permission.ORDER_CONFIRM, locks=ORDER)
def decline(order: Order, *, actor: Actor, reason: str, now: datetime) -> Order:
    """As a second person of the buyer, decline an order above the limit."""
    return ORDER.transition(order, OrderTransition.DECLINE, actor=actor, reason=reason, now=now)


@use_case(Permission.ORDER_CANCEL, locks=ORDER)
def cancel(order: Order, *, actor: Actor, reason: str, now: datetime) -> Order:
    """Cancel an order that has not been paid; its payment ends with it (a reaction of payments, which
    refuses while the money is on its way). Raises BillStaysDue for one that pays for past use."""
    if is_owed(order):
        raise BillStaysDue(
            _(
                "This order is the bill for what was used; it is paid, not cancelled. Object on the meter."
            )
        )
    return ORDER.transition(order, OrderTransition.CANCEL, actor=actor, reason=reason, now=now)


def lapse(order: Order, *, now: datetime) -> Order:
    """Cancel a locked order whose time to be confirmed or paid is over. A bill for past use stays due
    and the buyer is told again."""
    if is_owed(order):
        reason = _("The bill for metered use is not paid yet; it stays due.")
        return ORDER.transition(
            order, OrderTransition.PAYMENT_FAILED, actor=CLOCK, reason=reason, now=now
        )
    reason = (
        _("Nobody confirmed the order in time.")
        if order.state == OrderState.CREATED
        else _("The order was not paid in time.")
    )
    return ORDER.transition(order, OrderTransition.LAPSE, actor=CLOCK, reason=reason, now=now)


def is_owed(order: Order) -> bool:
    """Whether the order is the unpaid bill of something that was used already."""
    basis = str(order.terms["deal"]["basis"])
    return order.state == OrderState.CONTRACT_SIGNED and basis.startswith(USAGE_BASIS)


def _terms(offer: Offer, actor: Actor, now: datetime) -> dict[str, Any]:
    buyer_id = organisation_of(actor)
    tier = tier_of(seller_id=offer.product.seller_id, buyer_id=buyer_id)
    is_first = not has_used(offer=offer, buyer_id=buyer_id)
    return terms_document(offer=offer, at=now, tier=tier, is_first=is_first)


def _new_order(
    offer: Offer,
    terms: Mapping[str, Any],
    *,
    buyer: Organisation,
    by_id: int,
    po_number: str,
    method: PaymentMethod,
    now: datetime,
) -> Order:
    product, price = offer.product, terms["price"]
    return Order(
        buyer=buyer,
        seller=product.seller,
        product=product,
        offer=offer,
        placed_by_id=by_id,
        title=product.title,
        title_zh=product.title_zh,
        terms=dict(terms),
        terms_hash=terms_hash(terms),
        currency=price["currency"],
        net_minor=price["net_minor"],
        tax_minor=price["tax_minor"],
        total_minor=price["total_minor"],
        payment_method=method,
        po_number=_checked_po_number(po_number),
        created_at=now,
    )


def _place(
    order: Order,
    *,
    actor: Actor,
    now: datetime,
    by_id: int | None = None,
    exclusive: bool = False,
    is_agreed: bool = False,
) -> Order:
    """Write the order and take its licence window; the limit stays as it was read until then."""
    ORDER.transition(
        order,
        OrderTransition.PLACE,
        actor=actor,
        by_id=by_id,
        facts={"exclusive": True} if exclusive else None,
        skip_deadline=is_agreed or not order.needs_second,
        now=now,
    )
    licence_windows.take(order=order, exclusive=exclusive, now=now)
    return order


def _check_terms(request: CheckoutRequest, terms: Mapping[str, Any]) -> None:
    current = terms_hash(terms)
    if request.terms_hash == current:
        return
    raise TermsChanged(
        _("The terms have changed since you saw them. Nothing was ordered; look at them again."),
        changes=changes_between(request.seen, terms) if request.seen else [],
        terms_hash=current,
        total_minor=terms["price"]["total_minor"],
        currency=terms["price"]["currency"],
    )


def _checked_method(method: PaymentMethod, accepted: Sequence[PaymentMethod]) -> PaymentMethod:
    if method not in accepted:
        raise PaymentMethodRefused(
            _("This costs nothing.") if PaymentMethod.NONE in accepted else _("Choose how to pay."),
            accepted=[one.value for one in accepted],
        )
    return method


def _checked_po_number(number: str) -> str:
    """The buyer's PO number, printed on the invoice."""
    number = number.strip()
    if len(number) > NUMBER_CHARS_MAX or not number.isprintable():
        raise PoNumberRefused(
            _("A PO number may have at most %(limit)d printable characters.")
            % {"limit": NUMBER_CHARS_MAX},
            limit=NUMBER_CHARS_MAX,
        )
    return number
