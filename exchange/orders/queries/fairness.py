"""Who pays more for the same, and who trades in circles: figures for people to look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from exchange.orders.queries.fairness_sql import AMONG, CIRCLES, SPREADS
from pricing.money import Money

ROWS_MAX = 100


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
