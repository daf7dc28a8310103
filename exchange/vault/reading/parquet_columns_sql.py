"""The columns of a Parquet file as tables here keep them, and what of their values cannot stay as it is."""

# ruff: noqa: S608 - every name and text goes through `identifier`

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from exchange.vault.reading.casts_sql import identifier
from exchange.vault.reading.documents import Note
from exchange.vault.reading.engine_sql import Engine, Row
from exchange.vault.reading.sources import SourceColumn

SCALARS = {
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "FLOAT": "DOUBLE",
    "DOUBLE": "DOUBLE",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "BIGINT"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS"), "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
}
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"})
FLOATS = frozenset({"FLOAT", "DOUBLE"})
NESTED = ("STRUCT", "MAP", "[]", "LIST", "UNION")
UNSIGNED, UNSIGNED_TYPE = "UBIGINT", "DECIMAL(20,0)"
BIGINT_MAX = 2**63 - 1
NANOSECONDS = "TIMESTAMP_NS"
OF_NANOSECONDS = frozenset({NANOSECONDS, "TIMESTAMPTZ_NS"})
DECIMAL_DIGITS = 38
BATCH_ROWS = 16_384
CHECKED_BYTES = 64 * 1024 * 1024
UNPRINTABLE = r"[\x00-\x08\x0e-\x1f]"
WORLD_CODES = ("4326", "CRS84", "4490")


@dataclass(frozen=True)
class Column:
    """A column as the engine describes it, and how it is taken: the expression and the type it becomes."""

    name: str
    native: str
    cell: str
    kind: str | None

    @property
    def is_float(self) -> bool:
        return self.native in FLOATS


def original_names(path: Path, described: Sequence[Row]) -> list[str]:
    """Names as the file gives them; the engine numbers those that differ in case only."""
    own = [str(name) for name in pq.read_schema(path).names]
    return own if len(own) == len(described) else [str(row[0]) for row in described]


