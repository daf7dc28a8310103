"""Accounts and postings for tests."""

from datetime import UTC, datetime
from itertools import count

from django.db import transaction

from accounts.models import Organisation
from exchange.ledger import books
from exchange.ledger.entries import Entry, EntryRequest, Posting
from exchange.ledger.models import Account, JournalEntry
from exchange.ledger.models.accounts import AccountKind, Guard
from pricing.money import Money

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACTOR = "test:1"
_keys = count()

Row = tuple[int, int, int, int]


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


@transaction.atomic
def clearing(code: str = "clearing", currency: str = "CNY") -> Account:
    return books.open_account(
        code=code,
        kind=AccountKind.ASSET,
        currency=currency,
        guard=Guard.NONE,
        actor=ACTOR,
        now=NOON,
    )


@transaction.atomic
def wallet(
    code: str = "wallet:1", currency: str = "CNY", owner: Organisation | None = None
) -> Account:
    return books.open_account(
        code=code,
        kind=AccountKind.LIABILITY,
        currency=currency,
        guard=Guard.CREDIT,
        actor=ACTOR,
        now=NOON,
        owner=owner,
    )


def post(*transfers: Entry, key: str = "", scope: str = "test") -> JournalEntry:
    return books.write(
        [
            Posting(
                scope=scope,
                key=key or f"key:{next(_keys)}",
                kind="test.posting",
                transfers=transfers,
            )
        ],
        actor=ACTOR,
        now=NOON,
    )[0]


def fund(account: Account, minor: int, *, source: str = "clearing") -> JournalEntry:
    """Money comes in: debit the source, credit the account."""
    return post(
        EntryRequest(debit=source, credit=account.code, amount=Money(minor, account.currency))
    )


def sums(code: str) -> Row:
    """Debits, credits, held debits, held credits."""
    return Account.objects.values_list(
        "dr_minor", "cr_minor", "dr_pending_minor", "cr_pending_minor"
    ).get(code=code)
