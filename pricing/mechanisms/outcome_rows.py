"""Outcomes in JSON values: what every mechanism's awards look like."""

from collections.abc import Iterable
from typing import Any

from pricing.mechanisms.bids import Bid, Ints

Outcome = dict[str, Any]
Row = tuple[str, int, int]  # bidder, quantity, payment


def awards(rows: Iterable[Row]) -> list[Outcome]:
    """bidder, quantity, payment: one row for each bidder who gets anything, by name."""
    sums: dict[str, tuple[int, int]] = {}
    for bidder, quantity, payment in rows:
        if quantity:
            units_so_far, paid_so_far = sums.get(bidder, (0, 0))
            sums[bidder] = units_so_far + quantity, paid_so_far + payment
    return [
        {"bidder": bidder, "quantity": quantity, "payment": payment}
        for bidder, (quantity, payment) in sorted(sums.items())
    ]


def outcome(rows: Iterable[Row], **more: object) -> Outcome:
    given = awards(rows)
    return {"awards": given, "revenue": sum(row["payment"] for row in given), **more}


def at_one_price(bids: list[Bid], fills: Ints, price: int) -> list[Row]:
    return [
        (bid.bidder, units, units * price) for bid, units in zip(bids, fills.tolist(), strict=True)
    ]
