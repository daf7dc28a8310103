"""The lifecycle of a contract as a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


class ContractState(TextChoices):
    """Where a contract stands."""

    DRAFTING = "drafting", _("Being drawn up")
    SIGNING = "signing", _("Waiting for signatures")
    SIGNED = "signed", _("Signed by both parties")
    PERFORMING = "performing", _("Being performed")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Ended before completion")
    LAPSED = "lapsed", _("Not signed in time")


class Move(TextChoices):
    """What can happen to a contract. Each is one row of MOVES and, when done, one step."""

    DRAFT = "draft", _("Drawn up from the template")
    PUT_UP = "put_up", _("Put up for signing")
    SIGN = "sign", _("Signed by one party")
    COMPLETE_SIGNING = "conclude", _("Signed by both parties")
    PERFORM = "perform", _("Performance begun")
    COMPLETE = "complete", _("Completed")
    TERMINATE = "terminate", _("Ended before completion")
    LAPSE = "lapse", _("Lapsed, since it was not signed in time")


class Role(TextChoices):
    """The part of a party in the trade behind the contract."""

    SELLER = "seller", _("Seller")
    BUYER = "buyer", _("Buyer")


@dataclass(frozen=True)
class MoveRule:
    """From which states a move may be made, and where it leads (None: it stays)."""

    sources: frozenset[ContractState]
    target: ContractState | None


S = ContractState


def _from(*sources: ContractState) -> frozenset[ContractState]:
    return frozenset(sources)


MOVES: Mapping[Move, MoveRule] = {
    Move.DRAFT: MoveRule(_from(), S.DRAFTING),
    Move.PUT_UP: MoveRule(_from(S.DRAFTING), S.SIGNING),
    Move.SIGN: MoveRule(_from(S.SIGNING), None),
    Move.COMPLETE_SIGNING: MoveRule(_from(S.SIGNING), S.SIGNED),
    Move.PERFORM: MoveRule(_from(S.SIGNED), S.PERFORMING),
    Move.COMPLETE: MoveRule(_from(S.PERFORMING), S.COMPLETED),
    Move.TERMINATE: MoveRule(_from(S.PERFORMING), S.TERMINATED),
    Move.LAPSE: MoveRule(_from(S.SIGNING), S.LAPSED),
}

CONTRACT_MOVES: Mapping[ContractState, frozenset[ContractState]] = lifecycle(
    name="contracts.contract",
    title=_("Contract"),
    start=ContractState.DRAFTING,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in ContractState
    },
)

EVENTS: Mapping[Move, str] = {
    Move.DRAFT: "contracts.contract.drafted",
    Move.PUT_UP: "contracts.contract.put_up",
    Move.SIGN: "contracts.contract.signed",
    Move.COMPLETE_SIGNING: "contracts.contract.concluded",
    Move.PERFORM: "contracts.contract.performed",
    Move.COMPLETE: "contracts.contract.completed",
    Move.TERMINATE: "contracts.contract.terminated",
    Move.LAPSE: "contracts.contract.lapsed",
}

# Both have signed: what was granted holds, unless the contract was ended before its time.
IN_FORCE = _from(S.SIGNED, S.PERFORMING, S.COMPLETED)


def legal_steps() -> list[tuple[Move, str, ContractState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, ContractState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps
