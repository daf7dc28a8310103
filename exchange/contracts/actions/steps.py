"""The one way a contract moves: lock it, ask the table, write the step, follow it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.contracts.models import Contract, ContractStep
from exchange.contracts.states import MOVES, ContractState, Move
from exchange.core.moves import IllegalMove
from exchange.core.refusals import NotFound

# What a step may write; all else of a contract is frozen.
MOVING = ("state", "steps_count", "order_ref", "concluded_at")


def locked_contract(contract_id: str) -> Contract:
    """The contract, which nobody else may move until this transaction ends."""
    try:
        return (
            Contract.objects.select_for_update(of=("self",), no_key=True)
            .select_related("buyer", "seller", "product")
            .get(public_id=contract_id)
        )
    except Contract.DoesNotExist:
        raise NotFound(_("There is no such contract.")) from None


def take_step(
    *,
    contract: Contract,
    move: Move,
    actor: str,
    now: datetime,
    by_id: int | None = None,
    facts: Mapping[str, object] | None = None,
) -> ContractStep:
    """Make the move on a locked contract and write its step. Raises IllegalMove."""
    rule = MOVES[move]
    before = contract.state if contract.steps_count else ""
    if before and ContractState(before) not in rule.sources:
        raise IllegalMove(
            _("This step is not possible from the state “%(state)s”.")
            % {"state": ContractState(before).label},
            current=before,
            target=move.value,
            legal=sorted(
                one.value for one, row in MOVES.items() if ContractState(before) in row.sources
            ),
        )
    contract.state = rule.target or contract.state
    contract.steps_count += 1
    contract.save(update_fields=MOVING)
    return ContractStep.objects.create(
        contract=contract,
        number=contract.steps_count,
        move=move,
        source=before,
        target=contract.state,
        actor=actor,
        by_id=by_id,
        facts=dict(facts or {}),
        at=now,
    )
