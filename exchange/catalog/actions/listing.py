"""The one way a listing moves: lock it, ask the table and the gates, write the step, follow it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog.errors import ChecklistIncomplete, ReasonRefused
from exchange.catalog.gates import check_gates
from exchange.catalog.lifecycle import MOVES, ListingState, Move, MoveRule, Turn
from exchange.catalog.models import ListingStep, Product
from exchange.catalog.models.products import REASON_CHARS_MAX
from exchange.catalog.queries.listings import deadline, listing_of, snapshot_of
from exchange.catalog.reasons import OTHER, REASONS, missing_points
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound

_SNAPPED = frozenset({Move.APPROVE, Move.ACCEPT_CHANGE})
# These look at the listing as its seller wants it. When it is accepted it is so already.
_OF_CHANGES = frozenset({Move.PROPOSE_CHANGE, Move.VOUCH})


@dataclass(frozen=True)
class Said:
    """Why a step is made, and what was confirmed for it."""

    reason_code: str = ""
    reason: str = ""
    checklist: tuple[str, ...] = ()


NOTHING = Said()


def locked_product(public_id: str) -> Product:
    """The product, which nobody else may change until this transaction ends. Take it before its
    revisions and offers.
    """
    try:
        return (
            Product.objects.select_for_update(of=("self",), no_key=True)
            .select_related("seller")
            .get(public_id=public_id)
        )
    except Product.DoesNotExist:
        raise NotFound(_("There is no such product.")) from None


def check_source(product: Product, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the listing stands."""
    state = ListingState(product.state)
    if state in MOVES[move].sources:
        return
    raise IllegalMove(
        _("This step is not possible from the state “%(state)s”.") % {"state": state.label},
        current=state.value,
        target=move.value,
        legal=sorted(other.value for other, rule in MOVES.items() if state in rule.sources),
    )


def take_step(
    *,
    product: Product,
    move: Move,
    actor: str,
    by_id: int | None,
    now: datetime,
    said: Said = NOTHING,
    approved_by_id: int | None = None,
    was_sensitive: bool = False,
) -> ListingStep:
    """Make the move on a locked (or new and unsaved) product and write its step with the answers of
    all gates. Raises IllegalMove, GatesShut, ReasonRefused and ChecklistIncomplete.
    """
    rule = MOVES[move]
    born = product.pk is None
    before = "" if born else product.state
    if not born:
        check_source(product, move)
    said = check_said(move, said)
    gates, snapshot = [], None
    if rule.gated:
        listing = listing_of(product, at=now, with_changes=move in _OF_CHANGES)
        gates = check_gates(listing, move)
        snapshot = snapshot_of(listing) if move in _SNAPPED else None
    _follow(product, rule, now)
    product.save()
    return ListingStep.objects.create(
        product=product,
        number=product.steps_count,
        move=move,
        source=before,
        target=product.state,
        actor=actor,
        by_id=by_id,
        approved_by_id=approved_by_id,
        sensitive=product.is_sensitive or was_sensitive,
        reason_code=said.reason_code,
        reason=said.reason,
        checklist=list(said.checklist),
        gates=gates,
        snapshot=snapshot,
        at=now,
    )


def _follow(product: Product, rule: MoveRule, now: datetime) -> None:
    product.state = rule.target or product.state
    product.turn = rule.turn
    if product.change_proposed and rule.turn is Turn.NOBODY:
        product.turn = Turn.OPERATOR  # a change waits, whatever else happens
    product.due_at = None if rule.term is None else deadline(term=rule.term, now=now)
    product.steps_count += 1
    product.updated_at = now
    if rule.target is ListingState.LISTED and product.listed_at is None:
        product.listed_at = now


def check_said(move: Move, said: Said) -> Said:
    """Reason and checklist, cleaned; refused where the step needs more."""
    reason = said.reason.strip()
    if (MOVES[move].reasoned and not reason) or len(reason) > REASON_CHARS_MAX:
        raise ReasonRefused(
            _("Please give a reason of at most %(limit)d characters.")
            % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    codes = {one.code for one in REASONS if move in one.moves} | {""}
    if said.reason_code not in codes:
        raise ReasonRefused(_("There is no such kind of reason."), accepted=sorted(codes - {""}))
    missing = missing_points(move, frozenset(said.checklist))
    if missing:
        raise ChecklistIncomplete(
            _("Please confirm every point of the checklist first."), missing=missing
        )
    return Said(
        reason_code=said.reason_code or (OTHER if reason else ""),
        reason=reason,
        checklist=tuple(_known_points(move, said.checklist)),
    )


def _known_points(move: Move, ticked: Iterable[str]) -> list[str]:
    return sorted(set(missing_points(move, frozenset())) & set(ticked))
