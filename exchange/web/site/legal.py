"""Terms of use, privacy and imprint, in both languages: texts of who operates the exchange, or samples.

A file is plain text: its title in the first line, a heading after `## `, points of a list after `- `, and
paragraphs between empty lines. LEGAL_FOLDER holds the operator's own, `terms.en.txt` and so on; where one is
missing, its other language is shown, or else our sample, which says that it is one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's own word
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from exchange.core.titles import speaks_chinese
from exchange.web.frame import LEGAL
from exchange.web.pages import render_page

SAMPLES = Path(__file__).with_name("legal_samples")
LANGUAGES = ("en", "zh")
HEADING, POINT = "## ", "- "
FILE_CHARS_MAX = 200_000


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph of lines, or the points of a list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LegalPage:
    title: str
    blocks: tuple[Block, ...]
    language: str
    is_sample: bool


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One of the three, in the reader's language where there is one."""
    if name not in LEGAL:
        raise Http404
    return render_page(
        request, "site/legal.html", page_of(name, "zh" if speaks_chinese() else "en")
    )


def page_of(name: str, language: str) -> LegalPage:
    """The operator's own text; in the other language where it has that alone; our sample where it has none."""
    others = [one for one in LANGUAGES if one != language]
    for spoken in (language, *others):
        if (path := own_file(name, spoken)) is not None:
            return _read(path, spoken, is_sample=False)
    return _read(SAMPLES / f"{name}.{language}.txt", language, is_sample=True)


def own_file(name: str, language: str) -> Path | None:
    """The operator's file, where there is one."""
    if not settings.LEGAL_FOLDER:
        return None
    path = Path(settings.LEGAL_FOLDER) / f"{name}.{language}.txt"
    return path if path.is_file() else None


def _read(path: Path, language: str, *, is_sample: bool) -> LegalPage:
    text = path.read_text(encoding="utf-8")[:FILE_CHARS_MAX]
    if is_sample:
        text = text.format(
            operator=settings.EXCHANGE_OPERATOR,
            email=settings.DEFAULT_FROM_EMAIL,
            address=settings.PUBLIC_URL,
        )
    title, _line, rest = text.strip().partition("\n")
    return LegalPage(title.strip(), tuple(_blocks(rest)), language, is_sample)


def _blocks(text: str) -> Iterator[Block]:
    for kind, lines in groupby(text.splitlines(), key=_kind):
        said = tuple(line.removeprefix(HEADING).removeprefix(POINT).strip() for line in lines)
        if kind == "heading":
            yield from (Block(kind, (line,)) for line in said)
        elif kind:
            yield Block(kind, said)


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith(HEADING):
        return "heading"
    return "points" if line.startswith(POINT) else "paragraph"


@register(Tags.security, deploy=True)
def texts_of_the_operator(**_options: Any) -> list[CheckMessage]:
    """A warning while one of the texts is our sample, or stands in one language alone."""
    missing = [
        f"{name}.{language}.txt"
        for name in LEGAL
        for language in LANGUAGES
        if own_file(name, language) is None
    ]
    if not missing:
        return []
    return [
        Warning(
            f"Legal texts are samples or missing: {', '.join(missing)}.",
            hint="Put your own into a folder and name it in LEGAL_FOLDER.",
            id="exchange.W101",
        )
    ]
