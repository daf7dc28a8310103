"""Tables that are written out before they are read: their names are known, their cells are text."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import literal
from exchange.vault.reading.documents import Note
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.sources import Source, columns_of
from exchange.vault.reading.unpack import Member

SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class Table:
    """Names and rows of text; None is a cell without a value. `part` is its name among several."""

    names: Sequence[str]
    rows: Iterable[Sequence[str | None]]
    part: str = ""
    encoding: str = "utf-8"
    notes: tuple[Note, ...] = ()


def written_source(
    member: Member, table: Table, engine: Engine, *, format_: str, into: Path, limits: Limits
) -> Source | None:
    """The table as a source, or None when it has no rows."""
    if len(table.names) > limits.columns:
        raise errors.TooManyColumns(
            _("The table has %(found)d columns; a table may have %(most)d.")
            % {"found": len(table.names), "most": limits.columns},
            columns=len(table.names),
            columns_max=limits.columns,
        )
    columns, naming = columns_of(table.names, chars_max=limits.name_chars)
    part = table.part.replace("/", "_")
    target = into / f"{member.path.name}-{format_}-{len(list(into.glob('*.written'))):03d}.written"
    is_empty = True
    with target.open("x", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in table.rows:
            is_empty = False
            writer.writerow(["" if cell is None else cell for cell in row])
    if is_empty:
        return None
    fields = ", ".join(f"{literal(one.name)}: 'VARCHAR'" for one in columns)
    relation = (
        f"read_csv({literal(str(target))}, auto_detect = false, columns = {{{fields}}}, "
        "delim = ',', quote = '\"', escape = '\"', header = false, strict_mode = true, "
        f"null_padding = false, compression = 'none', max_line_size = {limits.cell_bytes})"
    )
    sample = engine.rows(
        f"SELECT * FROM {relation} USING SAMPLE reservoir({SAMPLE_ROWS} ROWS) REPEATABLE (1)"
    )
    return Source(
        name=f"{member.name}/{part}" if part else member.name,
        format=format_,
        encoding=table.encoding,
        columns=columns,
        relation=relation,
        sample=tuple(sample),
        bytes=target.stat().st_size,
        paths=(target,),
        members=(member,),
        notes=(*member.notes, *table.notes, *naming),
        questions=member.questions,
        part=part,
    )


def written_sources(
    member: Member,
    tables: Iterable[Table],
    engine: Engine,
    *,
    format_: str,
    into: Path,
    limits: Limits,
) -> list[Source]:
    """All tables that have rows. Raises EmptyFile where none has."""
    found = []
    for table in tables:
        one = written_source(member, table, engine, format_=format_, into=into, limits=limits)
        if one is not None:
            found.append(one)
    if not found:
        raise errors.EmptyFile(_("The file holds no rows."))
    return found
