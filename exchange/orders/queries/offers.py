"""What is being bought, held still, and whether its buyer used it before."""

from django.db import connection

from exchange.catalog.models import Offer
from exchange.catalog.states import OfferKind
from exchange.orders.models import Order
from exchange.orders.queries import offers_sql
from exchange.orders.states import OrderState


def steady_product(product_pk: int) -> None:
    """Let nobody change the product until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(offers_sql.HOLD_PRODUCT_STEADY, {"product": product_pk})


def steady_offer(offer_id: str) -> None:
    """Let nobody withdraw or change the offer or its product until this transaction ends.

    Call it before reading them: what is read afterwards is what the order freezes.
    """
    with connection.cursor() as cursor:
        cursor.execute(offers_sql.HOLD_STEADY, {"offer": offer_id})


def has_used(*, offer: Offer, buyer_id: int) -> bool:
    """Whether the buyer ever ordered the product by use, on whatever offer; asked of such offers."""
    if offer.kind != OfferKind.METERED:
        return False
    earlier = Order.objects.filter(
        buyer=buyer_id, offer__product=offer.product_id, offer__kind=OfferKind.METERED
    )
    return earlier.exclude(state=OrderState.CANCELLED).exists()
