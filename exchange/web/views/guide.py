"""Help: how the exchange works, and its words in both languages."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy

from exchange.web.pages import render_page

GLOSSARY = Path(__file__).parents[1] / "glossary.toml"
GROUPS = {
    "data": gettext_lazy("Data"),
    "rights": gettext_lazy("Rights"),
    "parties": gettext_lazy("Parties and admission"),
    "trade": gettext_lazy("Trade"),
    "money": gettext_lazy("Money"),
    "log": gettext_lazy("Evidence"),
}


@dataclass(frozen=True)
class Term:
    id: str
    name: str
    other_name: str
    other_language: str
    text: str


@dataclass(frozen=True)
class Group:
    id: str
    title: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class HelpPage:
    groups: tuple[Group, ...]
    term_count: int


@lru_cache(maxsize=1)
def glossary() -> tuple[dict[str, str], ...]:
    """The terms as written in glossary.toml."""
    with GLOSSARY.open("rb") as file:
        return tuple(tomllib.load(file)["term"])


def _term(entry: dict[str, str], language: str, other: str) -> Term:
    return Term(
        id=entry["id"],
        name=entry[language],
        other_name=entry[other],
        other_language="zh-Hans" if other == "zh" else "en",
        text=entry[f"{language}_text"],
    )


def show(request: HttpRequest) -> HttpResponse:
    language, other = ("zh", "en") if (get_language() or "en").startswith("zh") else ("en", "zh")
    groups = tuple(
        Group(
            id=group,
            title=str(title),
            terms=tuple(
                _term(entry, language, other) for entry in glossary() if entry["group"] == group
            ),
        )
        for group, title in GROUPS.items()
    )
    return render_page(
        request, "web/help.html", HelpPage(groups=groups, term_count=len(glossary()))
    )
