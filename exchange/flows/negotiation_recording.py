"""The records of negotiations and contracts in the log; what was said stays between the parties."""

from exchange.audit.actions import log
from exchange.audit.coverage import must_be_recorded
from exchange.contracts.actions import concluding
from exchange.contracts.models import Contract, ContractStep
from exchange.contracts.states import EVENTS as CONTRACT_EVENTS
from exchange.contracts.states import Move as ContractMove
from exchange.negotiation.models import Negotiation, NegotiationStep
from exchange.negotiation.notifications import tell_of_negotiation
from exchange.negotiation.states import EVENTS, Move


def record_step(step: NegotiationStep) -> Negotiation:
    """Write a step of a negotiation to the log: that it happened, and the hash of what was said."""
    negotiation = step.negotiation
    log.record(
        event=EVENTS[Move(step.move)],
        actor=step.actor,
        subject=f"negotiation_step:{step.public_id}",
        facts={
            "negotiation": negotiation.public_id,
            "from": step.source,
            "to": step.target,
            "proposal": step.proposal_hash or None,
        },
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    tell_of_negotiation(step)
    return negotiation


def record_contract_step(step: ContractStep) -> Contract:
    """Write a step of a contract to the log, with the document's hash, and the signature in it."""
    contract = step.contract
    record = log.record(
        event=CONTRACT_EVENTS[ContractMove(step.move)],
        actor=step.actor,
        subject=f"contract_step:{step.public_id}",
        facts={
            "contract": contract.public_id,
            "document": contract.document_hash,
            "from": step.source,
            "to": step.target,
            **step.facts,
        },
        at=step.at,
    )
    if step.move == ContractMove.COMPLETE_SIGNING:
        concluding.keep_record(contract=contract, record_id=record)
    return contract


def declare() -> None:
    """Every step of both rooms has its record."""
    must_be_recorded(
        name="negotiation.steps",
        rows="SELECT 'negotiation_step:' || public_id FROM negotiation_negotiationstep",
        event=tuple(EVENTS.values()),
    )
    must_be_recorded(
        name="contracts.steps",
        rows="SELECT 'contract_step:' || public_id FROM contracts_contractstep",
        event=tuple(CONTRACT_EVENTS.values()),
    )
