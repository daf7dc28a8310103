"""Refund of an order at any time: the money goes back, and an order of which nothing is held any more
ends, with the buyer's access."""

from datetime import datetime

from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.orders.lifecycle import ORDER, OrderTransition
from exchange.orders.models import Order
from exchange.payments import order_refunds
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Refund
from pricing.money import Money


@use_case(locks=ORDER)
def refund(
    order: Order, *, amount: Money, bearer: Bearer, reason: str, actor: Doer, now: datetime
) -> Refund:
    """Give the buyer `amount` of an order's payment back, borne as `order_refunds.preview` shows it.

    The order goes on with what is left; before the release it ends where nothing is left, and the access
    with it. After the release the access stays. Who may do this is asked by those who call it. Raises
    NotPaid and NothingRefundable.
    """
    order_refunds.preview(order, amount=amount, bearer=bearer)
    if order_refunds.gives_all_back(order, amount=amount, bearer=bearer):
        ORDER.transition(order, OrderTransition.MONEY_BACK, actor=actor, reason=reason, now=now)
        entitlements.revoke_order(order, actor=actor, reason=reason, now=now)
    return order_refunds.refund(
        order, amount=amount, bearer=bearer, reason=reason, actor=actor, now=now
    )
