"""The difference of a revision to the last one, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

NAMES_MAX = 8
DRIFTS_SHOWN = 5
DRIFT_SAID = 0.1


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
    drifts = [one for one in table["drift"] if float(one["drift"] or 0) >= DRIFT_SAID]
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
