"""The one way an order moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.actions import live
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound
from exchange.orders.actions import windows
from exchange.orders.errors import OrderReasonMissing
from exchange.orders.models import Order, OrderStep
from exchange.orders.models.orders import REASON_CHARS_MAX
from exchange.orders.queries.deadlines import deadline
from exchange.orders.states import MOVES, NEED_REASON, UNLICENSED, Move, OrderState

# What a step may write; all else of an order is frozen.
MOVING = (
    "state", "turn", "due_at", "inspection_ends_at", "steps_count", "version", "changed_at",
    "confirmed_by",
)  # fmt: skip


def locked_order(order_id: str) -> Order:
    """The order, which nobody else may move until this transaction ends. Take it before anything
    else of the order's is locked: payments, entitlements, books.
    """
    try:
        return (
            Order.objects.select_for_update(of=("self",), no_key=True)
            .select_related("buyer", "seller")
            .get(public_id=order_id)
        )
    except Order.DoesNotExist:
        raise NotFound(_("There is no such order.")) from None


def check_source(order: Order, move: Move) -> None:
    """Raise IllegalMove unless the move starts from where the order stands."""
    state = OrderState(order.state)
    if state in MOVES[move].sources:
        return
    raise IllegalMove(
        _("This step is not possible from the state “%(state)s”.") % {"state": state.label},
        current=state.value,
        target=move.value,
        legal=sorted(other.value for other, rule in MOVES.items() if state in rule.sources),
    )


def check_reason(reason: str) -> str:
    """The reason without surrounding space; refused when empty or too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_CHARS_MAX:
        raise OrderReasonMissing(
            _("Please give a reason of at most %(limit)d characters.")
            % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    return reason


def take_step(
    *,
    order: Order,
    move: Move,
    actor: str,
    now: datetime,
    by_id: int | None = None,
    approved_by_id: int | None = None,
    reason: str = "",
    reason_code: str = "",
    facts: Mapping[str, object] | None = None,
    due_at: datetime | None = None,
    passes: bool = False,
) -> OrderStep:
    """Make the move on a locked (or new and unsaved) order and write its step.

    The deadline is that of the table unless `due_at` names one. `passes` says that another step
    follows in this transaction, so that nobody is given a deadline here.
    """
    rule = MOVES[move]
    born = order.pk is None
    before = "" if born else order.state
    if not born:
        check_source(order, move)
    if move in NEED_REASON:
        reason = check_reason(reason)
    order.state = rule.target or order.state
    order.turn = rule.turn
    order.due_at = due_at
    if due_at is None and rule.term is not None and not passes:
        order.due_at = deadline(term=rule.term, now=now)
    if move is Move.DELIVER:
        order.inspection_ends_at = order.due_at or now
    order.steps_count += 1
    order.version += 1
    order.changed_at = now
    order.save(update_fields=None if born else MOVING)
    if order.state in UNLICENSED:
        windows.free_window(order=order, now=now)
    live.announce(topic=f"order:{order.public_id}", version=order.version)
    return OrderStep.objects.create(
        order=order,
        number=order.steps_count,
        move=move,
        source=before,
        target=order.state,
        actor=actor,
        by_id=by_id,
        approved_by_id=approved_by_id,
        reason=reason,
        reason_code=reason_code,
        facts=dict(facts or {}),
        at=now,
    )
