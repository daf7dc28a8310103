"""Differences in words: of a revision to the last one in sentences, of two documents field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.facts import proposed_offers
from exchange.catalog.models import Offer, Product
from exchange.core import clock
from exchange.core.formatting import moment_shown, money_shown

NAMES_MAX = 8
DRIFTS_SHOWN = 5
DRIFT_SAID = 0.1
TEXT_CHARS = 200
SHOWN_MAX = 60


def words_of(difference: Mapping[str, Any]) -> tuple[str, ...]:
    """What changed: rows, tables, columns, and columns whose values moved most. Empty for the first."""
    if not difference:
        return ()
    said = [_rows(*difference["rows"])]
    if difference["tables_added"]:
        said.append(_("New tables: %(names)s") % {"names": _names(difference["tables_added"])})
    if difference["tables_removed"]:
        said.append(
            _("Tables left out: %(names)s") % {"names": _names(difference["tables_removed"])}
        )
    for table in difference["tables"].values():
        said += _table(table)
    return tuple(said)


def _rows(before: int, after: int) -> str:
    if before == after:
        return _("As many rows as before: %(rows)s") % {"rows": f"{after:,}"}
    return _("%(after)s rows, before %(before)s (%(change)s)") % {
        "after": f"{after:,}",
        "before": f"{before:,}",
        "change": f"{after - before:+,}",
    }


def _table(table: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    if table["columns_added"]:
        said.append(_("New columns: %(names)s") % {"names": _names(table["columns_added"])})
    if table["columns_removed"]:
        said.append(_("Columns left out: %(names)s") % {"names": _names(table["columns_removed"])})
    said += [_changed(change) for change in table["columns_changed"][:NAMES_MAX]]
    drifts = [one for one in table["drift"] if float(one.get("drift") or 0) >= DRIFT_SAID]
    drifts.sort(key=lambda one: -float(one["drift"]))
    said += [
        _("The values of %(column)s moved by %(share)s")
        % {"column": one["column"], "share": f"{float(one['drift']):.0%}"}
        for one in drifts[:DRIFTS_SHOWN]
    ]
    return said


def _changed(change: Mapping[str, Any]) -> str:
    before, after = change.get("type") or change.get("unit") or ["", ""]
    return _("%(column)s: %(before)s became %(after)s") % {
        "column": change["column"],
        "before": before or "–",
        "after": after or "–",
    }


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_MAX])
    return f"{shown} …" if len(names) > NAMES_MAX else shown


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


def offer_changes(product: Product) -> tuple[Change, ...]:
    """The proposed offers, each beside the one whose place it takes."""
    return tuple(
        Change(
            _("Offer") + f" · {one.name}",
            "–" if one.supersedes is None else money_shown(one.supersedes.price),
            _price_then(one),
        )
        for one in proposed_offers(product).select_related("supersedes")
    )


def _price_then(offer: Offer) -> str:
    """The price, and when it begins if that is said."""
    price = money_shown(offer.price)
    if offer.valid_from <= clock.now():
        return price
    return _("%(price)s from %(at)s") % {"price": price, "at": moment_shown(offer.valid_from)}


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
