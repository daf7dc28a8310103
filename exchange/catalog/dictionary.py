"""The data dictionary: what the reading found out, corrected by the seller, and answers to findings."""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.errors import DictionaryRefused, RevisionMissing
from exchange.catalog.facts import draft_revision, rename_columns
from exchange.catalog.lifecycle import LISTING
from exchange.catalog.listing import check_data_open
from exchange.catalog.models import Product, RevisionTable
from exchange.catalog.revisions import keep_tables
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission

UNIT_CHARS_MAX = 40
NAME_CHARS_MAX = 100
DESCRIPTION_CHARS_MAX = 500
WHY_CHARS_MAX = 500
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]*")


@dataclass(frozen=True)
class Correction:
    """What a seller says of one column; None leaves what is there. Any column may be `personal`;
    that one with a finding is not needs a reason.
    """

    column: str
    name: str | None = None
    unit: str | None = None
    description: str | None = None
    personal: bool | None = None
    why: str = ""


@dataclass(frozen=True)
class TableCorrection:
    """Corrections of one table, by its position in the revision."""

    position: int
    columns: tuple[Correction, ...] = field(default_factory=tuple)


@use_case(Permission.OFFER_MAKE, locks=LISTING)
def correct_dictionary(
    product: Product,
    *,
    actor: Actor,  # noqa: ARG001 - who is asked for the permission
    corrections: tuple[TableCorrection, ...],
    now: datetime,
) -> list[RevisionTable]:
    """Describe the columns of the draft and answer its findings. All of it or, refused, nothing.

    Types and figures stay as they were read: they describe the data, not an opinion.
    """
    check_data_open(product)
    revision = draft_revision(product)
    if revision is None:
        raise RevisionMissing(_("There is no draft of a revision to describe."))
    rows = {row.position: row for row in keep_tables(revision)}
    for wanted in corrections:
        row = rows.get(wanted.position)
        if row is None:
            raise DictionaryRefused(
                _("The revision has no such table."), accepted=sorted(rows), table=wanted.position
            )
        _correct(row, wanted.columns)
        row.save()
    product.updated_at = now
    product.save(update_fields=["updated_at"])
    return list(rows.values())


def _correct(row: RevisionTable, corrections: tuple[Correction, ...]) -> None:
    document = copy.deepcopy(row.document)
    columns = {str(column["name"]): column for column in document["columns"]}
    found = {str(finding["column"]) for finding in document.get("findings") or []}
    renamed: dict[str, str] = {}
    for said in corrections:
        column = columns.get(said.column)
        if column is None:
            raise DictionaryRefused(
                _("The table has no column “%(column)s”.")
                % {"column": said.column[:NAME_CHARS_MAX]},
                column=said.column[:NAME_CHARS_MAX],
            )
        _describe(column, said)
        if said.personal is not None:
            _decide(row, said, is_found=said.column in found)
        if said.name and said.name.strip() != said.column:
            renamed[said.column] = _short(said, "name", said.name, NAME_CHARS_MAX)
    row.document = _renamed(document, renamed)
    row.decisions = {renamed.get(name, name): said for name, said in row.decisions.items()}


def _decide(row: RevisionTable, said: Correction, *, is_found: bool) -> None:
    """Keep what is said; that a column without a finding is not personal takes back that it is."""
    if said.personal or is_found:
        row.decisions[said.column] = _decision(said)
    else:
        row.decisions.pop(said.column, None)


def _renamed(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    rename_columns(document, names)
    shown = [str(column["name"]) for column in document["columns"]]
    if len(set(shown)) < len(shown):
        raise DictionaryRefused(_("Two columns of a table cannot have one name."), columns=shown)
    return document


def _describe(column: dict[str, Any], said: Correction) -> None:
    if said.unit is not None:
        column["unit"] = _short(said, "unit", said.unit, UNIT_CHARS_MAX) or None
    if said.description is not None:
        column["description"] = _short(said, "description", said.description, DESCRIPTION_CHARS_MAX)


def _decision(said: Correction) -> dict[str, Any]:
    why = _short(said, "why", said.why, WHY_CHARS_MAX)
    if not said.personal and not why:
        raise DictionaryRefused(
            _("Please say why the column “%(column)s” is not personal.") % {"column": said.column},
            column=said.column,
            field="why",
        )
    return {"personal": bool(said.personal), "why": why}


def _short(said: Correction, name: str, text: str, chars_max: int) -> str:
    kept = " ".join(text.split())
    if len(kept) > chars_max or not _PRINTABLE.fullmatch(kept):
        raise DictionaryRefused(
            _(
                "The text for the column “%(column)s” may have at most %(limit)d printable characters."
            )
            % {"column": said.column, "limit": chars_max},
            column=said.column,
            field=name,
            limit=chars_max,
        )
    return kept
