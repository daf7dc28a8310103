"""A product's title, which has an English and often a Chinese wording."""

from typing import Protocol, runtime_checkable

from django.utils.translation import get_language


@runtime_checkable
class HasTitles(Protocol):
    """A product, or what keeps the titles of one."""

    title: str
    title_zh: str


def title_of(titled: HasTitles) -> str:
    """The title in the reader's language."""
    return in_own_language(titled.title, titled.title_zh)


def in_own_language(english: str, chinese: str) -> str:
    """The Chinese text for Chinese readers where there is one, or where there is no English."""
    return chinese if chinese and (speaks_chinese() or not english) else english


def speaks_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")
