"""The form of a data dictionary, a row for each column."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange.catalog.dictionary import Correction, TableCorrection
from exchange.catalog.facts import hidden_columns
from exchange.catalog.models import ColumnFlag, RevisionTable
from exchange.vault.masks import masked
from exchange.web.product.evidence import findings_of, kind_labels

COLUMNS_EDITED_MAX = 300


@dataclass(frozen=True)
class ColumnRow:
    """One column: fields are named `<key>-name`, `-unit`, `-description`, `-personal`, `-why`."""

    key: str
    name: str
    original: str
    kind: str
    unit: str
    description: str
    example: str
    findings: tuple[str, ...]
    personal: str
    why: str


@dataclass(frozen=True)
class TableForm:
    name: str
    rows: int
    columns: tuple[ColumnRow, ...]
    left_out: int


def table_forms(
    rows: Sequence[RevisionTable], flags: Collection[ColumnFlag], posted: Mapping[str, str] | None
) -> tuple[TableForm, ...]:
    """The tables with what is stored, or with what was posted and refused. Of columns that are held
    back as personal no example is shown."""
    return tuple(
        TableForm(
            name=str(row.document["name"]),
            rows=int(row.document["rows"]),
            columns=tuple(
                _column(row, number, column, findings_of(row.document), posted or {})
                for number, column in enumerate(_columns_shown(row, flags))
            ),
            left_out=max(0, len(row.document["columns"]) - COLUMNS_EDITED_MAX),
        )
        for row in rows
    )


def _columns_shown(
    row: RevisionTable, flags: Collection[ColumnFlag]
) -> Sequence[Mapping[str, Any]]:
    columns: Sequence[Mapping[str, Any]] = masked(row.document, hidden_columns(row, flags))[
        "columns"
    ]
    return columns[:COLUMNS_EDITED_MAX]


def corrections_of(
    posted: Mapping[str, str], rows: Sequence[RevisionTable]
) -> tuple[TableCorrection, ...]:
    """What was posted about each column that the form showed."""
    return tuple(
        TableCorrection(
            position=row.position,
            columns=tuple(
                _correction(posted, key_of(row, number), column)
                for number, column in enumerate(row.document["columns"][:COLUMNS_EDITED_MAX])
                if f"{key_of(row, number)}-name" in posted
            ),
        )
        for row in rows
    )


def key_of(row: RevisionTable, number: int) -> str:
    return f"t{row.position}c{number}"


def _correction(posted: Mapping[str, str], key: str, column: Mapping[str, Any]) -> Correction:
    answer = posted.get(f"{key}-personal", "")
    return Correction(
        column=str(column["name"]),
        name=posted.get(f"{key}-name"),
        unit=posted.get(f"{key}-unit"),
        description=posted.get(f"{key}-description"),
        personal={"yes": True, "no": False}.get(answer),
        why=posted.get(f"{key}-why", ""),
    )


def _column(
    row: RevisionTable,
    number: int,
    column: Mapping[str, Any],
    found: Mapping[str, tuple[str, ...]],
    posted: Mapping[str, str],
) -> ColumnRow:
    key = key_of(row, number)
    name = str(column["name"])
    said = row.decisions.get(name, {})
    stored = {True: "yes", False: "no"}.get(said.get("personal"), "")
    original = str(column.get("original_name") or name)
    return ColumnRow(
        key=key,
        name=posted.get(f"{key}-name", name),
        original="" if original == name else original,
        kind=kind_labels().get(column["type"], column["type"]),
        unit=posted.get(f"{key}-unit", column.get("unit") or ""),
        description=posted.get(f"{key}-description", column.get("description") or ""),
        example=str(column.get("example") or ""),
        findings=found.get(name, ()),
        personal=posted.get(f"{key}-personal", stored),
        why=posted.get(f"{key}-why", said.get("why", "")),
    )
