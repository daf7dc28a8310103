"""What a contract's page says of a framework agreement."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from exchange.contracts.models import Contract
from exchange.contracts.queries.frameworks import calls_of, runs_until
from exchange.contracts.states import ContractState
from exchange.flows.framework_calls import calls_made
from exchange.members.actors import Actor


@dataclass(frozen=True)
class Framework:
    """How many orders it allows, how many were placed, and the number that the reader may place."""

    calls: int
    made: int
    until: datetime
    next_number: int | None


def framework_of(contract: Contract, actor: Actor) -> Framework | None:
    """The framework as the reader sees it; None for other contracts."""
    calls, until = calls_of(contract), runs_until(contract)
    if calls is None or until is None:
        return None
    made = calls_made(contract)
    runs = contract.state == ContractState.PERFORMING and made < calls and until > timezone.now()
    is_buyer = actor.organisation_id == contract.buyer_id
    return Framework(calls, made, until, made + 1 if runs and is_buyer else None)
