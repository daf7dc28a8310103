"""Auctions as documents: terms and bids in JSON values, read strictly, written in one order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from pricing.exact import above_zero, exact_text, mapping, refuse, sequence
from pricing.mechanisms.bids import (
    BIDS_MAX,
    PRICE_MAX,
    Bid,
    EmptyBook,
    check_count,
    check_one,
    check_price,
    check_unique,
)
from pricing.mechanisms.english import AuctionClosed, OwnAuction
from pricing.mechanisms.licences import LicenceBid
from pricing.mechanisms.packages import PackageBid
from pricing.mechanisms.units import BudgetBid

FORMAT = "assay.auction/1"
NAME_MAX = 200
TIME_MAX = 2**62
Fields = Mapping[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)
# Terms that every auction may have: who sells, when bids were taken, what the auction is called.
NAMES = frozenset({"auction", "seller", "currency"})
TIMES = frozenset({"opens_at", "closes_at"})
COMMON_TERMS = NAMES | TIMES
RANK = frozenset({"bidder", "time", "seq"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of row: the fields beside bidder, time and seq, and how a row is made canonical."""

    fields: frozenset[str]
    row: Callable[[Fields, str], Fields]


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_MAX:
        refuse(field, value, f"a name of 1 to {NAME_MAX} characters")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            refuse(field, ascii(value), "a name without lone surrogates")
    return value


def _unit_row(fields: Fields, where: str) -> Fields:
    return {
        "price": check_price(fields.get("price"), f"{where}.price"),
        "quantity": check_count(fields.get("quantity", 1), f"{where}.quantity"),
    }


def _one_row(fields: Fields, where: str) -> Fields:
    """As a row of units, of one unit."""
    price = check_price(fields.get("price"), f"{where}.price")
    return {"price": price, "quantity": check_one(fields.get("quantity", 1), f"{where}.quantity")}


def _order_row(fields: Fields, where: str) -> Fields:
    """As a row of units, at any price: who must get rid of electricity pays for it."""
    price = check_price(fields.get("price"), f"{where}.price", least=-PRICE_MAX)
    return {"price": price, "quantity": check_count(fields.get("quantity", 1), f"{where}.quantity")}


def _package_row(fields: Fields, where: str) -> Fields:
    items = fields.get("items")
    if isinstance(items, list):
        names = [_name(item, f"{where}.items") for item in items]
        check_unique(names, f"{where}.items", "each item once, or counts")
        items = dict.fromkeys(names, 1)
    counted = {
        _name(item, f"{where}.items"): check_count(count, f"{where}.items.{item}")
        for item, count in mapping(items, f"{where}.items").items()
    }
    price = check_price(fields.get("price"), f"{where}.price")
    return {"price": price, "items": dict(sorted(counted.items()))}


def _licence_row(fields: Fields, where: str) -> Fields:
    return {"values": list(sequence(fields.get("values"), f"{where}.values", most=1000))}


def _budget_row(fields: Fields, where: str) -> Fields:
    return {
        name: exact_text(above_zero(fields.get(name), f"{where}.{name}"))
        for name in ("spend", "quantity")
    }


UNITS = Shape(frozenset({"price", "quantity"}), _unit_row)
ONE = Shape(frozenset({"price", "quantity"}), _one_row)
ORDERS = Shape(frozenset({"price", "quantity"}), _order_row)
PACKAGES = Shape(frozenset({"price", "items"}), _package_row)
LICENCES = Shape(frozenset({"values"}), _licence_row)
BUDGETS = Shape(frozenset({"spend", "quantity"}), _budget_row)


