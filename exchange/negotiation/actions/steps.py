"""The one way a negotiation moves: lock it, ask the table, write the step, follow it."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.actions import live
from exchange.core.moves import IllegalMove
from exchange.core.queries.deadlines import working_deadline
from exchange.core.refusals import NotFound
from exchange.negotiation.errors import (
    NegotiationEnded,
    NegotiationReasonMissing,
    NotYourTurn,
    ProposalExpired,
    ProposalSuperseded,
    ProposalWithdrawn,
)
from exchange.negotiation.models import Negotiation, NegotiationStep, Proposal
from exchange.negotiation.models.negotiations import REASON_CHARS_MAX
from exchange.negotiation.states import (
    ENDED,
    MOVES,
    NEED_REASON,
    OPEN,
    Move,
    NegotiationState,
    Side,
)

# What a step may write; all else of a negotiation is frozen.
MOVING = (
    "state", "turn", "due_at", "steps_count", "proposals_count", "accepted_by", "approved_by",
    "contract_ref", "changed_at",
)  # fmt: skip


def locked_negotiation(negotiation_id: str) -> Negotiation:
    """The negotiation, which nobody else may move until this transaction ends."""
    try:
        return (
            Negotiation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("buyer", "seller", "product")
            .get(public_id=negotiation_id)
        )
    except Negotiation.DoesNotExist:
        raise NotFound(_("There is no such negotiation.")) from None


def newest_of(negotiation: Negotiation) -> Proposal:
    """The newest proposal: the one that can be answered."""
    return negotiation.proposals.get(number=negotiation.proposals_count)


def answered(negotiation: Negotiation, *, side: Side, answers: str, now: datetime) -> Proposal:
    """The proposal that this side may answer now, which must be the newest, by its hash.

    Raises what became of it otherwise: withdrawn, expired, superseded, ended, not this side's turn.
    """
    state = NegotiationState(negotiation.state)
    newest = newest_of(negotiation)
    if state is NegotiationState.WITHDRAWN:
        raise ProposalWithdrawn(_("This proposal was withdrawn."), proposal=newest.public_id)
    check_in_time(negotiation, newest, now=now)
    check_running(negotiation)
    if answers != newest.document_hash:
        raise ProposalSuperseded(
            _("There is a newer proposal. Read it before you answer."),
            newest=newest.document_hash,
            number=newest.number,
        )
    check_turn(negotiation, side)
    return newest


def check_in_time(negotiation: Negotiation, newest: Proposal, *, now: datetime) -> None:
    """Raise ProposalExpired once the time to answer the newest proposal is over, whether or not the
    clock has noted it."""
    state = NegotiationState(negotiation.state)
    late = negotiation.due_at is not None and negotiation.due_at <= now
    if state is NegotiationState.EXPIRED or (state in OPEN and late):
        raise ProposalExpired(
            _("The time to answer this proposal is over."), due_at=newest.answer_by.isoformat()
        )


def check_running(negotiation: Negotiation) -> None:
    """Raise NegotiationEnded for one that has come to its end."""
    state = NegotiationState(negotiation.state)
    if state in ENDED:
        raise NegotiationEnded(
            _("This negotiation has ended: %(state)s.") % {"state": state.label}, state=state.value
        )


def check_turn(negotiation: Negotiation, side: Side) -> None:
    """Raise NotYourTurn unless it is this side that has to act."""
    if negotiation.turn != side.value:
        raise NotYourTurn(
            _("It is the other side's turn."), reason="not_your_turn", turn=negotiation.turn
        )


def take_step(
    *,
    negotiation: Negotiation,
    move: Move,
    actor: str,
    now: datetime,
    organisation_id: int | None = None,
    by_id: int | None = None,
    reason: str = "",
    proposal: Proposal | None = None,
    due_at: datetime | None = None,
) -> NegotiationStep:
    """Make the move on a locked negotiation and write its step.

    The deadline is that of the table's rule unless `due_at` names another.
    """
    rule = MOVES[move]
    before = negotiation.state if negotiation.steps_count else ""
    if before and NegotiationState(before) not in rule.sources:
        raise IllegalMove(
            _("This step is not possible from the state “%(state)s”.")
            % {"state": NegotiationState(before).label},
            current=before,
            target=move.value,
            legal=sorted(
                one.value for one, row in MOVES.items() if NegotiationState(before) in row.sources
            ),
        )
    reason = _checked_reason(move, reason)
    negotiation.state = rule.target
    negotiation.turn = rule.turn
    negotiation.due_at = due_at
    if due_at is None and rule.term is not None:
        negotiation.due_at = working_deadline(key=rule.term.value, now=now)
    negotiation.steps_count += 1
    negotiation.changed_at = now
    negotiation.save(update_fields=MOVING)
    live.announce(topic=f"negotiation:{negotiation.public_id}", version=negotiation.steps_count)
    return NegotiationStep.objects.create(
        negotiation=negotiation,
        number=negotiation.steps_count,
        move=move,
        source=before,
        target=negotiation.state,
        actor=actor,
        organisation_id=organisation_id,
        by_id=by_id,
        reason=reason,
        proposal_hash="" if proposal is None else proposal.document_hash,
        at=now,
    )


def _checked_reason(move: Move, reason: str) -> str:
    reason = reason.strip()
    if len(reason) > REASON_CHARS_MAX or (move in NEED_REASON and not reason):
        raise NegotiationReasonMissing(
            _("Please give a reason of at most %(limit)d characters.")
            % {"limit": REASON_CHARS_MAX},
            limit=REASON_CHARS_MAX,
        )
    return reason