def rewritten(path: Path, into: Path) -> tuple[Path, tuple[Note, ...]]:
    """The file itself, or a copy in which the engine loses nothing: decimals of more digits than it has
    become text, and times of 96 bits that are finer than a microsecond become nanoseconds."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        wide = [one.name for one in schema if pa.types.is_decimal256(one.type)]
        leaves = [file.schema.column(at) for at in range(len(file.schema))]
        old = [one.name for one in leaves if one.physical_type == "INT96" and one.path == one.name]
        fine = bool(old) and _is_finer(path, old)
        if not wide and not fine:
            return path, ()
        target = into / f"{path.name}.rewritten"
        _write(file, schema, target)
    if not wide:
        return target, ()
    text = _("Decimals of more than %(most)d digits were kept as text.") % {"most": DECIMAL_DIGITS}
    beyond = [one.name for one in schema if _is_beyond(one.type)]
    return target, (Note("decimals_as_text", text, len(beyond)),) if beyond else ()


def verify_checksums(path: Path) -> bool:
    """Whether every page has the sum it says. Files too large to be read twice are believed."""
    if path.stat().st_size > CHECKED_BYTES:
        return True
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for _batch in file.iter_batches(batch_size=BATCH_ROWS):
                pass
    except (pa.ArrowException, OSError, ValueError) as error:
        return "crc" not in str(error).lower() and "checksum" not in str(error).lower()
    return True


def columns_as_kept(
    engine: Engine, scan: str, described: Sequence[Row]
) -> tuple[list[Column], tuple[Note, ...]]:
    """How each column is taken, after one look at the values that may not fit."""
    plain = [_plain(str(row[0]), str(row[1])) for row in described]
    asked = [(at, one, question) for at, one in enumerate(plain) for question in _questions(one)]
    if not asked:
        return plain, _notes(plain, {})
    answers = engine.row(f"SELECT {', '.join(query for *_at, query in asked)} FROM {scan}")
    said: dict[int, list[Any]] = {}
    for (at, *_rest), answer in zip(asked, answers, strict=True):
        said.setdefault(at, []).append(answer)
    kept = [_kept(one, said.get(at, [])) for at, one in enumerate(plain)]
    return kept, _notes(kept, {at: one[0] for at, one in said.items() if plain[at].is_float})


def typed(kept: Sequence[Column], columns: Sequence[SourceColumn]) -> tuple[SourceColumn, ...]:
    """The columns with the types that they become."""
    return tuple(
        replace(column, native=one.kind or "VARCHAR")
        for one, column in zip(kept, columns, strict=True)
    )


def selected(kept: Sequence[Column], columns: Sequence[SourceColumn]) -> str:
    """What stands after SELECT."""
    return ", ".join(
        f"CAST({one.cell} AS {one.kind or 'VARCHAR'}) AS {identifier(column.name)}"
        for one, column in zip(kept, columns, strict=True)
    )


def projections(path: Path) -> tuple[Note, ...]:
    """Reference systems of geometries that are no degrees of longitude and latitude."""
    said = (pq.read_metadata(path).metadata or {}).get(b"geo")
    try:
        geometries = json.loads(said or b"{}").get("columns", {})
        systems = [one.get("crs") for one in geometries.values()]
        codes = [str(one["id"]["code"]) for one in systems if one]
    except (ValueError, AttributeError, KeyError, TypeError):
        return ()
    other = sorted(code for code in codes if code not in WORLD_CODES)
    if not other:
        return ()
    text = _("Coordinates are in the reference system %(name)s.") % {"name": ", ".join(other)[:100]}
    return (Note("coordinates_projected", text, 0),)


def _plain(name: str, native: str) -> Column:
    cell = identifier(name)
    if native.startswith("DECIMAL"):
        return Column(name, native, cell, native)
    if native.startswith("GEOMETRY"):
        return Column(name, native, f"ST_AsText({cell})", None)
    if native not in SCALARS and any(word in native for word in NESTED):
        return Column(name, native, f"CAST(to_json({cell}) AS VARCHAR)", None)
    if native in ZONED:
        cell = f"{cell} AT TIME ZONE 'UTC'"
    if native in FLOATS:
        # a float of 32 bits is the shortest number that names it: 0.1, not 0.10000000149
        value = f"CAST({cell} AS VARCHAR)" if native == "FLOAT" else cell
        return Column(name, native, f"CASE WHEN isfinite({cell}) THEN {value} END", "DOUBLE")
    return Column(name, native, cell, SCALARS.get(native))


def _questions(column: Column) -> list[str]:
    cell = identifier(column.name)
    if column.is_float:
        return [f"count_if({cell} IS NOT NULL AND NOT isfinite({cell}))"]
    if column.native == UNSIGNED:
        return [f"max({cell})"]
    if column.native in OF_NANOSECONDS:
        return [f"count_if(epoch_ns({cell}) % 1000 <> 0)"]
    if column.native == "BLOB":
        text = f"TRY(decode({cell}))"
        return [
            f"count({cell})",
            f"count_if({cell} IS NOT NULL AND ({text} IS NULL OR regexp_matches({text}, '{UNPRINTABLE}')))",
        ]
    return []


def _kept(column: Column, said: Sequence[Any]) -> Column:
    if column.native == UNSIGNED:
        fits = (said[0] or 0) <= BIGINT_MAX
        return replace(column, kind="BIGINT" if fits else UNSIGNED_TYPE)
    if column.native in OF_NANOSECONDS:
        return replace(column, kind=NANOSECONDS if said[0] else "TIMESTAMP")
    if column.native == "BLOB" and said[0] and not said[1]:
        return replace(column, cell=f"decode({column.cell})")
    return column


def _notes(kept: Sequence[Column], not_numbers: dict[int, int]) -> tuple[Note, ...]:
    lost = sum(not_numbers.values())
    said = (
        (
            "not_numbers",
            _("Cells that hold no number (NaN) or an infinite one count as missing."),
            lost,
            lost,
        ),
        (
            "nested_as_json",
            _("Nested columns were kept as JSON text."),
            sum("to_json" in one.cell for one in kept),
            0,
        ),
        (
            "nanoseconds",
            _("Times are finer than a microsecond and were kept to the nanosecond."),
            sum(one.kind == NANOSECONDS for one in kept),
            0,
        ),
    )
    return tuple(Note(code, text, rows, cells) for code, text, rows, cells in said if rows)


def _is_beyond(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal256(kind)) and kind.precision > DECIMAL_DIGITS


def _is_finer(path: Path, names: list[str]) -> bool:
    """Whether times of 96 bits are finer than a microsecond. Years that 64 bits of nanoseconds do not
    hold come out as others; then microseconds are all that can be kept."""
    is_finer = False
    with (
        pq.ParquetFile(path) as fine,
        pq.ParquetFile(path, coerce_int96_timestamp_unit="us") as whole,
    ):
        for nanoseconds, microseconds in zip(
            fine.iter_batches(batch_size=BATCH_ROWS, columns=names),
            whole.iter_batches(batch_size=BATCH_ROWS, columns=names),
            strict=True,
        ):
            for one, other in zip(nanoseconds.columns, microseconds.columns, strict=True):
                exact, cut = one.cast(pa.int64()), other.cast(pa.int64())
                rest = pc.subtract(exact, pc.multiply(cut, 1000))
                least, most = pc.min_max(rest).as_py().values()
                if least is not None and (least < -999 or most > 999):  # noqa: PLR2004 - nanoseconds
                    return False
                is_finer = is_finer or bool(least or most)
    return is_finer


def _write(file: pq.ParquetFile, schema: pa.Schema, target: Path) -> None:
    fields = [pa.field(one.name, _written_type(one.type)) for one in schema]
    written = pa.schema(fields)
    with pq.ParquetWriter(target, written) as writer:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            cells = [
                column.cast(one.type) for column, one in zip(batch.columns, fields, strict=True)
            ]
            writer.write_batch(pa.record_batch(cells, schema=written))


def _written_type(kind: pa.DataType) -> pa.DataType:
    if _is_beyond(kind):
        return pa.string()
    return pa.decimal128(kind.precision, kind.scale) if pa.types.is_decimal256(kind) else kind
