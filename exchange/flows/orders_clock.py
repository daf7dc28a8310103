"""What time alone does to orders: unpaid ones lapse, inspections end, subscriptions go on."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal
from exchange.flows import accept_delivery, renew_subscription
from exchange.flows.buy_product import end_unpaid
from exchange.orders.actions.steps import locked_order
from exchange.orders.models import Order
from exchange.orders.queries.orders import overdue
from exchange.orders.states import Move, OrderState

log = structlog.get_logger(__name__)

CLOCK = "system:clock"
BATCH_MAX = 100
UNPAID = frozenset({OrderState.CREATED, OrderState.CONTRACT_SIGNED})


def sweep(*, now: datetime) -> dict[str, int]:
    """Do all that is due, each order in a transaction of its own; return how many of each kind."""
    return {
        "lapsed": _each(overdue(states=UNPAID, now=now, limit=BATCH_MAX), _lapse, now),
        "accepted": _each(
            overdue(states=frozenset({OrderState.DELIVERED}), now=now, limit=BATCH_MAX),
            _let_pass,
            now,
        ),
        "subscriptions": renew_subscription.tend(now=now),
    }


def _each(
    order_ids: list[str], deed: Callable[[str, datetime], Order | None], now: datetime
) -> int:
    """Do the deed to each; one that cannot be done is logged and holds up no other."""
    done = 0
    for order_id in order_ids:
        try:
            done += deed(order_id, now) is not None
        except Refusal as refusal:  # its money is on the way, for one
            log.info("orders.order.waits", order=order_id, code=refusal.code)
        except Exception:
            log.exception("orders.order.stuck", order=order_id)
    return done


def _let_pass(order_id: str, now: datetime) -> Order | None:
    return accept_delivery.inspection_over(order_id=order_id, actor=CLOCK, now=now)


@transaction.atomic
def _lapse(order_id: str, now: datetime) -> Order | None:
    """Cancel an order whose time to be confirmed or paid is over; None when somebody was quicker."""
    order = locked_order(order_id)
    if order.state not in UNPAID or order.due_at is None or order.due_at > now:
        return None
    reason = (
        _("Nobody confirmed the order in time.")
        if order.state == OrderState.CREATED
        else _("The order was not paid in time.")
    )
    return end_unpaid(order, Move.LAPSE, actor=CLOCK, by_id=None, reason=reason, now=now)
