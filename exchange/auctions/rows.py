"""The rows of a sealed bid: their form by mechanism, checked by the pricing library."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from exchange.auctions.errors import BidRefused
from exchange.auctions.models import Auction
from exchange.auctions.states import MANY_ROWS, Kind
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.refusals import PricingRefusal

ROWS_MAX = 50
AMOUNT_MINOR_MAX = 10**15
QUANTITY_MAX = 10**9
PRODUCT = "product"


def checked_rows(auction: Auction, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the mechanism of the auction takes them. Raises BidRefused, naming the field."""
    kind = Kind(auction.kind)
    rows_max = ROWS_MAX if kind in MANY_ROWS else 1
    if not 1 <= len(given) <= rows_max:
        raise BidRefused(
            _("A bid in this auction has from 1 to %(limit)d rows.") % {"limit": rows_max},
            field="rows",
            limit=rows_max,
        )
    return [_row(auction, kind, row, f"rows[{at}]") for at, row in enumerate(given)]


def _row(auction: Auction, kind: Kind, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    shape = MECHANISMS[kind].shape
    named = {PRODUCT} if kind is Kind.PROCUREMENT else set[str]()
    unknown = sorted(set(given) - shape.fields - named)
    if unknown:
        raise BidRefused(
            _("A bid in this auction has no “%(field)s”.") % {"field": unknown[0]},
            field=f"{where}.{unknown[0]}",
            accepted=sorted(shape.fields | named),
        )
    try:
        row = dict(shape.row({k: v for k, v in given.items() if k not in named}, where))
    except PricingRefusal as refusal:
        raise BidRefused(str(refusal), **refusal.facts) from None
    if worth_of([row]) > AMOUNT_MINOR_MAX or row.get("quantity") == 0:
        raise BidRefused(_("The amount is too large."), field=where, limit=AMOUNT_MINOR_MAX)
    if kind is Kind.PACKAGES:
        _check_items(auction, row, where)
    return row | {name: str(given.get(name, "")) for name in named}


def _check_items(auction: Auction, row: Mapping[str, Any], where: str) -> None:
    offered = {item.product.public_id: item.count for item in auction.items.all()}
    for item, count in row["items"].items():
        if count > offered.get(item, 0):
            raise BidRefused(
                _("The auction does not offer that many of one item."),
                field=f"{where}.items",
                accepted=offered,
            )


def worth_of(rows: Sequence[Mapping[str, Any]]) -> int:
    """The most that the bidder would have to pay, in minor units, rounded up."""
    return sum(_worth(row) for row in rows)


def _worth(row: Mapping[str, Any]) -> int:
    if "values" in row:
        return int(max(row["values"]))
    if "spend" in row:
        spend = Fraction(row["spend"])
        return -(-spend.numerator // spend.denominator)
    price = int(row["price"])
    return price * int(row.get("quantity", 1))
