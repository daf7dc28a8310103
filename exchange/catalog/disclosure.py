"""What may leave of a product's data, by delivery kind, grade, who asks and personal flags: the one
place that decides.

`may_leave` reads a table. Everything that shows or hands out data asks it: entitlements, links and
files (`delivery/after_payment.py`), samples, previews and dictionaries on pages and in the API, the
search, documents. `disclosed` cuts a table's document down to what the answer allows; pages and
shapes take a `Disclosed` only. `personal_columns` says of which columns no value is shown to
anybody, whatever the answer: nothing leaves of them but how many cells are empty, and the files to
who bought them.

`check_orderable` says whether this exchange can hand over what an order would promise.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol

from django.utils.translation import gettext as _

from exchange.catalog.errors import DataStays, TrustedSpaceNotOpen
from exchange.catalog.lifecycle import Delivery, FlagState, Grade
from exchange.vault.masks import found_in, masked, with_beside


class Part(StrEnum):
    """What can leave, from the least to the most."""

    COUNTS = "counts"  # names, types and descriptions of columns; rows, empty and distinct cells; quality
    VALUES = (
        "values"  # single values: examples, extremes, mean, quantiles, frequent values, coverage
    )
    ROWS = "rows"  # the preview
    SAMPLE = "sample"  # the free file of rows
    BYTES = "bytes"  # the files themselves


class Asker(StrEnum):
    """Who wants to see or have it. Members that bought nothing see what everybody sees."""

    ANYBODY = "anybody"
    OPERATOR = "operator"
    BUYER = "buyer"
    SELLER = "seller"


class Offered(Protocol):
    """A product, as far as the rule needs it."""

    @property
    def delivery(self) -> str: ...
    @property
    def grade(self) -> str: ...


class Flagged(Protocol):
    """A flag of a column, as far as the rule needs it."""

    @property
    def column(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def lifted_at(self) -> datetime | None: ...


Parts = frozenset[Part]
Document = Mapping[str, Any]
# A table's document of which nothing is left that may not be seen. Made by `disclosed` alone.
Disclosed = NewType("Disclosed", Mapping[str, Any])

ALL: Parts = frozenset(Part)
NOTHING: Parts = frozenset()
COUNTED: Parts = frozenset({Part.COUNTS})
SHOWN: Parts = COUNTED | {Part.VALUES, Part.ROWS, Part.SAMPLE}
SOLD: Parts = SHOWN | {Part.BYTES}
SOLD_UNSEEN: Parts = COUNTED | {Part.BYTES}

# By grade: general 1, 2, 3 and 4, important, core. Bytes are for who bought them.
_GRADES = (
    Grade.GENERAL_1,
    Grade.GENERAL_2,
    Grade.GENERAL_3,
    Grade.GENERAL_4,
    Grade.IMPORTANT,
    Grade.CORE,
)
_MAY_LEAVE: Mapping[Delivery, Sequence[Parts]] = {
    Delivery.FILE: (SOLD, SOLD, SOLD_UNSEEN, COUNTED, COUNTED, NOTHING),
    Delivery.API: (SHOWN, SHOWN, COUNTED, COUNTED, COUNTED, NOTHING),
    Delivery.EXTERNAL: (SHOWN, SHOWN, COUNTED, COUNTED, COUNTED, NOTHING),
    Delivery.SERVICE: (SHOWN, SHOWN, COUNTED, COUNTED, COUNTED, NOTHING),
    Delivery.SANDBOX: (COUNTED, COUNTED, COUNTED, COUNTED, COUNTED, NOTHING),
}
# Fewer rows than these are counted as so many where counts are by time or place.
FEW = 5
# In which ways data of a grade may be offered at all; of other grades in every way.
_DELIVERIES: Mapping[Grade, frozenset[Delivery]] = {
    Grade.CORE: frozenset(),
    Grade.IMPORTANT: frozenset({Delivery.SANDBOX}),
    Grade.GENERAL_4: frozenset({Delivery.SANDBOX, Delivery.API}),
}
# Of these the exchange keeps the data itself.
_HELD = frozenset({Delivery.FILE, Delivery.SANDBOX})
# These are handed over in the trusted space, which this exchange does not have yet.
_NEEDS_TRUSTED_SPACE = frozenset({Delivery.SANDBOX})


def may_leave(*, delivery: str, grade: str, asker: Asker) -> Parts:
    """What leaves towards `asker` of data of that grade, sold in that way.

    A grade that is not chosen yet lets counts leave and no more. Sellers see all of their own data;
    operators see what everybody sees.
    """
    if asker is Asker.SELLER:
        return ALL
    row = _MAY_LEAVE[Delivery(delivery)]
    parts = row[_GRADES.index(Grade(grade))] if grade else COUNTED
    return parts if asker is Asker.BUYER else parts - {Part.BYTES}


def leaving(product: Offered, *, asker: Asker = Asker.ANYBODY) -> Parts:
    """What may leave of a product as it stands now."""
    return may_leave(delivery=product.delivery, grade=product.grade, asker=asker)


def deliveries_of(grade: str) -> frozenset[Delivery]:
    """In which ways data of the grade may be offered."""
    return _DELIVERIES.get(Grade(grade), frozenset(Delivery)) if grade else frozenset(Delivery)


def is_held(delivery: str) -> bool:
    """Whether the exchange keeps the data of what is delivered so."""
    return delivery in _HELD


def lies_elsewhere(delivery: str) -> bool:
    """Whether buyers fetch what is delivered so from a place of its seller's own."""
    return delivery == Delivery.EXTERNAL


