"""Accounts; postings with their transfers."""

from exchange.ledger.models.accounts import Account
from exchange.ledger.models.postings import ExternalRef, OpenHold, Posting, Transfer

__all__ = ["Account", "ExternalRef", "OpenHold", "Posting", "Transfer"]
