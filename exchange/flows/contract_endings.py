"""A contract ends with the order that performs it: completed when that is closed, else ended early."""

from datetime import datetime

from exchange.contracts.actions import concluding
from exchange.flows.negotiation_recording import record_contract_step
from exchange.trading.models import Order, OrderStep
from exchange.trading.states import Move

BASIS = "contract:"
COMPLETED = {Move.CLOSE: True, Move.REFUND: False, Move.CANCEL: False, Move.LAPSE: False}


def end_with_order(step: OrderStep) -> None:
    """Take the contract behind an order to its end, if this step is the order's."""
    completed = COMPLETED.get(Move(step.move))
    if completed is not None:
        end_contract(step.order, completed=completed, actor=step.actor, now=step.at)


def end_contract(order: Order, *, completed: bool, actor: str, now: datetime) -> None:
    """End the contract of an order that was made for one; its permit ends with it unless completed."""
    basis = str(order.terms["deal"]["basis"])
    if not basis.startswith(BASIS):
        return
    step = concluding.finish(
        contract_id=basis.removeprefix(BASIS), completed=completed, actor=actor, now=now
    )
    if step is not None:
        record_contract_step(step)