def opens_files(delivery: str) -> bool:
    """Whether what is delivered so is fetched here as files, so that the exchange counts its use."""
    return Part.BYTES in _MAY_LEAVE[Delivery(delivery)][0]


def order_obstacle(delivery: str) -> TrustedSpaceNotOpen | None:
    """Why nobody can order what is delivered so; None where it can be ordered."""
    if delivery not in _NEEDS_TRUSTED_SPACE:
        return None
    return TrustedSpaceNotOpen(
        _(
            "The data of this product stays at the exchange, and the trusted space for working on it"
            " is not open yet, so it cannot be ordered."
        ),
        delivery=delivery,
    )


def check_orderable(product: Offered) -> None:
    """Raise TrustedSpaceNotOpen where the exchange could not hand over what an order promises."""
    obstacle = order_obstacle(product.delivery)
    if obstacle is not None:
        raise obstacle


def check_bytes(parts: Parts) -> None:
    """Raise DataStays unless files may leave."""
    if Part.BYTES not in parts:
        raise DataStays(
            _("The data of this product stays where it is; no file of it can be downloaded.")
        )


def personal_columns(
    document: Document,
    decisions: Mapping[str, Any],
    flags: Iterable[Flagged],
    *,
    published_at: datetime | None,
) -> frozenset[str]:
    """The columns of a table that are held back as personal, with the text kept beside them.

    A flag counts first: of the seller or of an operator, on any column. One that the exchange took
    off speaks of revisions published until then. Then counts what the seller says in the dictionary,
    and last what the reading found.
    """
    said = {column: bool(one.get("personal")) for column, one in decisions.items()}
    found = found_in(document)
    verdicts = _verdicts(flags, published_at)
    personal = set()
    for column in document["columns"]:
        name = str(column["name"])
        own = said.get(name, name in found)
        if verdicts.get(flag_key(column), own):
            personal.add(name)
    return with_beside(document, personal)


def flag_key(column: Document) -> str:
    """By which name a column is flagged: that in the data, or its own where the data has none."""
    return str(column.get("original_name") or column["name"])


def _verdicts(flags: Iterable[Flagged], published_at: datetime | None) -> dict[str, bool]:
    verdicts: dict[str, bool] = {}
    for flag in flags:
        if flag.state != FlagState.LIFTED:
            verdicts[flag.column] = True
        elif published_at is not None and flag.lifted_at and published_at <= flag.lifted_at:
            verdicts.setdefault(flag.column, False)
    return verdicts


