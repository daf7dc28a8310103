"""What an organiser asks for, what a bidder sends, and the rows of a sealed bid, whose form the pricing
library checks by mechanism."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from exchange.auctions.errors import BidRefused
from exchange.auctions.lifecycle import MANY_ROWS, Kind
from exchange.auctions.models import Auction
from exchange.catalog.lifecycle import DealNature, Future, History
from exchange.core.inputs import AMOUNT_MINOR_MAX
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.refusals import PricingRefusal

ROWS_MAX = 50
QUANTITY_MAX = 10**9
PRODUCT = "product"


@dataclass(frozen=True)
class Access:
    """Which revisions the licence includes, and for how many days (None: for ever)."""

    access_days: int | None = None
    history: History = History.ALL
    history_count: int | None = None
    future: Future = Future.NONE

    @property
    def document(self) -> dict[str, Any]:
        return {
            "access_days": self.access_days,
            "history": self.history.value,
            "history_count": self.history_count,
            "future": self.future.value,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Access":
        return cls(
            access_days=document.get("access_days"),
            history=History(document.get("history", History.ALL)),
            history_count=document.get("history_count"),
            future=Future(document.get("future", Future.NONE)),
        )


@dataclass(frozen=True)
class ItemRequest:
    """One product of a bundle auction: how many licences there are, and the reserve of each."""

    product_id: str
    count: int = 1
    reserve_minor: int = 0


@dataclass(frozen=True)
class AuctionRequest:
    """An auction as its organiser asks for it. Amounts are whole minor units, net of tax.

    `opening_minor` is the opening of an English auction, or where a falling clock starts;
    `reserve_minor` the reserve, the clock's floor, or in a procurement the most that is paid.
    `increments` are rows of (from price, step). `options` are those of the mechanism:
    `mechanism.OPTIONS`, and `step_minor` and `every_seconds` of a falling clock.
    """

    kind: Kind
    currency: str
    opens_at: datetime
    closes_at: datetime
    product_id: str = ""
    title: str = ""
    title_zh: str = ""
    items: Sequence[ItemRequest] = ()
    access: Access = field(default_factory=Access)
    deal_nature: DealNature = DealNature.LICENCE
    exclusive: bool = False
    opening_minor: int = 0
    reserve_minor: int = 0
    reserve_shown: bool = True
    increments: Sequence[tuple[int, int]] = ()
    quantity: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    deposit_minor: int = 0
    soft_window_seconds: int = 0
    soft_extension_seconds: int = 0
    closes_by: datetime | None = None
    reveal_seconds: int = 0


@dataclass(frozen=True)
class BidRequest:
    """What a bidder sends. A live auction takes `amount_minor` (and, on a falling clock, a quantity);
    a sealed one `rows`, or only the `commitment` to rows that are revealed after the close.

    `commitment` beside `rows` is checked; without a `nonce` one is made and given back.
    """

    currency: str
    amount_minor: int | None = None
    quantity: int = 1
    rows: Sequence[Mapping[str, Any]] = ()
    nonce: str = ""
    commitment: str = ""


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
