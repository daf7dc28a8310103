"""From a document to PDF, by Typst. Text stays data: nothing in it is read as markup."""

import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import segno
import typst

from exchange.web.documents import glyphs
from exchange.web.documents.layout import Document

HERE = Path(__file__).parent
TEMPLATE = HERE / "document.typ"
FONTS = HERE / "fonts"
_one_at_a_time = (
    threading.Lock()
)  # the compiler holds one world, whose inputs each document changes


def to_pdf(document: Document, *, at: datetime) -> bytes:
    """The document as tagged PDF/A. The same document and moment give the same bytes on one machine.

    Text that no font of the machine has is printed as a box; see glyphs.
    """
    facts = document.as_json() | {"qr": ""}
    if document.seal and document.seal.url:
        facts["qr"] = qr_svg(document.seal.url)
    with _one_at_a_time:
        with suppress(typst.TypstError):
            return _print(facts, at=at)
        prints = partial(_prints, blank=_blank(document), at=at)
        with suppress(typst.TypstError):
            return _print(glyphs.with_boxes(facts, prints=prints), at=at)
        return _print(glyphs.shipped_only(facts), at=at)


def _print(facts: dict[str, Any], *, at: datetime) -> bytes:
    printed = _compiler().compile(
        format="pdf",
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
        pdf_standards="a-2a",
    )
    if not isinstance(printed, bytes):
        raise TypeError("Typst gives one PDF as bytes.")
    return printed


def _blank(document: Document) -> dict[str, Any]:
    """The same kind of document in the same language with no words in it."""
    words = {"title": document.kind, "number": "1", "issuer": "", "stem": ""}
    nothing: dict[str, Any] = {
        "lines": (),
        "parties": (),
        "tables": (),
        "clauses": (),
        "seal": None,
    }
    return document.as_json() | words | nothing | {"qr": ""}


def _prints(texts: Sequence[str], *, blank: dict[str, Any], at: datetime) -> bool:
    try:
        _print(blank | {"notes": texts}, at=at)
    except typst.TypstError:
        return False
    return True


def qr_svg(url: str) -> str:
    """The address as a QR code: a picture that needs no style of its own."""
    return str(segno.make(url, error="m").svg_inline(border=2, scale=4, omitsize=True))


@cache
def _compiler() -> typst.Compiler:
    """One for the process: reading the fonts costs more than a page."""
    return typst.Compiler(TEMPLATE, root=HERE, font_paths=[FONTS], ignore_system_fonts=False)
