"""`manage.py profile FILE [--json]`: what a file holds, without keeping or publishing it."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.vault import reading_process
from exchange.vault.masks import found_in, masked
from exchange.vault.reading import FileReading, TableReading
from exchange.vault.reading.errors import Unreadable

COLUMN_LINE = "  {:<32} {:<9} {:<7} {:>10} {:>10}  {}"


class Command(BaseCommand):
    help = "Prints the dictionary, profile, quality and findings of a file; keeps nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        with TemporaryDirectory(prefix="profile-") as folder:
            try:
                read = reading_process.read(path, name=path.name, into=Path(folder))
            except Unreadable as refusal:
                raise CommandError(f"{refusal.code}: {refusal.message}") from None
        if options["json"]:
            self.stdout.write(json.dumps(_document(read), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(read)))


def _document(read: FileReading) -> dict[str, Any]:
    return {
        "format": read.format,
        "encoding": read.encoding,
        "compression": read.compression,
        "tables": [_table_document(table) for table in read.tables],
        "notes": [{"code": n.code, "text": n.text, "rows": n.rows} for n in read.notes],
    }


def _table_document(table: TableReading) -> dict[str, Any]:
    """As it may be shown: without the values of columns in which personal data was found."""
    document = table.document()
    return masked(document, found_in(document))


def _lines(read: FileReading) -> Iterator[str]:
    yield f"{read.format}, {read.encoding}, compression {read.compression}"
    yield from (f"! {note.text}" for note in read.notes)
    for table in read.tables:
        yield ""
        yield from _table_lines(table)


def _table_lines(table: TableReading) -> Iterator[str]:
    yield f"{table.name}: {table.rows:,} rows, quality {table.quality.score} ({table.quality.grade})"
    if table.time is not None:
        yield f"  {table.time.start} – {table.time.until} by {table.time.column}"
    yield COLUMN_LINE.format("column", "type", "unit", "missing", "distinct", "range")
    for one in _table_document(table)["columns"]:
        bounds = f"{one['min']} – {one['max']}" if one["min"] is not None else ""
        distinct = "–" if one["distinct"] is None else one["distinct"]
        yield COLUMN_LINE.format(
            one["name"][:32], one["type"], one["unit"] or "", one["nulls"], distinct, bounds
        )
    for part in table.quality.dimensions:
        yield f"  {part.dimension:<14} {part.value} = {part.numerator:,} ÷ {part.denominator:,}"
    yield from (
        f"  personal: {f.column} ({f.kind}, {f.share} by {f.basis})" for f in table.findings
    )
    yield from (f"  ! {note.text} ({note.rows:,})" for note in table.notes)
