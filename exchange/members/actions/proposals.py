"""Four eyes: one operator proposes a move, another one decides."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Change, Doer
from exchange.core.refusals import NotFound, Refusal
from exchange.members.actions.admissions import check_kinds
from exchange.members.actions.steps import (
    check_reason,
    check_source,
    locked_admission,
    take_step,
)
from exchange.members.actors import person_of
from exchange.members.errors import KindsRefused, SamePerson
from exchange.members.models import Admission, AdmissionStep, Proposal, Qualification
from exchange.members.queries import presence
from exchange.members.roles import Kind
from exchange.members.states import (
    PROPOSABLE,
    PROPOSAL,
    Decision,
    Move,
    ProposalTransition,
    Standing,
)

NAMES_KINDS = frozenset({Move.QUALIFY, Move.REQUALIFY})


class ProposalOpen(Refusal):
    """Another proposal about the same admission waits for its decision."""

    code = "proposal_open"


class NotProposable(Refusal):
    """The move needs no second person, or is never proposed."""

    code = "move_not_proposable"


class OperatorStays(Refusal):
    """The exchange cannot end or change its own operator's admission."""

    code = "operator_stays"


class ProposerLeft(Refusal):
    """Who proposed is no operator any more, so that one pair of eyes would be missing."""

    code = "proposer_left"


def propose(
    *,
    admission_id: int,
    move: Move,
    reason: str,
    actor: Doer,
    now: datetime,
    kinds: Iterable[Kind] = (),
) -> Proposal:
    """Propose a move that needs two. `kinds` are named for qualifying, all that shall be held."""
    if move not in PROPOSABLE:
        raise NotProposable(_("This step is not decided by proposal."), move=move.value)
    reason = check_reason(reason)
    named = check_kinds(kinds) if move in NAMES_KINDS else list(kinds)
    if named and move not in NAMES_KINDS:
        raise KindsRefused(_("This step changes no qualification."))
    with transaction.atomic():
        admission = locked_admission(admission_id)
        check_source(admission, move)
        if _operates(admission):
            raise OperatorStays(_("The exchange's own operator is not subject to its decisions."))
        if admission.proposals.filter(decision=Decision.OPEN).exists():
            raise ProposalOpen(_("Another proposal about this organisation waits for a decision."))
        proposal = Proposal(
            admission=admission,
            move=move,
            kinds=[kind.value for kind in named],
            reason=reason,
            proposed_by_id=person_of(actor),
            proposed_at=now,
        )
        return PROPOSAL.transition(
            proposal, ProposalTransition.MAKE, actor=actor, now=now, reason=reason
        )


def approve(
    *, proposal_id: int, actor: Doer, now: datetime, note: str = ""
) -> tuple[Proposal, AdmissionStep]:
    """Agree as the second person: the move is made at once. Refused for the proposer."""
    with transaction.atomic():
        proposal = _decide(proposal_id, ProposalTransition.APPROVE, actor, now, note)
        if not presence.is_operator(user_id=proposal.proposed_by_id, at=now):
            raise ProposerLeft(_("Who proposed this is no operator any more. Propose it anew."))
        move = Move(proposal.move)
        step = take_step(
            admission=proposal.admission,
            move=move,
            by_id=proposal.proposed_by_id,
            approved_by_id=proposal.decided_by_id,
            now=now,
            reason=proposal.reason,
            facts={"proposal": proposal.public_id, "kinds": proposal.kinds},
        )
        if move in NAMES_KINDS:
            _set_kinds(proposal.admission, frozenset(map(Kind, proposal.kinds)), now)
        elif proposal.admission.standing == Standing.EXITED:
            _set_kinds(proposal.admission, frozenset(), now)
        return proposal, step


def decline(*, proposal_id: int, actor: Doer, now: datetime, note: str) -> Proposal:
    """Refuse as the second person, with a reason: nothing moves."""
    with transaction.atomic():
        return _decide(proposal_id, ProposalTransition.DECLINE, actor, now, check_reason(note))


def withdraw_proposal(*, proposal_id: int, actor: Doer, now: datetime, note: str) -> Proposal:
    """Take one's own proposal back."""
    with transaction.atomic():
        return _decide(proposal_id, ProposalTransition.WITHDRAW, actor, now, check_reason(note))


def _decide(
    proposal_id: int, transition: ProposalTransition, actor: Doer, now: datetime, note: str
) -> Proposal:
    """Lock the admission, then its proposal (everywhere in this order), and close the proposal."""
    admission_id = (
        Proposal.objects.filter(pk=proposal_id).values_list("admission_id", flat=True).first()
    )
    if admission_id is None:
        raise NotFound(_("There is no such proposal."))
    admission = locked_admission(admission_id)
    proposal = Proposal.objects.select_for_update(no_key=True).get(pk=proposal_id)
    PROPOSAL.check(proposal, transition)
    own = proposal.proposed_by_id == actor.user_id
    if own and transition is not ProposalTransition.WITHDRAW:
        raise SamePerson(_("A second person must decide on what you proposed."))
    if not own and transition is ProposalTransition.WITHDRAW:
        raise SamePerson(_("Only its proposer may take a proposal back."))
    proposal.admission = admission
    proposal.decided_by_id = person_of(actor)
    proposal.decided_at = now
    proposal.note = note.strip()
    return PROPOSAL.transition(
        proposal,
        transition,
        actor=actor,
        now=now,
        save=("decided_by", "decided_at", "note"),
        personal={"note": proposal.note} if proposal.note else None,
    )


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


def _operates(admission: Admission) -> bool:
    return admission.qualifications.filter(kind=Kind.EXCHANGE_OPERATOR, valid_until=None).exists()


def _facts(proposal: Proposal, _change: Change) -> dict[str, object]:
    return {
        "admission": proposal.admission.public_id,
        "organisation": proposal.admission.organisation.public_id,
        "move": proposal.move,
        "kinds": proposal.kinds,
    }


PROPOSAL.record_facts = _facts
