"""`manage.py profile FILE [--json] [--answer …]`: what a file holds, without keeping or publishing it."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.vault import reading_process
from exchange.vault.masks import found_in, masked
from exchange.vault.reading import FileReading, TableReading
from exchange.vault.reading.errors import Unreadable
from exchange.vault.reading.questions import Answers, Asked, Question

COLUMN_LINE = "  {:<32} {:<9} {:<7} {:>10} {:>10}  {}"


class Command(BaseCommand):
    help = "Prints the dictionary, profile, quality and findings of a file; keeps nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="ASKED:PLACE=VALUE",
            help="answer a question of the reading, such as encoding:a.csv=cp1251; may be repeated",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        answers = _answers(options["answer"])
        with TemporaryDirectory(prefix="profile-") as folder:
            try:
                read = reading_process.read(
                    path, name=path.name, into=Path(folder), answers=answers
                )
            except Unreadable as refusal:
                raise CommandError(f"{refusal.code}: {refusal.message}") from None
        _check_answered(read, answers)
        if options["json"]:
            self.stdout.write(json.dumps(_document(read), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(read)))


def _answers(words: list[str]) -> Answers:
    """What `--answer` says. Raises CommandError."""
    said = {}
    for word in words:
        asked, _colon, rest = word.partition(":")
        place, _equals, value = rest.rpartition("=")
        if not place or asked not in {str(one) for one in Asked}:
            raise CommandError(
                f"{word!r} is no answer: write ASKED:PLACE=VALUE, ASKED one of {', '.join(Asked)}."
            )
        said[Asked(asked), place] = value
    return Answers(said)


def _check_answered(read: FileReading, answers: Answers) -> None:
    answered = {(one.asked, one.place) for one in read.questions if one.is_answered}
    for asked, place in answers:
        if (asked, place) not in answered:
            known = [
                f"{one.asked}:{one.place}={option.value}"
                for one in read.questions
                for option in one.options
            ]
            raise CommandError(
                f"Nothing was asked that {asked}:{place} answers. "
                + (f"Answers are: {', '.join(known)}." if known else "There are no questions.")
            )


def _document(read: FileReading) -> dict[str, Any]:
    return {
        "format": read.format,
        "encoding": read.encoding,
        "compression": read.compression,
        "tables": [_table_document(table) for table in read.tables],
        "notes": [asdict(one) for one in read.notes],
        "questions": [asdict(one) for one in read.questions],
    }


def _table_document(table: TableReading) -> dict[str, Any]:
    """As it may be shown: without the values of columns in which personal data was found."""
    document = table.document()
    return masked(document, found_in(document))


def _lines(read: FileReading) -> Iterator[str]:
    yield f"{read.format}, {read.encoding}, compression {read.compression}"
    yield from (f"! {note.text}" for note in read.notes)
    for question in read.questions:
        yield from _question_lines(question)
    for table in read.tables:
        yield ""
        yield from _table_lines(table)


def _question_lines(question: Question) -> Iterator[str]:
    """The question, and each option with the answer to write for it."""
    yield f"{'=' if question.is_answered else '?'} {question.place}: {question.text}"
    for option in question.options:
        taken = "*" if option.value == question.taken else " "
        yield f"  {taken} --answer '{question.asked}:{question.place}={option.value}'  {option.label}"
        yield from (f"      {' | '.join(row)}" for row in (option.names, *option.rows) if row)


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
