"""What follows from a negotiation's step: its contract, who is told, and what the log must have."""

from exchange.audit.coverage import require_record, subjects
from exchange.core.calendar import Deadline
from exchange.core.lifecycle import Change
from exchange.members.roles import Role
from exchange.negotiation import deciding
from exchange.negotiation.lifecycle import NEGOTIATION, NegotiationState, Side, Turn
from exchange.negotiation.lifecycle import NegotiationTransition as X
from exchange.negotiation.models import Negotiation, NegotiationStep
from exchange.negotiation.queries import subject_of
from exchange.notices import notify
from exchange.notices.notify import notify_organisation

DEALERS = (Role.BUYER_AGENT, Role.DATA_OWNER, Role.DATA_OPERATOR)
SIGNERS = (*DEALERS, Role.LEGAL_OFFICER)
S = NegotiationState
KINDS = {
    S.REQUESTED: "negotiation.turn",
    S.OFFERED: "negotiation.turn",
    S.APPROVING: "negotiation.to_approve",
    S.ACCEPTED: "contracts.to_sign",
    S.DECLINED: "negotiation.ended",
    S.WITHDRAWN: "negotiation.ended",
    S.EXPIRED: "negotiation.ended",
}


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    NEGOTIATION.concerns = subject_of
    NEGOTIATION.on((X.ACCEPT, X.APPROVE), deciding.draw_up)
    NEGOTIATION.on(X.EXPIRE, deciding.lapse_contract)
    NEGOTIATION.on([one for one in X if one is not X.CONCLUDE], _tell)
    require_record(
        name="negotiation.steps",
        rows=subjects("negotiation_step", NegotiationStep.objects.all()),
        event=NEGOTIATION.events,
    )


def _tell(negotiation: Negotiation, change: Change) -> None:
    """Tell the side whose turn it is; both that they sign; and the other side that it has ended. After
    the last step the order tells of itself."""
    state = NegotiationState(change.target)
    both = {Side.BUYER: negotiation.buyer_id, Side.SELLER: negotiation.seller_id}
    if negotiation.turn in both:
        told = [both[Side(negotiation.turn)]]
    elif negotiation.turn == Turn.BOTH:
        told = sorted(both.values())
    else:
        told = sorted(key for side, key in both.items() if side != change.facts.get("side"))
    until = {} if negotiation.due_at is None else {"until": Deadline(negotiation.due_at)}
    for organisation_id in told:
        notify_organisation(
            organisation_id=organisation_id,
            roles=SIGNERS if state is S.ACCEPTED else DEALERS,
            kind=KINDS[state],
            facts={"product": negotiation.product, **until},
            url=notify.path("negotiation", negotiation.public_id),
            dedupe=f"negotiation_step:{change.step_id}:{organisation_id}",
            now=change.at,
        )