def disclosed(document: Document, parts: Parts, personal: Collection[str]) -> Disclosed:
    """A table's document with what may be seen; without counts it is an empty table without columns.

    `personal` are the columns that are held back, as `personal_columns` names them.
    """
    if Part.COUNTS not in parts:
        return Disclosed(_cut(document, columns=[], rows=0, quality=None, findings=[], notes=[]))
    document = _with_coarse_counts(masked(document, personal))
    if Part.VALUES not in parts:
        return Disclosed(
            _cut(
                document,
                columns=[_counted(column) for column in document["columns"]],
                findings=[{**one, "example": ""} for one in document.get("findings") or []],
            )
        )
    if Part.ROWS not in parts:
        return Disclosed({**document, "preview": _no_rows(document["columns"])})
    return Disclosed(document)


def without(document: Document, personal: Collection[str]) -> dict[str, Any]:
    """The document without the values of columns that are known by these keys."""
    return masked(
        document, [one["name"] for one in document["columns"] if flag_key(one) in personal]
    )


def disclosed_difference(
    difference: Document, parts: Parts, personal: Collection[str]
) -> dict[str, Any]:
    """How a revision differs from the last one, without values where none may be seen. `personal`
    are the keys of columns that are held back: of them no movement is told."""
    if Part.COUNTS not in parts:
        return {}
    if not difference:
        return dict(difference)
    tables = difference["tables"]
    return {
        **difference,
        "tables": {
            name: {**tables[name], "drift": _drifts(tables[name], parts, personal)}
            for name in tables
        },
    }


def _with_coarse_counts(document: Document) -> dict[str, Any]:
    """Few rows of a month, or of a field of the map, are told as FEW, and no mean of them: it would be
    the value of a row. What a reading of an earlier version did not count stays away."""
    coarse = dict(document)
    series = document.get("series")
    if series:
        coarse["series"] = {
            **series,
            "rows": [_coarse(number) for number in series["rows"]],
            "means": [
                {
                    **one,
                    "filled": [_coarse(number) for number in one["filled"]],
                    "values": [
                        None if number < FEW else value
                        for value, number in zip(one["values"], one["filled"], strict=True)
                    ],
                }
                for one in series["means"]
            ],
        }
    coverage = document.get("coverage") or {}
    region = coverage.get("region") or {}
    grid = region.get("grid")
    if grid:
        counts = [_coarse(number) for number in grid["counts"]]
        coarse["coverage"] = {**coverage, "region": {**region, "grid": {**grid, "counts": counts}}}
    return coarse


def _coarse(number: int) -> int:
    return max(number, FEW) if number else 0


def _cut(document: Document, *, columns: list[Document], **fields: Any) -> dict[str, Any]:
    """What is named here and nothing else, so that a field added to documents stays inside."""
    return {
        "reader": document.get("reader") or "",
        "name": document["name"],
        "rows": document["rows"],
        "columns": columns,
        "coverage": {"time": None, "region": None},
        "quality": document.get("quality"),
        "preview": _no_rows(columns),
        "notes": document.get("notes") or [],
        **fields,
    }


def _counted(column: Document) -> dict[str, Any]:
    """A column's row of the dictionary without any value of it."""
    mixed = column.get("mixed")
    return {
        "name": column["name"],
        "original_name": column.get("original_name") or column["name"],
        "type": column["type"],
        "unit": column.get("unit"),
        "description": column.get("description") or "",
        "nulls": column["nulls"],
        "distinct": column["distinct"],
        "distinct_is_estimate": bool(column.get("distinct_is_estimate")),
        "example": None,
        "min": None,
        "max": None,
        "mean": None,
        "quantiles": None,
        "top": [],
        "histogram": None,
        "mixed": mixed and {"kind": mixed["kind"], "rows": mixed["rows"], "examples": []},
        "personal": bool(column.get("personal")),
    }


def _no_rows(columns: Sequence[Document]) -> dict[str, Any]:
    return {"columns": [column["name"] for column in columns], "rows": []}


def _drifts(table: Document, parts: Parts, personal: Collection[str]) -> list[dict[str, Any]]:
    """A mean before and after one more row tells its value; so none of these leaves."""
    told = table.get("drift") or []
    if Part.VALUES in parts:
        return [
            _kept(one, "column", "nulls") if one["column"] in personal else dict(one)
            for one in told
        ]
    return [
        _kept(one, "column", "nulls", *(() if one["column"] in personal else ("drift",)))
        for one in told
    ]


def _kept(row: Document, *keys: str) -> dict[str, Any]:
    return {key: row[key] for key in keys if key in row}
