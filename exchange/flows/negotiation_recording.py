"""The records of negotiations and contracts in the log; what was said stays between the parties."""

from exchange.audit.actions import log
from exchange.audit.coverage import must_be_recorded
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


def declare() -> None:
    """Every step of both rooms has its record."""
    must_be_recorded(
        name="negotiation.steps",
        rows="SELECT 'negotiation_step:' || public_id FROM negotiation_negotiationstep",
        event=tuple(EVENTS.values()),
    )
