"""From a paper to PDF, by Typst. Text stays data: nothing in it is read as markup."""

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path

import segno
import typst

from exchange.web.papers.document import Paper

HERE = Path(__file__).parent
TEMPLATE = HERE / "paper.typ"
FONTS = HERE / "fonts"
_one_at_a_time = threading.Lock()  # the compiler holds one world, whose inputs each paper changes


def to_pdf(paper: Paper, *, at: datetime) -> bytes:
    """The paper as tagged PDF/A. The same paper and moment give the same bytes."""
    facts = paper.document() | {
        "qr": qr_svg(paper.seal.url) if paper.seal and paper.seal.url else ""
    }
    with _one_at_a_time:
        printed = _compiler().compile(
            format="pdf",
            sys_inputs={"paper": json.dumps(facts, ensure_ascii=False)},
            timestamp=int(at.timestamp()),
            pdf_standards="a-2a",
        )
    if not isinstance(printed, bytes):
        raise TypeError("Typst gives one PDF as bytes.")
    return printed


def qr_svg(url: str) -> str:
    """The address as a QR code: a picture that needs no style of its own."""
    return str(segno.make(url, error="m").svg_inline(border=2, scale=4, omitsize=True))


@cache
def _compiler() -> typst.Compiler:
    """One for the process: reading the fonts costs more than a page."""
    return typst.Compiler(TEMPLATE, root=HERE, font_paths=[FONTS], ignore_system_fonts=False)
