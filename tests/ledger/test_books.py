"""Money writes and their records: both, once, or neither."""

from datetime import UTC, datetime

import pytest

from exchange.audit.models import Record
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.errors import InsufficientFunds
from exchange.ledger.models import Account, JournalEntry
from exchange.ledger.models.accounts import AccountKind, Guard
from pricing.money import Money

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
ACTOR = "system:test"


@pytest.fixture
def _accounts(db: None) -> None:
    for code, guard in (("clearing", Guard.NONE), ("wallet:a", Guard.CREDIT)):
        kind = AccountKind.ASSET if code == "clearing" else AccountKind.LIABILITY
        books.open_account(code=code, kind=kind, currency="CNY", guard=guard, actor=ACTOR, now=NOW)


def top_up(minor: int) -> JournalEntry:
    return books.post(
        Posting(
            scope="test",
            key="top-up:1",
            kind="top_up",
            transfers=[
                EntryRequest(debit="clearing", credit="wallet:a", amount=Money(minor, "CNY"))
            ],
        ),
        actor=ACTOR,
        now=NOW,
    )


def events() -> list[str]:
    return list(Record.objects.order_by("id").values_list("event", flat=True))


@pytest.mark.usefixtures("_accounts")
def test_a_posting_and_its_record_are_made_once_however_often_it_is_asked_for() -> None:
    first, again = top_up(500), top_up(500)
    assert (first.is_new, again.is_new, first.pk == again.pk) == (True, False, True)
    assert events() == ["ledger.account.opened"] * 2 + ["ledger.posting.made"]


@pytest.mark.usefixtures("_accounts")
def test_opening_an_account_again_records_nothing() -> None:
    books.open_account(
        code="wallet:a",
        kind=AccountKind.LIABILITY,
        currency="CNY",
        guard=Guard.CREDIT,
        actor=ACTOR,
        now=NOW,
    )
    assert events() == ["ledger.account.opened"] * 2


@pytest.mark.usefixtures("_accounts")
def test_a_refused_posting_leaves_neither_money_nor_record() -> None:
    with pytest.raises(InsufficientFunds):
        books.post(
            Posting(
                scope="test",
                key="overdraft",
                kind="payout",
                transfers=[
                    EntryRequest(debit="wallet:a", credit="clearing", amount=Money(1, "CNY"))
                ],
            ),
            actor=ACTOR,
            now=NOW,
        )
    assert events() == ["ledger.account.opened"] * 2
    assert Account.objects.get(code="wallet:a").balance.minor == 0
