"""Differences of two documents as people read them: what, before, now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.models import Product

TEXT_CHARS = 200
SHOWN_MAX = 60


@dataclass(frozen=True)
class Change:
    what: str
    before: str
    now: str


def changes_in_words(changes: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Each difference with the name of its field; long texts are cut."""
    return tuple(
        Change(_what(one["field"]), _text(one["before"]), _text(one["after"]))
        for one in changes[:SHOWN_MAX]
    )


def _what(path: str) -> str:
    head, *rest = path.removeprefix("details.").split(".")
    groups = {"tables": _("Table"), "offers": _("Offer"), "licence": _("Licence")}
    if head in groups:
        return " · ".join([groups[head], *rest])
    fields = {field.name: field for field in Product._meta.get_fields()}
    label = getattr(fields.get(head), "verbose_name", head)
    return str(label)


def _text(value: object) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, (list, tuple)):
        return _cut(", ".join(map(_text, value)))
    if isinstance(value, Mapping):
        return _cut(", ".join(f"{key}: {_text(inner)}" for key, inner in value.items()))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARS else f"{text[: TEXT_CHARS - 1]}…"
