"""Delimited text as a source. The fast way is the engine's; rows that it refuses are mended first."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import literal
from exchange.vault.reading.dialect import Dialect, dialect_of
from exchange.vault.reading.documents import Note
from exchange.vault.reading.encodings import Text, as_utf8
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import NO_ANSWERS, Answers
from exchange.vault.reading.sources import Source, columns_of
from exchange.vault.reading.unpack import Member

FORMATS = {"\t": "tsv"}


def delimited_source(
    member: Member, *, into: Path, limits: Limits, answers: Answers = NO_ANSWERS
) -> Source:
    """The table of a text file. Raises what its encoding and its dialect raise."""
    text = as_utf8(member.path, into=into, place=member.name, answers=answers)
    dialect = dialect_of(text.path, limits=limits, place=member.name, answers=answers)
    said = replace(
        text,
        notes=(*member.notes, *text.notes),
        questions=(*member.questions, *text.questions, *dialect.questions),
    )
    return _source(member, said, dialect, into, limits)


def _source(
    member: Member,
    text: Text,
    dialect: Dialect,
    into: Path,
    limits: Limits,
    *,
    is_mended: bool = False,
) -> Source:
    path = text.path
    columns, naming = columns_of(dialect.names, chars_max=limits.name_chars)
    fields = ", ".join(f"{literal(one.name)}: 'VARCHAR'" for one in columns)
    relation = (
        f"read_csv({literal(str(path))}, auto_detect = false, columns = {{{fields}}}, "
        f"delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"', "
        f"header = {str(dialect.has_header).lower()}, skip = {dialect.skipped}, "
        f"strict_mode = true, null_padding = false, compression = 'none', "
        f"max_line_size = {limits.cell_bytes})"
    )

    def mended() -> Source:
        target = into / f"{path.name}.mended"
        wide, found = _mend(path, target, dialect, limits)
        again = replace(text, path=target, notes=(*text.notes, *dialect.notes, *found))
        return _source(member, again, wide, into, limits, is_mended=True)

    return Source(
        name=member.name,
        format=FORMATS.get(dialect.delimiter, "csv"),
        encoding=text.encoding,
        columns=columns,
        relation=relation,
        sample=dialect.sample,
        bytes=path.stat().st_size,
        paths=(path,),
        members=(member,),
        notes=(*text.notes, *dialect.notes, *naming),
        questions=text.questions,
        mended=None if is_mended else mended,
    )


def _mend(
    path: Path, target: Path, dialect: Dialect, limits: Limits
) -> tuple[Dialect, tuple[Note, ...]]:
    """Write the table again with rows of one width: short rows end in empty cells, long rows get
    columns of their own. Nothing is cut off.
    """
    quoting, width, short, long = _measure(path, dialect, limits)
    names = (*dialect.names, *[""] * width)[:width]
    with target.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        rows = _rows(path, dialect, quoting, limits)
        if dialect.has_header:
            next(rows, None)
        writer.writerow(name or f"c{number}" for number, name in enumerate(names))
        writer.writerows((*row, *[""] * (width - len(row)))[:width] for row in rows)
    mended = Dialect(",", width, names, True, 0, dialect.sample)
    return mended, _notes(short=short, long=long, is_literal=quoting == csv.QUOTE_NONE)


def _measure(path: Path, dialect: Dialect, limits: Limits) -> tuple[int, int, int, int]:
    """How quotes are to be taken, the widest row, and how many rows are short or long.

    Quotes that do not pair up are letters like any other.
    """
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        widest, short, long = dialect.width, 0, 0
        try:
            for row in _rows(path, dialect, quoting, limits):
                filled = next((n for n in range(len(row), 0, -1) if row[n - 1]), 0)
                short += len(row) < dialect.width
                long += filled > dialect.width
                widest = max(widest, filled)
        except csv.Error:
            continue
        if widest > limits.columns:
            break
        return quoting, widest, short, long
    raise errors.UnreadableCsv(
        _("The rows of this file cannot be told apart; save it again as CSV with quoted cells."),
        columns_max=limits.columns,
        cell_bytes_max=limits.cell_bytes,
    )


def _rows(path: Path, dialect: Dialect, quoting: int, limits: Limits) -> Iterator[list[str]]:
    csv.field_size_limit(limits.cell_bytes)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _line in range(dialect.skipped):
            file.readline()
        reader = csv.reader(
            file,
            delimiter=dialect.delimiter,
            quoting=quoting,  # type: ignore[arg-type]  # one of the module's constants
            strict=True,
        )
        yield from (row for row in reader if row)


def _notes(*, short: int, long: int, is_literal: bool) -> tuple[Note, ...]:
    notes = []
    if short:
        notes.append(Note("short_rows", _("Rows with too few cells end in empty cells."), short))
    if long:
        notes.append(
            Note("long_rows", _("Rows with more cells than names got columns of their own."), long)
        )
    if is_literal:
        notes.append(
            Note("literal_quotes", _("Quotes do not pair up; they were kept as letters."), 0)
        )
    return tuple(notes)
