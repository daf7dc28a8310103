"""The four model contracts, as data: clauses in two languages with typed placeholders.

The files beside this one hold them. A contract keeps the filled-in clauses by value, so that a newer
version of a template changes none that was made from an older one.
"""

import hashlib
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exchange.contracts.errors import ClauseIncomplete

HERE = Path(__file__).parent
PROVISION, ENTRUSTED, FUSION, INTERMEDIARY = "provision", "entrusted", "fusion", "intermediary"
CODES = (PROVISION, ENTRUSTED, FUSION, INTERMEDIARY)
LANGUAGES = ("en", "zh")
KINDS = frozenset({"text", "count", "money", "percent", "list"})

Bilingual = Mapping[str, str]


@dataclass(frozen=True)
class ClauseText:
    """One clause: its heading and paragraphs by language, with places as `{name}`."""

    code: str
    heading: Bilingual
    paragraphs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Template:
    """A model contract. `placeholders` says of which kind each place is; `sha256` names the file."""

    code: str
    version: str
    title: Bilingual
    seller: Bilingual
    buyer: Bilingual
    placeholders: Mapping[str, str]
    clauses: tuple[ClauseText, ...]
    sha256: str


def template_codes() -> tuple[str, ...]:
    """The codes of the model contracts."""
    return CODES


@cache
def template(code: str) -> Template:
    """The model contract. Raises ValueError for a file that contradicts itself: a mistake of ours."""
    content = (HERE / f"{code}.toml").read_bytes()
    said = tomllib.loads(content.decode())
    found = Template(
        code=said["code"],
        version=said["version"],
        title=said["title"],
        seller=said["seller"],
        buyer=said["buyer"],
        placeholders=said["placeholders"],
        clauses=tuple(
            ClauseText(
                code=one["code"],
                heading=one["heading"],
                paragraphs={language: tuple(one[language]) for language in LANGUAGES},
            )
            for one in said["clause"]
        ),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    _check(found)
    return found


def fill(found: Template, values: Mapping[str, Bilingual]) -> list[dict[str, object]]:
    """The clauses with their places filled, as plain values. Raises ClauseIncomplete for a place that
    has nothing to say.
    """
    missing = sorted(
        name
        for name in found.placeholders
        if not all(values.get(name, {}).get(one) for one in LANGUAGES)
    )
    if missing:
        raise ClauseIncomplete(missing)
    worded = {
        language: {name: values[name][language] for name in found.placeholders}
        for language in LANGUAGES
    }
    return [
        {
            "code": clause.code,
            "heading": dict(clause.heading),
            "paragraphs": {
                language: [
                    text.format_map(worded[language]) for text in clause.paragraphs[language]
                ]
                for language in LANGUAGES
            },
        }
        for clause in found.clauses
    ]


def _check(found: Template) -> None:
    """Both languages name the same places, each declared and of a known kind."""
    if set(found.placeholders.values()) - KINDS:
        raise ValueError(f"{found.code}: unknown kinds in {dict(found.placeholders)}")
    named: set[str] = set()
    for clause in found.clauses:
        places = {language: _places(clause.paragraphs[language]) for language in LANGUAGES}
        if places["en"] != places["zh"]:
            raise ValueError(f"{found.code}.{clause.code}: the languages name different places")
        named |= places["en"]
    if named != set(found.placeholders):
        raise ValueError(f"{found.code}: places {sorted(named ^ set(found.placeholders))}")


def _places(paragraphs: tuple[str, ...]) -> set[str]:
    formatter = string.Formatter()
    return {name for text in paragraphs for _, name, _, _ in formatter.parse(text) if name}
