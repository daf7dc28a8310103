"""Recording why a price differs."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal
from exchange.orders.actions.steps import check_reason
from exchange.orders.models import Order, PriceReason
from exchange.orders.states import PriceGround


class PriceReasonKnown(Refusal):
    """The order has a recorded reason already; it is never changed."""

    code = "price_reason_known"


def record_reason(
    *, order: Order, ground: PriceGround, words: str, actor: str, now: datetime
) -> PriceReason:
    """Record the ground of a locked order's price, once."""
    if PriceReason.objects.filter(order=order).exists():
        raise PriceReasonKnown(_("This order has a recorded reason already."))
    return PriceReason.objects.create(
        order=order, ground=ground, words=check_reason(words), by=actor, at=now
    )
