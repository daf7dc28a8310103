"""What a printed document is made of. All texts are worded already, in one language."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Line:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True)
class Party:
    """One side of the document: its part in it, its name, and what identifies it."""

    part: str
    name: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of text under headings. Columns named in `numbers` (by position) are set to the right."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    total: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clause:
    """A numbered part of an agreement."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Seal:
    """How a reader checks the document: its own hash, and its place in the transparency log."""

    document_hash: str
    lines: tuple[Line, ...]
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Document:
    """A whole document. `stem` names its file; `language` is a BCP 47 tag."""

    kind: str
    stem: str
    language: str
    title: str
    number: str
    issuer: str
    lines: tuple[Line, ...]
    parties: tuple[Party, ...] = ()
    tables: tuple[Table, ...] = ()
    clauses: tuple[Clause, ...] = ()
    seal: Seal | None = None
    notes: tuple[str, ...] = ()
    page_of: str = "{page} / {pages}"

    def as_json(self) -> dict[str, Any]:
        """The document as JSON, for the typesetter."""
        return asdict(self)


@dataclass(frozen=True)
class Printed:
    """A document, when it came to be, and the facts behind it."""

    document: Document
    at: datetime
    facts: Any
