"""What an organisation has or has ordered of a product already, so that nothing is bought twice unawares."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal
from exchange.delivery.models import Entitlement
from exchange.delivery.queries.entitlements import check_open, entitlements_of
from exchange.orders.errors import OrderedBefore
from exchange.orders.models import Order
from exchange.orders.states import OrderState

OVER = (OrderState.CANCELLED, OrderState.REFUNDED)
UNPAID = (OrderState.CREATED, OrderState.CONFIRMED, OrderState.CONTRACT_SIGNED)
ORDERS_LOOKED_AT_MAX = 20


@dataclass(frozen=True)
class Holding:
    """An order that goes on, or access that is open: a sentence, where it is, and the offer bought."""

    sentence: str
    url: str
    label: str
    offer_id: str


def holdings_of(organisation_id: int, product_id: str, *, now: datetime) -> tuple[Holding, ...]:
    """What the organisation has of the product, the newest first."""
    orders = (
        Order.objects.filter(buyer=organisation_id, product__public_id=product_id)
        .select_related("offer")
        .exclude(state__in=OVER)
        .order_by("-pk")[:ORDERS_LOOKED_AT_MAX]
    )
    given = entitlements_of(organisation_id).filter(product__public_id=product_id)
    access = {entitlement.order_ref: entitlement for entitlement in given}
    found = (_holding(order, access.get(order.public_id), now=now) for order in orders)
    return tuple(holding for holding in found if holding is not None)


def check_not_held(holdings: tuple[Holding, ...], *, offer_id: str) -> None:
    """Raise OrderedBefore where an order of the offer goes on, or its access is open."""
    if any(holding.offer_id == offer_id for holding in holdings):
        raise OrderedBefore(
            _("Nothing was ordered, because you have this already. Tick here to order it again.")
        )


def _holding(order: Order, entitlement: Entitlement | None, *, now: datetime) -> Holding | None:
    order_url = reverse("web:order", args=[order.public_id])
    if order.state in UNPAID:
        sentence = _("Your organisation has ordered this already. The order is not paid yet.")
        return Holding(sentence, order_url, _("To the order"), order.offer.public_id)
    if entitlement is None:
        sentence = _("Your organisation has ordered this already. It is being delivered.")
        return Holding(sentence, order_url, _("To the order"), order.offer.public_id)
    try:
        check_open(entitlement, at=now)
    except Refusal:
        return None
    url = reverse("web:entitlement", args=[entitlement.public_id])
    return Holding(
        _("Your organisation has this already."), url, _("Open it"), order.offer.public_id
    )
