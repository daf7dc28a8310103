"""What a new revision of a standing listing shows that the exchange has not looked at: new tables and
columns, columns of another type, and columns that are not held back as personal any more.

A revision that shows nothing of this goes to its buyers at once. Any other waits for an operator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.differences import revision_difference
from exchange.catalog.disclosure import flag_key
from exchange.catalog.facts import hidden_columns, last_published, personal_keys, tables_of
from exchange.catalog.models import ColumnFlag, Product, Revision, RevisionTable
from exchange.vault.masks import found_in

NAMES_MAX = 8


class What(StrEnum):
    """What is new."""

    TABLES = "new_tables"
    COLUMNS = "new_columns"
    TYPES = "other_types"
    FLAGS = "fewer_flags"


@dataclass(frozen=True)
class Exposure:
    """One kind of what is new, with the names."""

    what: What
    names: tuple[str, ...]

    @property
    def sentence(self) -> str:
        shown = ", ".join(self.names[:NAMES_MAX])
        names = {"names": f"{shown} …" if len(self.names) > NAMES_MAX else shown}
        if self.what is What.TABLES:
            return _("New tables: %(names)s") % names
        if self.what is What.COLUMNS:
            return _("New columns: %(names)s") % names
        if self.what is What.TYPES:
            return _("Columns of another type: %(names)s") % names
        return _("Columns said not to be personal: %(names)s") % names


def exposures_of(product: Product, draft: Revision) -> tuple[Exposure, ...]:
    """What the draft shows that no operator has looked at. Of a first revision nothing: the listing
    is looked at as a whole."""
    last = last_published(product)
    if last is None:
        return ()
    flags = list(product.flags.all())
    before, after = tables_of(last), tables_of(draft)
    difference = revision_difference(
        [row.document for row in before], [row.document for row in after]
    )
    shown = {
        What.TABLES: tuple(difference.get("tables_added", ())),
        **_of_columns(difference),
        What.FLAGS: _shown_now(before, after, flags),
    }
    return tuple(Exposure(what, names) for what, names in shown.items() if names)


def _of_columns(difference: Mapping[str, Any]) -> dict[What, tuple[str, ...]]:
    tables = list(difference.get("tables", {}).values())
    return {
        What.COLUMNS: tuple(name for table in tables for name in table["columns_added"]),
        What.TYPES: tuple(
            one["column"] for table in tables for one in table["columns_changed"] if "type" in one
        ),
    }


def _shown_now(
    before: Sequence[RevisionTable], after: Sequence[RevisionTable], flags: Sequence[ColumnFlag]
) -> tuple[str, ...]:
    """Columns that were held back and are not now, and those that were never found personal before
    and are said not to be."""
    hidden, was_hidden = personal_keys(after, flags), personal_keys(before, flags)
    there = {flag_key(column) for row in after for column in row.document["columns"]}
    denied, was_denied = _denied(after, flags), _denied(before, flags)
    return tuple(sorted((((was_hidden - hidden) & there) | (denied - was_denied)) - hidden))


def _denied(rows: Sequence[RevisionTable], flags: Sequence[ColumnFlag]) -> set[str]:
    """Columns in which personal data was found and which are shown all the same."""
    return {
        flag_key(column)
        for row in rows
        for shown in [found_in(row.document) - hidden_columns(row, flags)]
        for column in row.document["columns"]
        if column["name"] in shown
    }
