"""Accounts; postings with their transfers; months that were closed."""

from exchange.ledger.models.accounts import Account
from exchange.ledger.models.months import Month
from exchange.ledger.models.postings import ExternalRef, JournalEntry, OpenHold, Transfer

__all__ = ["Account", "ExternalRef", "JournalEntry", "Month", "OpenHold", "Transfer"]
