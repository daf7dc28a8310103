"""Refusals that several parts of the room share."""

from exchange.core.refusals import Invalid, NotAllowed, Refusal


class NotYourTurn(NotAllowed):
    """The other side has to answer first; `turn` says which."""

    code = "not_your_turn"


class ProposalSuperseded(Refusal):
    """A newer proposal has taken the place of the one that was answered; `newest` is its hash."""

    code = "proposal_superseded"


class ProposalWithdrawn(Refusal):
    """The proposal was withdrawn by the side that made it."""

    code = "proposal_withdrawn"


class ProposalExpired(Refusal):
    """The time to answer the proposal is over; `due_at` says since when."""

    code = "proposal_expired"


class NegotiationEnded(Refusal):
    """The negotiation has come to its end; `state` says to which."""

    code = "negotiation_ended"


class ProposalRefused(Invalid):
    """A field of the proposal is not well formed or out of its bounds; `field` names it."""

    code = "proposal_refused"


class NothingToAccept(Refusal):
    """The newest proposal names no price: it asks for one."""

    code = "nothing_to_accept"


class NothingToApprove(Refusal):
    """The offer is open to every buyer: it is bought, not asked for."""

    code = "nothing_to_approve"


class OtherCurrency(Invalid):
    """A negotiation keeps the currency that it began in; `currency` names it."""

    code = "other_currency"


class AlreadyNegotiating(Refusal):
    """The two organisations negotiate about this product already; `negotiation` names where."""

    code = "already_negotiating"
