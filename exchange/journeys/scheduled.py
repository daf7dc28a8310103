"""What the clock does to orders: unpaid ones lapse, inspections end, subscriptions go on."""

from datetime import datetime

from exchange.core.scheduled import run_due
from exchange.journeys import acceptance, renewals
from exchange.orders import placing
from exchange.orders.lifecycle import ORDER, OrderTransition
from exchange.orders.models import Order


def run_orders(*, now: datetime) -> dict[str, int]:
    """Do all that is due, each order in a transaction of its own; return how many of each kind."""
    done = run_due(
        ORDER,
        {OrderTransition.LAPSE: placing.lapse, OrderTransition.AUTO_ACCEPT: _inspection_over},
        now=now,
    )
    return {
        "lapsed": done[OrderTransition.LAPSE],
        "accepted": done[OrderTransition.AUTO_ACCEPT],
        "subscriptions": renewals.run_due(now=now),
    }


def _inspection_over(order: Order, *, now: datetime) -> Order:
    return acceptance.auto_accept(order, actor=placing.CLOCK, now=now)
