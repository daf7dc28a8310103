"""`make messages`: gather every sentence for people into the Chinese catalogue and compile it.

Needs no gettext tools: Babel reads Python, and Django turns templates into what Babel can read.
The same on every Python: no sentence of ours stands inside an f-string, and the theme's that do are
listed here.
Translations already there are kept; what is new has none, which the suite then reports.
"""

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import allauth
import unfold
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# The console's theme ships no translation at all: its words are ours to translate.
UNFOLD = Path(unfold.__file__).parent
# Those that it marks inside f-strings, which Babel reads on Python 3.12 and later only.
UNFOLD_INSIDE_F_STRINGS = ("No", "Welcome", "Yes")
# The pages of sign-in come with a Chinese of their own, which names some things otherwise than ours.
ALLAUTH = Path(allauth.__file__).parent
ALLAUTH_PO = ALLAUTH / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
OTHER_WORDS = re.compile("[Ee]mail|双因素|两步|多因素|帐|passkey")
# And those that it has no Chinese for.
ALLAUTH_WITHOUT = ("Name",)
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|mailto:")
# A fixed date keeps the files the same when nothing has changed.
WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def sources() -> Iterator[Path]:
    """Every file with words for people."""
    for folder in (*(ROOT / name for name in ("accounts", "exchange", "templates")), UNFOLD):
        yield from sorted(folder.rglob("*"))


def gather() -> Catalog:
    """A catalogue of every marked sentence, none translated."""
    catalog = _new_catalog()
    for message, context in _marked():
        catalog.add(message, context=context)
    for message in (*UNFOLD_INSIDE_F_STRINGS, *ALLAUTH_WITHOUT, *_worded_otherwise()):
        catalog.add(message)
    return catalog


def inside_f_strings(path: Path) -> list[str]:
    """The marked sentences of a Python file that stand inside f-strings, as they are written."""
    calls = {
        call
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and _called(call) in KEYWORDS
    }
    return sorted(ast.unparse(call.args[0] if call.args else call) for call in calls)


@cache
def _worded_otherwise() -> tuple[str, ...]:
    """The sentences of sign-in that ours replace."""
    with ALLAUTH_PO.open("rb") as file:
        theirs = read_po(file, locale="zh_Hans")
    return tuple(
        message.id
        for message in theirs
        if isinstance(message.id, str)
        and message.id
        and isinstance(message.string, str)
        and OTHER_WORDS.search(PLACEHOLDERS.sub("", message.string))
        and any("account/" in path or "mfa" in path for path, _line in message.locations)
    )


def _called(call: ast.Call) -> str:
    """The last word of what is called: `_`, or `gettext` of `translation.gettext`."""
    name = ast.unparse(call.func)
    return name.rpartition(".")[2]


@cache
def _marked() -> list[tuple[str | tuple[str, ...], str | None]]:
    """Sentence and context of everything that is marked; read once."""
    return [
        (message, context)
        for path in sources()
        for _line, message, _comments, context in _messages(path)
    ]


def _messages(path: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    if path.suffix == ".py":
        text = path.read_text()
    elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
        # Templates nest by indentation of their own, which is none of Python's business.
        text = INDENT.sub("", templatize(path.read_text(), origin=str(path)))
    else:
        return []
    return extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)


def _new_catalog() -> Catalog:
    return Catalog(
        locale="zh_Hans",
        project="Assay",
        version="1",
        creation_date=WRITTEN_AT,
        revision_date=WRITTEN_AT,
        last_translator="Assay",
        language_team="Assay",
        copyright_holder="Assay",
        fuzzy=False,
    )


def translated() -> Catalog:
    """The Chinese catalogue as it stands."""
    if not PO.exists():
        return _new_catalog()
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def current() -> Catalog:
    """All that is marked today, with the translations we have; what is gone is dropped."""
    fresh, known = gather(), translated()
    for message in fresh:
        old = known.get(message.id, message.context)
        if message.id and old is not None and not old.fuzzy:
            message.string = old.string
    return fresh


def missing(catalog: Iterable[Message]) -> list[str]:
    """What has no translation or an unsure one."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(strings(message.string)))
    ]


def strings(string: str | Iterable[str] | None) -> list[str]:
    return [string or ""] if string is None or isinstance(string, str) else list(string)


def as_po(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalog, width=120, sort_output=True)
    return written.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def main() -> int:
    catalog = current()
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(catalog))
    MO.write_bytes(as_mo(translated()))
    left = missing(catalog)
    print(f"{len(catalog)} messages, {len(left)} without a translation")
    for text in left:
        print(f"  {text}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
