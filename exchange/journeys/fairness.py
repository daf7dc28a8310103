"""What an operator should look at: unequal prices, trades in circles, self-dealing, unused purchases.

Nothing here acts. Each finding has its figures; a person decides what they mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from exchange.catalog.buyable import receiver_pairs
from exchange.core.rules import rule
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.conflicts import related_pairs
from exchange.members.permissions import Permission
from exchange.orders import fairness
from exchange.orders.fairness import Circle, RelatedTrade, Spread
from pricing.money import Money

SPREAD_LIMIT = "fair.spread_share"
WINDOW_DAYS = "fair.window_days"
CIRCLE_SHARE = Decimal("0.5")
UNUSED_TIMES = 3
ROWS_MAX = 100
PAIRS_MAX = 10_000

# Orders and what was fetched of them, side by side.
_UNUSED = """
    SELECT o.buyer_id, o.product_id, count(*), sum(o.net_minor), o.currency
    FROM orders_order AS o
    LEFT JOIN delivery_entitlement AS e ON e.order_id = o.id
    WHERE o.created_at >= %(since)s AND o.net_minor > 0
        AND o.state NOT IN ('created', 'contract_signed', 'cancelled', 'refunded')
    GROUP BY o.buyer_id, o.product_id, o.currency
    HAVING count(*) >= %(times)s AND NOT bool_or(
        EXISTS (SELECT FROM delivery_delivery AS d WHERE d.entitlement_id = e.id)
    )
    ORDER BY sum(o.net_minor) DESC
    LIMIT %(rows)s
"""


@dataclass(frozen=True)
class Unused:
    """A buyer who pays for the same product again and again and never fetches it."""

    buyer_id: int
    product_id: int
    orders_count: int
    paid: Money


@dataclass(frozen=True)
class Findings:
    """All screens over the trades since a moment, and the limits that they were held against."""

    since: datetime
    spread_limit: Decimal
    spreads: Sequence[Spread]
    circles: Sequence[Circle]
    related: Sequence[RelatedTrade]
    unused: Sequence[Unused]


def look(*, actor: Actor, now: datetime) -> Findings:
    """As an operator or regulator, see what the screens find. Changes nothing."""
    policy.require(actor, Permission.CONSOLE_OPEN)
    days = rule(key=WINDOW_DAYS, at=now).as_int()
    limit = rule(key=SPREAD_LIMIT, at=now).as_decimal()
    since = now - timedelta(days=days)
    return Findings(
        since=since,
        spread_limit=limit,
        spreads=fairness.spreads(since=since, limit=limit),
        circles=[one for one in fairness.circles(since=since) if one.share >= CIRCLE_SHARE],
        related=fairness.sales_among(
            {*related_pairs(limit=PAIRS_MAX), *receiver_pairs(limit=PAIRS_MAX)}, since=since
        ),
        unused=_unused(since),
    )


def _unused(since: datetime) -> list[Unused]:
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED, {"since": since, "times": UNUSED_TIMES, "rows": ROWS_MAX})
        return [
            Unused(buyer, product, orders, Money(int(net), currency))
            for buyer, product, orders, net, currency in cursor
        ]
