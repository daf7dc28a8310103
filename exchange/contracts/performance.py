"""What becomes of a contract once it is drawn up: performed, used, ended with its order or by time."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from exchange.contracts.errors import PermitUsedUp
from exchange.contracts.lifecycle import CONTRACT, ContractState, ContractTransition
from exchange.contracts.models import Contract, Permit
from exchange.core import scheduled
from exchange.core.lifecycle import Doer
from exchange.core.use_case import use_case
from exchange.members.actors import system_actor

CLOCK = system_actor("clock")


def calls_of(contract: Contract) -> int | None:
    """How many orders a framework agreement allows in all; None where the contract is none."""
    found = contract.document["limits"].get("calls_max")
    return None if found is None else int(found)


def runs_until(contract: Contract) -> datetime | None:
    """Until when orders may be called off; None before the last signature and for other contracts."""
    days = contract.document["limits"].get("calls_days")
    if days is None or contract.concluded_at is None:
        return None
    return contract.concluded_at + timedelta(days=int(days))


@use_case(locks=CONTRACT)
def begin(contract: Contract, *, order_id: str, actor: Doer, now: datetime) -> Contract:
    """The first order that performs a signed contract is placed; a framework runs from here on."""
    return CONTRACT.transition(
        contract,
        ContractTransition.PERFORM,
        actor=actor,
        facts={"order": order_id},
        due_at=runs_until(contract),
        now=now,
    )


@use_case(locks=CONTRACT)
def end(contract: Contract, *, is_completed: bool, actor: Doer, now: datetime) -> Contract:
    """The order of a contract has come to its end: the contract is completed, or ended before it was,
    and its permit with it. A framework goes on until its time is over."""
    if contract.state != ContractState.PERFORMING or calls_of(contract) is not None:
        return contract
    if is_completed:
        return CONTRACT.transition(contract, ContractTransition.COMPLETE, actor=actor, now=now)
    Permit.objects.filter(contract=contract, valid_from__lt=now).update(valid_until=now)
    return CONTRACT.transition(contract, ContractTransition.TERMINATE, actor=actor, now=now)


def extend(contract: Contract, *, until: datetime) -> None:
    """Let what a contract permits last as long as the access of its order does; never shorter. What was signed
    stays as it is, and so does the time in which a framework's orders are called off."""
    Permit.objects.filter(contract=contract, valid_until__lt=until).update(valid_until=until)


@use_case(locks=CONTRACT)
def lapse(contract: Contract, *, actor: Doer, now: datetime) -> Contract:
    """End one that was not signed in time; one that was is left as it is."""
    if contract.state != ContractState.SIGNING or contract.sign_by > now:
        return contract
    return CONTRACT.transition(contract, ContractTransition.LAPSE, actor=actor, now=now)


def run_due(*, now: datetime) -> int:
    """Complete the framework agreements whose time is over; how many."""
    return sum(
        scheduled.run_due(CONTRACT, {ContractTransition.COMPLETE: _time_is_over}, now=now).values()
    )


def _time_is_over(contract: Contract, *, now: datetime) -> Contract:
    return CONTRACT.transition(contract, ContractTransition.COMPLETE, actor=CLOCK, now=now)


@use_case()
def use(contract: Contract) -> bool:
    """Count one use of what the contract permits; whether it counts any. Raises PermitUsedUp.

    The permit stays locked until the transaction ends, so that of several uses at once none is counted
    beyond the limit.
    """
    limited = Permit.objects.filter(contract=contract, uses_max__isnull=False)
    permit = limited.select_for_update(of=("self",), no_key=True).first()
    if permit is None or permit.uses_max is None:
        return False
    if permit.used >= permit.uses_max:
        raise PermitUsedUp(
            _("The contract allowed %(count)d uses, and all of them were made.")
            % {"count": permit.uses_max},
            uses_max=permit.uses_max,
        )
    permit.used += 1
    permit.save(update_fields=["used"])
    return True
