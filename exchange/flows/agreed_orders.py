"""Where every other way to a price meets the shop: what was agreed becomes an order like any other.

An auction, a negotiation, a sale of state assets or a bill for use reserves an offer for its buyer;
here that offer is taken up.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from exchange.catalog.models import Offer
from exchange.flows import deposits, order_progress
from exchange.flows.order_recording import record_step
from exchange.orders.actions.placing import Purchase, place_order
from exchange.orders.actions.steps import locked_order
from exchange.orders.models import Order
from exchange.orders.queries.offers import steady_product
from exchange.orders.queries.terms import terms_document
from exchange.orders.states import OrderState, PaymentMethod


@transaction.atomic
def place_agreed(
    *,
    offer: Offer,
    buyer_id: int,
    by_id: int,
    actor: str,
    now: datetime,
    method: PaymentMethod = PaymentMethod.WALLET,
    number: str = "",
    exclusive: bool = False,
    deposit: str = "",
) -> Order:
    """Take a reserved offer up for its organisation: the order is placed, concluded and, where the
    wallet has the money, paid and delivered.

    Who agreed was asked for a second person before, where its limit asks for one. Taking it up again
    gives the first order. An `exclusive` one keeps every other licence of the product out. `deposit`
    names the purpose of a deposit that turns into the price.
    """
    offer = _locked_offer(offer, buyer_id)
    known = Order.objects.filter(offer=offer).exclude(state=OrderState.CANCELLED).first()
    if known is not None:
        return known
    steady_product(offer.product_id)
    terms = terms_document(offer=offer, at=now)
    paid_by = method if terms["price"]["total_minor"] else PaymentMethod.NONE
    step = place_order(
        purchase=Purchase(offer=offer, terms=terms, method=paid_by, number=number),
        buyer=Organisation.objects.get(pk=buyer_id),
        actor=actor,
        by_id=by_id,
        agreed=True,
        exclusive=exclusive,
        now=now,
    )
    order = locked_order(record_step(step).public_id)
    if deposit:
        deposits.bind_deposit(
            purpose=deposit, organisation_id=buyer_id, order=order, actor=actor, now=now
        )
    return order_progress.conclude(order=order, actor=actor, by_id=by_id, now=now)


def _locked_offer(offer: Offer, buyer_id: int) -> Offer:
    """The offer, which nobody else takes up meanwhile; only one reserved for the buyer fits."""
    found = Offer.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("product__seller").get(pk=offer.pk, reserved_for_id=buyer_id)
