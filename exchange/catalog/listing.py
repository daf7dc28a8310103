"""The one way a listing changes its state: reason, checklist and gates are asked, then the transition made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog.errors import (
    ChangeMissing,
    ChangePending,
    ChecklistIncomplete,
    ProductClosed,
    ReasonRefused,
)
from exchange.catalog.facts import (
    Listing,
    draft_revision,
    listing_of,
    proposed_offers,
    snapshot_of,
)
from exchange.catalog.gates import check_gates
from exchange.catalog.lifecycle import (
    AMENDABLE,
    EDITABLE,
    GATED,
    LISTING,
    ListingState,
    ListingTransition,
    RevisionState,
    Turn,
)
from exchange.catalog.models import Product
from exchange.catalog.reasons import OTHER, REASONS, missing_points
from exchange.core.lifecycle import Doer
from exchange.members import standing
from exchange.members.standing import Business

X = ListingTransition
_SNAPPED = frozenset({X.APPROVE, X.ACCEPT_CHANGE})
# These look at the listing as its seller wants it. When it is accepted it is so already.
_OF_CHANGES = frozenset({X.PROPOSE_CHANGE, X.FIRST_APPROVAL})
# After any other the approval of a first operator counts no more.
_KEEP_FIRST_APPROVAL = frozenset(
    {X.FIRST_APPROVAL, X.SUSPEND, X.RESUME, X.RESUME_PAUSED, X.PAUSE, X.RELIST}
)
# What buyers see from then on has a seller in standing.
_SHOWING = frozenset({X.LIST, X.RESUME, X.RELIST})
_ENDING = frozenset({X.DELIST, X.REJECT, X.ARCHIVE})
_SAVED = (
    "updated_at", "listed_at", "first_approved_by", "first_approved_at", "amendment",
    "change_proposed",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """Why a step is made, and what was confirmed for it."""

    reason_code: str = ""
    reason: str = ""
    checklist: tuple[str, ...] = ()


NOTHING = Said()
HOLD_SELLER = standing.held_of(Product, "seller_id")


def transition(
    product: Product,
    name: ListingTransition,
    *,
    actor: Doer,
    now: datetime,
    said: Said = NOTHING,
    seen: Listing | None = None,
    by_id: int | None = None,
    approved_by_id: int | None = None,
    was_sensitive: bool = False,
    save: Sequence[str] = (),
    notify: bool = True,
    asks_gates: bool = True,
) -> Product:
    """Make the transition on a locked (or new and unsaved) product; its step keeps the answers of all
    gates. `seen` is the listing where the caller has read it already; `asks_gates` is False where nothing of
    the listing itself was the matter.

    Raises IllegalTransition, GatesShut, ReasonMissing, ReasonRefused and ChecklistIncomplete.
    """
    if not product._state.adding:
        LISTING.check(product, name)
    said = _checked(name, said)
    if name in _SHOWING:
        standing.hold(product.seller_id, business=Business.RUNNING)
    step: dict[str, object] = {
        "sensitive": product.is_sensitive or was_sensitive,
        "checklist": list(said.checklist),
    }
    shut: list[str] = []
    if name in GATED and asks_gates:
        # A seller lists again what buyers saw, whatever is being prepared.
        seen = seen or listing_of(
            product, at=now, with_changes=name in _OF_CHANGES, with_draft=name is not X.RELIST
        )
        gates = check_gates(seen, name)
        shut = [row["gate"] for row in gates if not row["open"]]
        step |= {"gates": gates, "snapshot": snapshot_of(seen) if name in _SNAPPED else None}
    _follow(product, name, now)
    LISTING.transition(
        product, name, actor=actor, now=now, by_id=by_id, approved_by_id=approved_by_id,
        reason=said.reason, reason_code=said.reason_code, facts={"shut": shut}, step=step,
        save=(*_SAVED, *save), notify=notify,
    )  # fmt: skip
    if product.change_proposed and product.turn == Turn.NOBODY:  # it waits, whatever else happens
        product.turn = Turn.OPERATOR
        product.save(update_fields=["turn"])
    return product


def end_of_suspension(product: Product) -> ListingTransition:
    """Where the end of its suspension leads: what its seller had paused before stays paused."""
    suspensions = product.steps.filter(transition=X.SUSPEND).order_by("-number")
    before = suspensions.values_list("source", flat=True).first()
    return X.RESUME_PAUSED if before == ListingState.PAUSED else X.RESUME


def _follow(product: Product, name: ListingTransition, now: datetime) -> None:
    product.updated_at = now
    if name not in _KEEP_FIRST_APPROVAL:
        product.first_approved_by = product.first_approved_at = None
    if name in _ENDING:
        product.amendment, product.change_proposed = None, False
    if name is X.LIST:
        product.listed_at = product.listed_at or now


def _checked(name: ListingTransition, said: Said) -> Said:
    """Reason and checklist, cleaned; refused where the step needs more."""
    reason = LISTING.checked_reason(name, said.reason)
    codes = {one.code for one in REASONS if name in one.transitions} | {""}
    if said.reason_code not in codes:
        raise ReasonRefused(_("There is no such kind of reason."), accepted=sorted(codes - {""}))
    ticked = frozenset(said.checklist)
    missing = missing_points(name, ticked)
    if missing:
        raise ChecklistIncomplete(
            _("Please confirm every point of the checklist first."), missing=missing
        )
    return Said(
        reason_code=said.reason_code or (OTHER if reason else ""),
        reason=reason,
        checklist=tuple(sorted(ticked & set(missing_points(name, frozenset())))),
    )


def check_open(product: Product) -> None:
    """Raise ProductClosed where the data cannot be changed: while the exchange looks at it."""
    state = ListingState(product.state)
    if state not in EDITABLE | AMENDABLE:
        raise ProductClosed(
            _("In the state “%(state)s” the product cannot be changed.") % {"state": state.label},
            state=state.value,
            accepted=sorted(one.value for one in EDITABLE | AMENDABLE),
        )


def check_editable(product: Product) -> None:
    """Raise ProductClosed or ChangePending where its seller cannot change the product now."""
    check_open(product)
    if product.change_proposed:
        raise ChangePending(
            _("The exchange is looking at your change. Take it back to change more.")
        )


def check_data_open(product: Product) -> None:
    """Raise ProductClosed or ChangePending where the data cannot be changed: while the exchange looks
    at it, as part of the listing or as a new revision."""
    check_open(product)
    draft = draft_revision(product)
    if draft is not None and draft.submitted_at is not None:
        raise ChangePending(
            _("The exchange is looking at this revision. Take it back to change more.")
        )


def begin_change(product: Product) -> None:
    """Note that something of a standing listing is to be looked at. The caller saves the product."""
    if product.state in AMENDABLE and product.amendment is None:
        product.amendment = {}


def end_change(product: Product) -> None:
    """Forget a change of which nothing is left: no field, no offer. The caller saves the product."""
    if product.amendment == {} and not proposed_offers(product).exists():
        product.amendment = None


def recall_revision(product: Product) -> None:
    """The draft that the exchange was looking at is its seller's again."""
    product.revisions.filter(state=RevisionState.DRAFT).update(submitted_at=None)


def check_change(product: Product) -> None:
    """Raise ChangeMissing unless a change waits for the exchange."""
    if not product.change_proposed:
        raise ChangeMissing(_("No change of this product waits for a decision."))
