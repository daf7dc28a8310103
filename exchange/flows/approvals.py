"""Decisions on an admission that take two operators: one proposes, another approves or declines."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from exchange.flows.admission import record_step
from exchange.members import policy
from exchange.members.actions import proposals
from exchange.members.actors import Actor
from exchange.members.models import Admission, Proposal
from exchange.members.permissions import Permission
from exchange.members.queries.admissions import (
    admission_seen_by,
    proposal_seen_by,
    subject_of,
)
from exchange.members.roles import Kind
from exchange.members.states import Move


def propose_qualification(
    *, actor: Actor, admission_id: str, kinds: Iterable[Kind], reason: str, now: datetime
) -> Proposal:
    """Propose what a verified organisation may be at the exchange."""
    return _propose(actor, admission_id, Move.QUALIFY, reason, now, kinds)


def propose_requalification(
    *, actor: Actor, admission_id: str, kinds: Iterable[Kind], reason: str, now: datetime
) -> Proposal:
    """Propose all that a taking-part organisation shall be from now on."""
    return _propose(actor, admission_id, Move.REQUALIFY, reason, now, kinds)


def propose_suspension(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Proposal:
    return _propose(actor, admission_id, Move.SUSPEND, reason, now)


def propose_restoration(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Proposal:
    """Propose to lift a restriction or a suspension."""
    return _propose(actor, admission_id, Move.RESTORE, reason, now)


def propose_exit(*, actor: Actor, admission_id: str, reason: str, now: datetime) -> Proposal:
    """Propose to end an admission, or to turn an application down."""
    return _propose(actor, admission_id, Move.EXIT, reason, now)


def approve_proposal(*, actor: Actor, proposal_id: str, now: datetime, note: str = "") -> Admission:
    """Agree as the second person. The move is made and logged at once."""
    proposal = _decidable(actor, proposal_id)
    with transaction.atomic():
        _decided, step = proposals.approve(proposal_id=proposal.pk, actor=actor, now=now, note=note)
        return record_step(step, actor=actor, personal={"note": note.strip()} if note else None)


def decline_proposal(*, actor: Actor, proposal_id: str, note: str, now: datetime) -> Proposal:
    """Refuse as the second person, with a reason."""
    proposal = _decidable(actor, proposal_id)
    with transaction.atomic():
        return proposals.decline(proposal_id=proposal.pk, actor=actor, now=now, note=note)


def withdraw_proposal(*, actor: Actor, proposal_id: str, note: str, now: datetime) -> Proposal:
    """Take one's own proposal back."""
    proposal = proposal_seen_by(actor, proposal_id)
    policy.require(actor, Permission.ADMISSION_PROPOSE, subject_of(proposal.admission))
    with transaction.atomic():
        return proposals.withdraw_proposal(proposal_id=proposal.pk, actor=actor, now=now, note=note)


def _propose(
    actor: Actor,
    admission_id: str,
    move: Move,
    reason: str,
    now: datetime,
    kinds: Iterable[Kind] = (),
) -> Proposal:
    admission = admission_seen_by(actor, admission_id)
    policy.require(actor, Permission.ADMISSION_PROPOSE, subject_of(admission))
    with transaction.atomic():
        return proposals.propose(
            admission_id=admission.pk,
            move=move,
            kinds=kinds,
            reason=reason,
            actor=actor,
            now=now,
        )


def _decidable(actor: Actor, proposal_id: str) -> Proposal:
    proposal = proposal_seen_by(actor, proposal_id)
    subject = subject_of(proposal.admission, made_by=frozenset({proposal.proposed_by_id}))
    policy.require(actor, Permission.ADMISSION_DECIDE, subject)
    return proposal
