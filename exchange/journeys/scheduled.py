"""What the clock does where it takes several rooms: to orders (unpaid ones lapse, inspections end,
subscriptions go on), to disputes (sides stay silent) and to sales of state assets (rounds, biddings and notices end)."""

from datetime import datetime

from exchange.asset_sales import preparing, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE, AssetSaleTransition
from exchange.core.scheduled import Deed, run_due
from exchange.journeys import acceptance, asset_sales, disputes, renewals
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
        "disputes": disputes.run_due(now=now),
        "subscriptions": renewals.run_due(now=now),
    }


def run_asset_sales(*, now: datetime) -> int:
    """Do all that is due, each sale in a transaction of its own; return for how many."""
    deeds: dict[str, Deed] = {
        AssetSaleTransition.CLOSE: rounds.close,
        AssetSaleTransition.AWARD: results.award,
        AssetSaleTransition.CONTRACT: asset_sales.conclude,
        AssetSaleTransition.EXPIRE: preparing.expire,
    }
    return sum(run_due(ASSET_SALE, deeds, now=now).values())


def _inspection_over(order: Order, *, now: datetime) -> Order:
    return acceptance.auto_accept(order, actor=placing.CLOCK, now=now)
