"""A table's document and its sample without the values of personal columns: the one place that masks.

Documents and samples are stored as read. Nothing of a masked column is left but its row of the
dictionary and how many of its cells are empty; the text kept beside a column goes with it.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from exchange.vault.reading.questions import Option, Question

MASK = "***"
_LINES_AT_ONCE = 500

Document = Mapping[str, Any]


def found_in(document: Document) -> frozenset[str]:
    """The columns in which the reading found personal data."""
    return frozenset(str(one["column"]) for one in document.get("findings") or ())


def with_beside(document: Document, columns: Collection[str]) -> frozenset[str]:
    """The columns with all that hold cells of the same column of the file."""
    named = {str(one["name"]): _origin(one) for one in document["columns"]}
    origins = {named[name] for name in columns if name in named}
    return frozenset(name for name, origin in named.items() if origin in origins)


def masked(document: Document, personal: Collection[str]) -> dict[str, Any]:
    """The document without any value of the personal columns, nor of what was counted of them."""
    hidden = with_beside(document, personal)
    if not hidden:
        return dict(document)
    columns = [_bare(one) if one["name"] in hidden else one for one in document["columns"]]
    return {
        **document,
        "columns": columns,
        "coverage": _coverage(document.get("coverage") or {}, hidden),
        **_series(document, hidden),
        "findings": [_finding(one, hidden) for one in document.get("findings") or ()],
        "preview": _preview(document.get("preview"), hidden),
    }


def masked_questions(
    questions: Sequence[Question], documents: Sequence[Document]
) -> tuple[Question, ...]:
    """The questions of a reading whose previews show no value of a column in which it found personal data.

    Such a column is known by its name and by its position among as many columns. A preview that cuts
    the rows in another way shows only their form: letters as x, digits as 9.
    """
    hidden = {
        str(name)
        for document in documents
        for found in [with_beside(document, found_in(document))]
        for column in document["columns"]
        if column["name"] in found
        for name in (column["name"], column.get("original_name"))
    }
    return tuple(_masked_question(one, hidden) for one in questions) if hidden else tuple(questions)


def masked_sample(file: IO[bytes], hidden: Sequence[bool]) -> Iterator[bytes]:
    """A sample's CSV with a mask in the place of every cell of the hidden columns, by position.

    Closes the file at the end. Its header stays: names of columns are public.
    """
    with file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        yield b"\xef\xbb\xbf" + _csv([next(rows, [])])
        chunk: list[list[str]] = []
        for row in rows:
            chunk.append(
                [MASK if at < len(hidden) and hidden[at] else cell for at, cell in enumerate(row)]
            )
            if len(chunk) == _LINES_AT_ONCE:
                yield _csv(chunk)
                chunk = []
        if chunk:
            yield _csv(chunk)


def _masked_question(question: Question, hidden: Collection[str]) -> Question:
    taken = next(one for one in question.options if one.value == question.taken)
    masks = [name in hidden for name in taken.names]
    return replace(question, options=tuple(_masked_option(one, masks) for one in question.options))


def _masked_option(option: Option, masks: Sequence[bool]) -> Option:
    fits = all(len(row) == len(masks) for row in option.rows)
    rows = tuple(
        tuple(MASK if mask else cell for cell, mask in zip(row, masks, strict=True))
        if fits
        else tuple(_form_of(cell) for cell in row)
        for row in option.rows
    )
    return replace(
        option, rows=rows, names=option.names if fits else tuple(map(_form_of, option.names))
    )


def _form_of(text: str) -> str:
    return "".join("9" if one.isdigit() else "x" if one.isalpha() else one for one in text)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _origin(column: Document) -> str:
    """The column of the file; one without a name there is told by its own."""
    original = str(column.get("original_name") or "").strip()
    return original or str(column["name"]).split("__text", 1)[0]


def _bare(column: Document) -> dict[str, Any]:
    """What is named here and nothing else, so that a figure added to columns later stays inside."""
    return {
        "name": column["name"],
        "original_name": column.get("original_name") or column["name"],
        "type": column["type"],
        "unit": column.get("unit"),
        "description": column.get("description") or "",
        "nulls": column["nulls"],
        "distinct": None,
        "distinct_is_estimate": False,
        "example": None,
        "min": None,
        "max": None,
        "mean": None,
        "quantiles": None,
        "top": [],
        "histogram": None,
        "mixed": None,
        "personal": True,
    }


def _coverage(coverage: Document, hidden: Collection[str]) -> dict[str, Any]:
    """A region is told by all of its columns together, so that one hides it."""
    time, region = coverage.get("time"), coverage.get("region")
    return {
        "time": None if time and time["column"] in hidden else time,
        "region": None if region and set(region["columns"]) & set(hidden) else region,
    }


def _series(document: Document, hidden: Collection[str]) -> dict[str, Any]:
    """Without the time there is no series; a reading of an earlier version has none."""
    series = document.get("series")
    if not series:
        return {}
    if series["column"] in hidden:
        return {"series": None}
    means = [one for one in series["means"] if one["column"] not in hidden]
    return {"series": {**series, "means": means}}


def _finding(finding: Document, hidden: Collection[str]) -> Document:
    return {**finding, "example": ""} if finding["column"] in hidden else finding


def _preview(preview: Document | None, hidden: Collection[str]) -> Document | None:
    if not preview:
        return preview
    masks = [name in hidden for name in preview["columns"]]
    return {
        **preview,
        "rows": [
            [MASK if mask else cell for cell, mask in zip(row, masks, strict=True)]
            for row in preview["rows"]
        ],
    }
