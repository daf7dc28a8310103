"""ARFF, the format of Weka: names and types above, rows below, dense or sparse."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.written_sql import Table

NAME = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s{},%'\"]+"
ATTRIBUTE = re.compile(rf"@attribute\s+({NAME})\s*(.*)", re.IGNORECASE)
CELL = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^,\t'\"]*))\s*(,|\t|$)")
SPARSE = re.compile(rf"\s*(\d{{1,6}})\s+({NAME})\s*(?:,|$)")
ESCAPE = re.compile(r"\\(.)")
WEIGHT = re.compile(r",\s*\{\s*[\d.eE+-]+\s*\}\s*$")
NUMERIC = ("numeric", "real", "integer")
MISSING = "?"


@dataclass(frozen=True)
class _Attribute:
    """A column. `usual` is what a sparse row does not say."""

    name: str
    usual: str


def table_in(path: Path, encoding: str, limits: Limits) -> Table:
    """The table of a text in UTF-8 (`encoding` is what it was in before)."""
    with path.open(encoding="utf-8-sig") as file:
        attributes, skipped = _attributes(file, limits)
    names = [one.name for one in attributes]
    return Table(names, _rows(path, attributes, skipped), encoding=encoding)


def _attributes(lines: Iterator[str], limits: Limits) -> tuple[list[_Attribute], int]:
    found: list[_Attribute] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text[:5].lower() == "@data" and found:
            return found, number
        match = ATTRIBUTE.match(text)
        if match is not None and len(found) <= limits.columns:
            found.append(_Attribute(_unquoted(match[1]), _usual(match[2])))
    raise _refused()


def _usual(kind: str) -> str:
    if kind.lower().startswith(NUMERIC):
        return "0"
    first = CELL.match(kind[1:].split("}", maxsplit=1)[0]) if kind.startswith("{") else None
    return _value(first) or "" if first else ""


def _rows(path: Path, attributes: Sequence[_Attribute], skipped: int) -> Iterator[list[str | None]]:
    width = len(attributes)
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if number <= skipped or not text or text.startswith("%"):
                continue
            if text.startswith("{"):
                yield _sparse(text, attributes)
                continue
            if "{" in text:
                text = WEIGHT.sub("", text)
            cells = _cells(text)
            if len(cells) != width:
                raise _refused(number)
            yield cells


def _cells(text: str) -> list[str | None]:
    if "'" not in text and '"' not in text and "\\" not in text:
        parts = text.split(",") if "," in text else text.split("\t")
        return [None if (cell := part.strip()) == MISSING else cell for part in parts]
    cells: list[str | None] = []
    at = 0
    while match := CELL.match(text, at):
        cells.append(_value(match))
        at = match.end()
        if not match[4]:
            break
    return cells if at == len(text) else []


def _sparse(text: str, attributes: Sequence[_Attribute]) -> list[str | None]:
    cells: list[str | None] = [one.usual for one in attributes]
    inner = text[1 : text.rindex("}")] if "}" in text else text[1:]
    at = 0
    while match := SPARSE.match(inner, at):
        number = int(match[1])
        if number >= len(cells):
            raise _refused()
        value = _unquoted(match[2])
        cells[number] = None if match[2] == MISSING else value
        at = match.end()
    if inner[at:].strip():
        raise _refused()
    return cells


def _value(match: re.Match[str]) -> str | None:
    quoted = match[1] if match[1] is not None else match[2]
    if quoted is not None:
        return ESCAPE.sub(r"\1", quoted)
    cell = match[3].strip()
    return None if cell == MISSING else cell


def _unquoted(name: str) -> str:
    is_quoted = name[:1] in {"'", '"'} and len(name) > 1
    return ESCAPE.sub(r"\1", name[1:-1]) if is_quoted else name


def _refused(line: int = 0) -> errors.UnreadableCsv:
    return errors.UnreadableCsv(
        _("The rows of this ARFF file do not fit its attributes."), line=line
    )
