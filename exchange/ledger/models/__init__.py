"""Accounts; postings with their transfers."""

from exchange.ledger.models.accounts import Account
from exchange.ledger.models.postings import ExternalRef, JournalEntry, OpenHold, Transfer

__all__ = ["Account", "ExternalRef", "JournalEntry", "OpenHold", "Transfer"]
