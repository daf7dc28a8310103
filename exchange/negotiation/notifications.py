"""Who is told of a negotiation: the side whose turn it is, both that they sign, and of the end."""

from exchange.core.titles import Title
from exchange.members.roles import Role
from exchange.negotiation.models import NegotiationStep
from exchange.negotiation.states import NegotiationState, Turn
from exchange.notices import links
from exchange.notices.actions.tell import tell_organisation

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


def tell_of_negotiation(step: NegotiationStep) -> None:
    """Tell the side whose turn it is; both that they sign; and the other side that it has ended. The
    order tells of itself."""
    negotiation, state = step.negotiation, NegotiationState(step.target)
    kind = KINDS.get(state)
    if kind is None:
        return
    both = {negotiation.buyer_id, negotiation.seller_id}
    sides = {
        Turn.BUYER: {negotiation.buyer_id},
        Turn.SELLER: {negotiation.seller_id},
        Turn.BOTH: both,
        Turn.NOBODY: both - {step.organisation_id},
    }[Turn(negotiation.turn)]
    until = {} if negotiation.due_at is None else {"until": negotiation.due_at}
    for organisation_id in sorted(sides):
        tell_organisation(
            organisation_id=organisation_id,
            roles=SIGNERS if state is S.ACCEPTED else DEALERS,
            kind=kind,
            facts={"product": Title.of(negotiation.product), **until},
            url=links.path("negotiation", negotiation.public_id),
            dedupe=f"negotiation_step:{step.public_id}:{organisation_id}",
            now=step.at,
        )
