"""Who pays more for the same, and who trades in circles: figures for people to look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pricing.money import Money

ROWS_MAX = 100
# Prices that bidding or a meter has made are not compared, nor renewals, nor those with a reason.
SPREADS = """
    SELECT o.product_id, o.currency, count(*), count(DISTINCT o.buyer_id),
        min(o.net_minor), max(o.net_minor),
        (array_agg(o.public_id ORDER BY o.net_minor, o.id))[1],
        (array_agg(o.public_id ORDER BY o.net_minor DESC, o.id))[1]
    FROM orders_order AS o
    LEFT JOIN orders_pricereason AS r ON r.order_id = o.id
    WHERE o.created_at >= %(since)s
        AND o.state NOT IN ('created', 'cancelled', 'refunded')
        AND o.net_minor > 0 AND o.renews_id IS NULL AND r.id IS NULL
        AND COALESCE(o.terms -> 'deal' ->> 'basis', '') !~ '^(auction|asset_sale|usage):'
    GROUP BY o.product_id, o.currency,
        (o.terms -> 'offer') - 'id' - 'number' - 'name',
        o.terms ->> 'licence_hash', o.terms -> 'deal' -> 'nature'
    HAVING count(DISTINCT o.buyer_id) > 1
        AND max(o.net_minor) > min(o.net_minor) * (1 + %(limit)s::numeric)
    ORDER BY max(o.net_minor)::numeric / min(o.net_minor) DESC, o.product_id
    LIMIT %(rows)s
"""

CIRCLES = """
    WITH pairs AS (
        SELECT seller_id, buyer_id, currency, count(*) AS trades, sum(net_minor) AS net_minor
        FROM orders_order
        WHERE created_at >= %(since)s AND net_minor > 0
            AND state NOT IN ('created', 'cancelled', 'refunded')
        GROUP BY seller_id, buyer_id, currency
    )
    SELECT a.seller_id, a.buyer_id, a.currency, a.trades, a.net_minor, b.trades, b.net_minor
    FROM pairs AS a
    JOIN pairs AS b ON b.seller_id = a.buyer_id AND b.buyer_id = a.seller_id
        AND b.currency = a.currency
    WHERE a.seller_id < a.buyer_id
    ORDER BY least(a.net_minor, b.net_minor) / greatest(a.net_minor, b.net_minor) DESC,
        a.net_minor + b.net_minor DESC
    LIMIT %(rows)s
"""

AMONG = """
    WITH pairs AS (
        SELECT seller_id, buyer_id, currency, count(*) AS trades, sum(net_minor) AS net_minor
        FROM orders_order
        WHERE created_at >= %(since)s AND net_minor > 0
            AND state NOT IN ('created', 'cancelled', 'refunded')
        GROUP BY seller_id, buyer_id, currency
    )
    SELECT p.seller_id, p.buyer_id, p.currency, p.trades, p.net_minor,
        (SELECT sum(net_minor) FROM pairs AS w
            WHERE w.seller_id = p.seller_id AND w.currency = p.currency)
    FROM pairs AS p
    JOIN unnest(%(firsts)s::bigint[], %(seconds)s::bigint[]) AS related (first, second)
        ON (p.seller_id, p.buyer_id) IN (
            (related.first, related.second), (related.second, related.first)
        )
    ORDER BY p.net_minor DESC
    LIMIT %(rows)s
"""


@dataclass(frozen=True)
class Spread:
    """Orders of one product in one scope: what the cheapest and the dearest cost, net of tax."""

    product_id: int
    orders_count: int
    buyers_count: int
    lowest: Money
    highest: Money
    lowest_order: str
    highest_order: str

    @property
    def share(self) -> Decimal:
        """By how much the dearest is above the cheapest."""
        return Decimal(self.highest.minor) / self.lowest.minor - 1


@dataclass(frozen=True)
class Circle:
    """Two organisations that sell to each other, and how much goes each way."""

    first_id: int
    second_id: int
    first_sales_count: int
    first_sales: Money
    second_sales_count: int
    second_sales: Money

    @property
    def share(self) -> Decimal:
        """The smaller flow by the larger; 1: all that went one way came back."""
        flows = (self.first_sales.minor, self.second_sales.minor)
        return Decimal(min(flows)) / max(flows)


@dataclass(frozen=True)
class RelatedTrade:
    """Sales to a related organisation, and their share of all that the seller sold."""

    seller_id: int
    buyer_id: int
    trades_count: int
    sales: Money
    share: Decimal


def spreads(*, since: datetime, limit: Decimal) -> list[Spread]:
    """Scopes in which the dearest order is more than `limit` above the cheapest, the widest first."""
    return [
        Spread(product, orders, buyers, Money(low, currency), Money(high, currency), first, last)
        for product, currency, orders, buyers, low, high, first, last in _rows(
            SPREADS, since=since, limit=limit
        )
    ]


def circles(*, since: datetime) -> list[Circle]:
    """Pairs that sold to each other, the most even first."""
    return [
        Circle(first, second, sales, Money(int(net), currency), returns, Money(int(back), currency))
        for first, second, currency, sales, net, returns, back in _rows(CIRCLES, since=since)
    ]


def sales_among(pairs: Collection[tuple[int, int]], *, since: datetime) -> list[RelatedTrade]:
    """Sales within these pairs of organisations, in either direction, the largest first."""
    if not pairs:
        return []
    firsts, seconds = zip(*pairs, strict=True)
    return [
        RelatedTrade(seller, buyer, trades, Money(int(net), currency), Decimal(net) / whole)
        for seller, buyer, currency, trades, net, whole in _rows(
            AMONG, since=since, firsts=list(firsts), seconds=list(seconds)
        )
    ]


def _rows(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**facts, "rows": ROWS_MAX})
        return list(cursor.fetchall())
