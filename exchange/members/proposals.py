"""Decisions on an admission that take two operators: one proposes, another approves or declines."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Change, checked_reason
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members import approvals
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.admission import KindsRefused, checked_kinds
from exchange.members.approvals import decide, withdraw_own
from exchange.members.lifecycle import (
    ADMISSION,
    PROPOSABLE,
    PROPOSAL,
    AdmissionTransition,
    Decision,
    ProposalTransition,
    Standing,
)
from exchange.members.models import Admission, Proposal, Qualification
from exchange.members.permissions import Permission
from exchange.members.roles import Kind

NAMES_KINDS = frozenset({AdmissionTransition.QUALIFY, AdmissionTransition.REQUALIFY})


class ProposalOpen(Refusal):
    """Another proposal about the same admission waits for its decision."""

    code = "proposal_open"


class NotProposable(Refusal):
    """The step needs no second person, or is never proposed."""

    code = "transition_not_proposable"


class OperatorStays(Refusal):
    """The exchange cannot end or change its own operator's admission."""

    code = "operator_stays"


def subject_of(proposal: Proposal) -> Subject:
    """The admission as policy looks at it, made by who proposed."""
    return Subject(
        organisation_id=proposal.admission.organisation_id,
        made_by=frozenset({proposal.proposed_by_id}),
    )


def record_facts(proposal: Proposal, _change: Change) -> Mapping[str, object]:
    """What the log says of a proposal."""
    return {
        "admission": proposal.admission.public_id,
        "organisation": proposal.admission.organisation.public_id,
        "transition": proposal.transition,
        "kinds": proposal.kinds,
    }


def proposals_waiting() -> QuerySet[Proposal]:
    """Proposals that need a second person, the oldest first."""
    return (
        Proposal.objects.filter(decision=Decision.OPEN)
        .select_related("admission__organisation", "proposed_by")
        .order_by("proposed_at", "id")
    )


@use_case(Permission.ADMISSION_PROPOSE, locks=ADMISSION)
def propose(
    admission: Admission,
    *,
    actor: Actor,
    transition: AdmissionTransition,
    reason: str,
    now: datetime,
    kinds: Iterable[Kind] = (),
) -> Proposal:
    """Propose to qualify, requalify, suspend, restore or end an admission (or to turn an application
    down). `kinds` are named for qualifying, all that the organisation shall be from then on."""
    if transition not in PROPOSABLE:
        raise NotProposable(_("This step is not decided by proposal."), transition=transition.value)
    reason = checked_reason(reason)
    named = checked_kinds(kinds) if transition in NAMES_KINDS else list(kinds)
    if named and transition not in NAMES_KINDS:
        raise KindsRefused(_("This step changes no qualification."))
    ADMISSION.check(admission, transition)
    operates = admission.qualifications.filter(kind=Kind.EXCHANGE_OPERATOR, valid_until=None)
    if operates.exists():
        raise OperatorStays(_("The exchange's own operator is not subject to its decisions."))
    if admission.proposals.filter(decision=Decision.OPEN).exists():
        raise ProposalOpen(_("Another proposal about this organisation waits for a decision."))
    proposal = Proposal(
        admission=admission,
        transition=transition,
        kinds=[kind.value for kind in named],
        reason=reason,
        proposed_by_id=person_of(actor),
        proposed_at=now,
    )
    return PROPOSAL.transition(
        proposal, ProposalTransition.MAKE, actor=actor, now=now, reason=reason
    )


@use_case(Permission.ADMISSION_DECIDE, locks=PROPOSAL)
def approve(proposal: Proposal, *, actor: Actor, now: datetime, note: str = "") -> Admission:
    """Agree as the second person: the step is made at once. Refused for the proposer."""
    admission = ADMISSION.lock_again(proposal.admission)
    decide(PROPOSAL, proposal, ProposalTransition.APPROVE, actor=actor, note=note, now=now)
    approvals.check_proposer(
        proposal.proposed_by,
        may=Permission.ADMISSION_PROPOSE,
        about=subject_of(proposal),
        second=actor,
        now=now,
    )
    ADMISSION.transition(
        admission,
        proposal.transition,
        actor=actor,
        by_id=proposal.proposed_by_id,
        approved_by_id=proposal.decided_by_id,
        now=now,
        reason=proposal.reason,
        facts={"proposal": proposal.public_id, "kinds": proposal.kinds},
        personal={"note": proposal.note} if proposal.note else None,
    )
    if proposal.transition in NAMES_KINDS:
        _set_kinds(admission, frozenset(map(Kind, proposal.kinds)), now)
    elif admission.standing == Standing.EXITED:
        _set_kinds(admission, frozenset(), now)
    return admission


@use_case(Permission.ADMISSION_DECIDE, locks=PROPOSAL)
def decline(proposal: Proposal, *, actor: Actor, note: str, now: datetime) -> Proposal:
    """Refuse as the second person, with a reason: nothing moves."""
    note = checked_reason(note)
    return decide(PROPOSAL, proposal, ProposalTransition.DECLINE, actor=actor, note=note, now=now)


@use_case(Permission.ADMISSION_PROPOSE, locks=PROPOSAL)
def withdraw(proposal: Proposal, *, actor: Actor, note: str, now: datetime) -> Proposal:
    """Take one's own proposal back."""
    return withdraw_own(PROPOSAL, proposal, actor=actor, note=note, now=now)


def _set_kinds(admission: Admission, kinds: frozenset[Kind], now: datetime) -> None:
    """Make the qualifications held exactly these: end the others, begin the new ones."""
    open_ones = Qualification.objects.filter(admission=admission, valid_until=None)
    open_ones.exclude(kind__in=sorted(kinds)).update(valid_until=now)
    held = frozenset(open_ones.values_list("kind", flat=True))
    Qualification.objects.bulk_create(
        Qualification(admission=admission, kind=kind, valid_from=now)
        for kind in sorted(kinds)
        if kind not in held
    )
