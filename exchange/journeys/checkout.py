"""Checkout to delivery: the order is placed, its contract concluded, paid, and what was bought opened."""

from datetime import datetime
from typing import Any

from exchange.auctions.exclusive_sales import check_no_exclusive_sale
from exchange.catalog.models import Offer
from exchange.contracts.models import Contract
from exchange.core.use_case import use_case
from exchange.journeys import delivery
from exchange.members.actors import Actor
from exchange.metering import subscriptions
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.orders.placing import CheckoutRequest
from exchange.payments import collection, deposits, wallet_payments
from exchange.payments.gateway.providers import takes_cards


def ways_to_pay(*, total_minor: int) -> tuple[PaymentMethod, ...]:
    """How an order of that total is paid here: by card only where there is a provider; what costs
    nothing by none."""
    if not total_minor:
        return (PaymentMethod.NONE,)
    card = (PaymentMethod.CARD,) if takes_cards() else ()
    return (*card, PaymentMethod.BANK_TRANSFER, PaymentMethod.WALLET)


def terms_now(*, actor: Actor, offer_id: str, now: datetime) -> dict[str, Any]:
    """The terms on which the actor's organisation can buy the offer now. Changes nothing; raises what
    stands in the way."""
    offer = placing.open_offer(actor=actor, offer_id=offer_id, now=now)
    check_no_exclusive_sale(offer.product)
    return placing.terms_now(actor=actor, offer_id=offer_id, now=now)


@use_case()
def checkout(request: CheckoutRequest, *, actor: Actor, now: datetime) -> Order:
    """Place an order on exactly the terms that the buyer saw.

    Above the organisation's limit it then waits for a second person. Otherwise the contract is
    concluded at once: with money, payment starts; without, the order is delivered and closed.
    Raises TermsChanged, and what `terms_now` raises; nothing is kept then.
    """
    offer = placing.open_offer(actor=actor, offer_id=request.offer_id, now=now, lock=True)
    check_no_exclusive_sale(offer.product)
    terms = placing.terms_of(offer, actor=actor, now=now)
    order = placing.place(
        request,
        offer=offer,
        terms=terms,
        accepted=ways_to_pay(total_minor=terms["price"]["total_minor"]),
        actor=actor,
        now=now,
    )
    subscriptions.check_funds(terms=terms, buyer=order.buyer, now=now)
    if order.needs_second:
        return order
    return conclude(placing.sign(order, actor=actor, now=now), actor=actor, now=now)


@use_case()
def confirm(order_id: str, *, actor: Actor, now: datetime) -> Order:
    """As a second person of the buyer, confirm an order above the limit; then as `checkout`."""
    order = placing.confirm(order_id, actor=actor, now=now)
    subscriptions.check_funds(terms=order.terms, buyer=order.buyer, now=now)
    return conclude(order, actor=actor, now=now)


@use_case()
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
    deposit: str = "",
    contract: Contract | None = None,
    supplied_at: datetime | None = None,
    shared_at: datetime | None = None,
) -> Order:
    """Where every other way to a price meets the shop: what was agreed becomes an order like any
    other, concluded and, where the wallet has the money, paid and delivered. `deposit` names the
    purpose of a deposit that turns into the price, `supplied_at` the day whose tax it bears, `shared_at`
    the moment whose shares it has. Asked again it is the first order.
    """
    order = placing.place_agreed(
        offer, buyer_id=buyer_id, by_id=by_id, method=method, po_number=po_number, exclusive=exclusive,
        contract=contract, supplied_at=supplied_at, shared_at=shared_at, actor=actor, now=now,
    )  # fmt: skip
    if order.state != OrderState.CREATED:
        return order
    if deposit:
        deposits.bind(purpose=deposit, order=order, actor=actor, now=now)
    return conclude(placing.sign(order, actor=actor, now=now), actor=actor, now=now)


def conclude(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Have a signed order paid (what the buyer's wallet covers is paid at once) or, when it is free,
    delivered and closed."""
    if order.total_minor == 0:
        return delivery.deliver(order, now=now)
    payment = collection.ask(order, actor=actor, now=now)
    if order.payment_method == PaymentMethod.WALLET:
        wallet_payments.pay(payment, actor=actor, now=now)
    return order
