"""Flags of personal columns: set by the seller or by an operator on any column, at once and for all
revisions; taken off by an operator alone, whom the seller may ask.

What is shown of a flagged column is decided in `disclosure`. Nothing that was made of it earlier has
to be rewritten: profiles, previews and samples are masked when they leave.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.catalog.disclosure import flag_key
from exchange.catalog.errors import ColumnNotFlagged, ColumnUnknown
from exchange.catalog.facts import personal_keys
from exchange.catalog.lifecycle import (
    FLAG,
    LISTING,
    FlagState,
    FlagTransition,
    Party,
    RevisionState,
)
from exchange.catalog.models import ColumnFlag, Product, RevisionTable
from exchange.catalog.models.revisions import COLUMN_CHARS_MAX
from exchange.core.lifecycle import checked_reason
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission

COLUMNS_NAMED_MAX = 50


@use_case(Permission.LISTING_END, locks=LISTING)
def flag_own_column(
    product: Product, *, column: str, reason: str, actor: Actor, now: datetime
) -> ColumnFlag:
    """Hold a column of one's own product back as personal, in all revisions, at once."""
    return _flag(product, column, Party.SELLER, reason=reason, actor=actor, now=now)


@use_case(Permission.LISTING_REVIEW, locks=LISTING)
def flag_column(
    product: Product, *, column: str, reason: str, actor: Actor, now: datetime
) -> ColumnFlag:
    """Hold a column of anybody's product back as personal, in all revisions, at once."""
    return _flag(product, column, Party.OPERATOR, reason=reason, actor=actor, now=now)


@use_case(Permission.LISTING_END, locks=LISTING)
def ask_lift(
    product: Product, *, column: str, reason: str, actor: Actor, now: datetime
) -> ColumnFlag:
    """Ask the exchange to show a column that is held back. It stays held back meanwhile.

    One that the reading found or the dictionary says gets its flag now. Raises ColumnNotFlagged for
    a column that is shown.
    """
    key = _key(product, column)
    flag = _standing(product).filter(column=key).first()
    if flag is None:
        if key not in personal_keys(_published(product), list(product.flags.all())):
            raise ColumnNotFlagged(
                _("This column is not held back as personal."),
                column=column,
                product=product.public_id,
            )
        flag = _flag(product, column, Party.SELLER, reason=reason, actor=actor, now=now)
    else:
        flag = FLAG.lock_key(flag.pk)  # an operator may be taking it off
    flag.lift_reason = checked_reason(reason)
    return FLAG.transition(
        flag, FlagTransition.ASK_LIFT, actor=actor, now=now, reason=reason, save=("lift_reason",)
    )


@use_case(Permission.LISTING_REVIEW, locks=FLAG)
def keep_flag(flag: ColumnFlag, *, reason: str, actor: Actor, now: datetime) -> ColumnFlag:
    """Answer a seller that a column stays held back, with the reason."""
    flag.answer = checked_reason(reason)
    return FLAG.transition(
        flag, FlagTransition.KEEP, actor=actor, now=now, reason=reason, save=("answer",)
    )


@use_case(Permission.LISTING_REVIEW, locks=FLAG)
def lift_flag(flag: ColumnFlag, *, reason: str, actor: Actor, now: datetime) -> ColumnFlag:
    """Show a column again: the exchange found that it is not personal. It says so of the revisions
    that are published; the next ones are judged anew."""
    flag.lifted_at, flag.answer = now, checked_reason(reason)
    return FLAG.transition(
        flag, FlagTransition.LIFT, actor=actor, now=now, reason=reason, save=("lifted_at", "answer")
    )


@dataclass(frozen=True)
class ColumnState:
    """A column of the published revisions: whether values of it are shown, and why not."""

    key: str
    name: str
    is_hidden: bool
    is_asked: bool
    reason: str
    answer: str


def column_states(product: Product) -> list[ColumnState]:
    """The columns of what is published, each once, as the newest revision names it."""
    standing = {flag.column: flag for flag in _standing(product)}
    rows = list(_published(product))
    hidden = personal_keys(rows, list(product.flags.all()))
    named = {
        flag_key(column): str(column["name"]) for row in rows for column in row.document["columns"]
    }
    return [
        _state(key, name, standing.get(key), is_hidden=key in hidden) for key, name in named.items()
    ]


def _state(key: str, name: str, flag: ColumnFlag | None, *, is_hidden: bool) -> ColumnState:
    reason = "" if flag is None else flag.reason
    if is_hidden and flag is None:
        reason = _("Found by the reading, or said in the dictionary.")
    is_asked = flag is not None and flag.state == FlagState.LIFT_ASKED
    return ColumnState(
        key,
        name,
        is_hidden=is_hidden,
        is_asked=is_asked,
        reason=reason,
        answer="" if flag is None else flag.answer,
    )


def _published(product: Product) -> QuerySet[RevisionTable]:
    return (
        RevisionTable.objects.filter(
            revision__product=product, revision__state=RevisionState.PUBLISHED
        )
        .select_related("revision")
        .order_by("revision__number", "position")
    )


def _flag(
    product: Product, column: str, party: Party, *, reason: str, actor: Actor, now: datetime
) -> ColumnFlag:
    """The standing flag of the column, or a new one."""
    key = _key(product, column)
    standing = _standing(product).filter(column=key).first()
    if standing is not None:
        return standing
    flag = ColumnFlag(
        product=product, column=key, party=party.value, reason=checked_reason(reason),
        created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    return FLAG.transition(
        flag, FlagTransition.FLAG, actor=actor, now=now, reason=reason,
        notify=party is Party.OPERATOR,
    )  # fmt: skip


def _standing(product: Product) -> QuerySet[ColumnFlag]:
    return ColumnFlag.objects.filter(product=product).exclude(state=FlagState.LIFTED)


def _key(product: Product, column: str) -> str:
    """The key of a column by its name in the data or in the dictionary. Raises ColumnUnknown."""
    known = {
        flag_key(one): str(one["name"])
        for row in RevisionTable.objects.filter(revision__product=product).order_by(
            "revision__number"
        )
        for one in row.document["columns"]
    }
    if column in known:
        return column
    for key, name in known.items():
        if name == column:
            return key
    raise ColumnUnknown(
        _("The product has no such column."),
        column=column[:COLUMN_CHARS_MAX],
        accepted=sorted(known)[:COLUMNS_NAMED_MAX],
    )