@dataclass(frozen=True, slots=True)
class Auction:
    """A checked auction. Rows are ranked by (time, seq): the order of arrival is not in it."""

    mechanism: str
    terms: Fields
    bid_rows: tuple[Fields, ...]
    offer_rows: tuple[Fields, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The canonical document: what the digest of the inputs is taken of."""
        return {
            "format": FORMAT,
            "mechanism": self.mechanism,
            "terms": dict(self.terms),
            "bids": [dict(row) for row in self.bid_rows],
            **({"offers": [dict(row) for row in self.offer_rows]} if self.offer_rows else {}),
        }

    def bids(self) -> list[Bid]:
        return [Bid(**row) for row in self.bid_rows]

    def offers(self) -> list[Bid]:
        return [Bid(**row) for row in self.offer_rows]

    def package_bids(self) -> list[PackageBid]:
        rows = [{**row, "items": tuple(row["items"].items())} for row in self.bid_rows]
        return [PackageBid(**row) for row in rows]

    def licence_bids(self) -> list[LicenceBid]:
        return [LicenceBid(**{**row, "values": tuple(row["values"])}) for row in self.bid_rows]

    def budget_bids(self) -> list[BudgetBid]:
        return [
            BudgetBid(
                **{**row, "spend": Fraction(row["spend"]), "quantity": Fraction(row["quantity"])}
            )
            for row in self.bid_rows
        ]

    def count(self, term: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole-number term. Raises BadValue where it is missing and has no default."""
        return check_count(self.terms.get(term, default), f"terms.{term}", least=least)

    def time(self, term: str, default: int | None = None) -> int:
        """A moment, in the unit of the bids' times."""
        return check_count(self.terms.get(term, default), f"terms.{term}", least=0, most=TIME_MAX)

    def exact(self, term: str, default: str | None = None) -> Fraction:
        """A term that may be a fraction, above zero."""
        return above_zero(self.terms.get(term, default), f"terms.{term}")

    def choice(self, term: str, default: Choice) -> Choice:
        """One of the words of an enumeration."""
        given = self.terms.get(term, default.value)
        kind = type(default)
        if given not in list(kind):
            refuse(f"terms.{term}", given, f"one of {', '.join(kind)}")
        return kind(given)

    def flag(self, term: str) -> bool:
        given = self.terms.get(term, False)
        if not isinstance(given, bool):
            refuse(f"terms.{term}", given, "true or false")
        return given


def read_auction(
    document: object, mechanism: str, *, shape: Shape, terms: frozenset[str], two_sided: bool
) -> Auction:
    """A checked auction of that mechanism. Raises BadValue, DuplicateBid, EmptyBook and the
    refusals of bids that may not be there."""
    fields = mapping(document, "auction")
    allowed = {"format", "mechanism", "terms", "bids"} | ({"offers"} if two_sided else set())
    _known(fields, allowed, "auction")
    given = mapping(fields.get("terms", {}), "terms")
    _known(given, terms | COMMON_TERMS, "terms")
    _check_common(given)
    return Auction(
        mechanism,
        given,
        _rows(fields.get("bids"), "bids", shape, given),
        _rows(fields.get("offers"), "offers", shape, given) if two_sided else (),
    )


def _check_common(terms: Fields) -> None:
    for name in sorted(NAMES & terms.keys()):
        _name(terms[name], f"terms.{name}")
    for name in sorted(TIMES & terms.keys()):
        check_count(terms[name], f"terms.{name}", least=0, most=TIME_MAX)
    opens_at, closes_at = terms.get("opens_at", 0), terms.get("closes_at")
    if closes_at is not None and closes_at <= opens_at:
        refuse("terms.closes_at", closes_at, f"a time after {opens_at}, the opening")


def _known(fields: Fields, allowed: set[str] | frozenset[str], where: str) -> None:
    for name in fields:
        if name not in allowed:
            refuse(f"{where}.{name}", fields[name], f"only {', '.join(sorted(allowed))}")


def _rows(given: object, where: str, shape: Shape, terms: Fields) -> tuple[Fields, ...]:
    rows = sequence(given, where, most=BIDS_MAX)
    if not rows:
        raise EmptyBook(
            f"The field {where} is empty; accepted is one entry or more.",
            field=where,
            value=0,
            accepted="one entry or more",
        )
    read = [_row(row, f"{where}[{index}]", shape) for index, row in enumerate(rows)]
    check_unique([row["seq"] for row in read], f"{where}.seq", "a number that no other bid has")
    for index, row in enumerate(read):
        _may_bid(row, f"{where}[{index}]", terms)
    return tuple(sorted(read, key=lambda row: (row["time"], row["seq"])))


def _row(row: object, where: str, shape: Shape) -> Fields:
    fields = mapping(row, where)
    _known(fields, shape.fields | RANK, where)
    return {
        "bidder": _name(fields.get("bidder"), f"{where}.bidder"),
        "time": check_count(fields.get("time", 0), f"{where}.time", least=0, most=TIME_MAX),
        "seq": check_count(fields.get("seq"), f"{where}.seq", least=0, most=TIME_MAX),
        **shape.row(fields, where),
    }


def _may_bid(row: Fields, where: str, terms: Fields) -> None:
    if row["bidder"] == terms.get("seller"):
        raise OwnAuction(
            f"The field {where}.bidder is {row['bidder']!r}, the seller; accepted is anybody else.",
            field=f"{where}.bidder",
            value=row["bidder"],
            accepted="anybody but the seller",
        )
    opens_at, closes_at = terms.get("opens_at", 0), terms.get("closes_at")
    # A soft close moves the end: there the mechanism itself judges each bid.
    ends = None if "soft_close" in terms else closes_at
    if row["time"] < opens_at or (ends is not None and row["time"] >= ends):
        before = " on" if ends is None else f" and before {ends}"
        raise AuctionClosed(
            f"The field {where}.time is {row['time']}; accepted is a time from {opens_at}{before}.",
            field=f"{where}.time",
            value=row["time"],
            accepted=[opens_at, ends],
        )
