"""Rulings on large orders: one operator proposes, another decides."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.moves import check_move
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.orders.actions.steps import check_reason, check_source
from exchange.orders.models import Order, Ruling
from exchange.orders.models.rulings import RULINGS
from exchange.orders.states import RULING_MOVES, Decision, Move, RulingReason


class RulingOpen(Refusal):
    """Another ruling on the order still waits for a second operator."""

    code = "ruling_open"


class RulingRefused(Invalid):
    """A ruling is a release or a refund, for one of the reasons listed."""

    code = "ruling_refused"


def check_ruling(move: Move, reason_code: str) -> RulingReason:
    """The reason's kind. Raises RulingRefused."""
    if move not in RULINGS or reason_code not in RulingReason.values:
        raise RulingRefused(
            _("Choose a ruling and one of the reasons."),
            rulings=[one.value for one in RULINGS],
            reasons=list(RulingReason.values),
        )
    return RulingReason(reason_code)


def propose(
    *, order: Order, move: Move, reason_code: RulingReason, reason: str, by_id: int, now: datetime
) -> Ruling:
    """Write down what one operator proposes for a locked order."""
    check_source(order, move)
    if order.rulings.filter(decision=Decision.OPEN).exists():
        raise RulingOpen(_("A ruling on this order waits for a second operator already."))
    return Ruling.objects.create(
        order=order,
        move=move,
        reason_code=reason_code,
        reason=check_reason(reason),
        proposed_by_id=by_id,
        proposed_at=now,
    )


def decide(*, ruling: Ruling, decision: Decision, by_id: int, now: datetime) -> Ruling:
    """Approve or decline a locked ruling."""
    check_move(RULING_MOVES, Decision(ruling.decision), decision)
    ruling.decision = decision
    ruling.decided_by_id = by_id
    ruling.decided_at = now
    ruling.save(update_fields=["decision", "decided_by", "decided_at"])
    return ruling


def ruling_named(ruling_id: str) -> Ruling:
    """The ruling with its order. Raises NotFound."""
    found = Ruling.objects.select_related("order").filter(public_id=ruling_id).first()
    if found is None:
        raise NotFound(_("There is no such ruling."))
    return found


def locked_ruling(ruling_id: str) -> Ruling:
    """The ruling, which nobody else may decide until this transaction ends."""
    return Ruling.objects.select_for_update(no_key=True).get(public_id=ruling_id)
