"""A contract ends with the order that performs it: completed when that is closed, else ended early."""

from datetime import datetime

from django.db import transaction

from exchange.contracts.actions import concluding
from exchange.contracts.models import Contract
from exchange.contracts.queries.frameworks import calls_of, ended
from exchange.core.lifecycle import Change
from exchange.flows.negotiation_recording import record_contract_step
from exchange.orders.lifecycle import OrderTransition
from exchange.orders.models import Order

BASIS = "contract:"
CLOCK = "system:clock"
COMPLETED = {
    OrderTransition.CLOSE: True,
    OrderTransition.REFUND: False,
    OrderTransition.CANCEL: False,
    OrderTransition.LAPSE: False,
}


def end_with_order(order: Order, change: Change) -> None:
    """Take the contract behind an order to its end with the order. A reaction to its end."""
    completed = COMPLETED[OrderTransition(change.transition)]
    end_contract(order, completed=completed, actor=change.actor, now=change.at)


def end_contract(order: Order, *, completed: bool, actor: str, now: datetime) -> None:
    """End the contract of an order that was made for one; its permit ends with it unless completed."""
    basis = str(order.terms["deal"]["basis"])
    if not basis.startswith(BASIS) or ":" in basis.removeprefix(BASIS):
        return  # not for a contract, or a further order of a framework
    contract_id = basis.removeprefix(BASIS)
    if calls_of(Contract.objects.get(public_id=contract_id)) is not None:
        return  # its time ends it, not one of its orders
    _finish(contract_id, completed=completed, actor=actor, now=now)


def end_frameworks(*, now: datetime, limit: int) -> int:
    """Complete the framework agreements whose time is over; how many."""
    found = ended(now=now, limit=limit)
    for contract_id in found:
        _finish(contract_id, completed=True, actor=CLOCK, now=now)
    return len(found)


@transaction.atomic
def _finish(contract_id: str, *, completed: bool, actor: str, now: datetime) -> None:
    step = concluding.finish(contract_id=contract_id, completed=completed, actor=actor, now=now)
    if step is not None:
        record_contract_step(step)
