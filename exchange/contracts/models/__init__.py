"""Contracts with their steps and signatures, the keys that sign, and the permits that come of them."""

from exchange.contracts.models.contracts import Contract, ContractStep, Signature
from exchange.contracts.models.keys import SigningKey
from exchange.contracts.models.permits import Permit

__all__ = ["Contract", "ContractStep", "Permit", "Signature", "SigningKey"]
