"""Negotiations, their steps, and the proposals of each round."""

from exchange.negotiation.models.negotiations import Negotiation, NegotiationStep
from exchange.negotiation.models.proposals import Proposal

__all__ = ["Negotiation", "NegotiationStep", "Proposal"]
