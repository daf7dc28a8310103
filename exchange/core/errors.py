"""Refusals that several actions of core share."""

from exchange.core.refusals import Refusal


class KeyReused(Refusal):
    """The key was used before with another content; the first one stands."""

    code = "key_reused"
