"""The whole statement is read page by page and is the same whatever the pages' length."""

import csv

import pytest

from exchange.ledger import statements
from exchange.ledger.entries import EntryRequest
from tests.factories.ledger import clearing, cny, fund, post, wallet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 500])
def test_pages_of_any_length_make_the_same_statement(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    source, account = clearing(), wallet()
    for minor in (100, 20, 3):
        fund(account, minor)
        post(EntryRequest(debit=account.code, credit=source.code, amount=cny(1)))
    fund(wallet("wallet:2"), 5)
    monkeypatch.setattr(statements, "FORWARD_LINES", size)
    balances = [line.balance.minor for line in statements.statement_lines(account=account)]
    assert balances == [100, 99, 119, 118, 121, 120]
    gained = [line.balance.minor for line in statements.statement_lines(account=source)]
    assert gained == [100, 99, 119, 118, 121, 120, 125]


def test_what_is_posted_while_it_is_read_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clearing()
    account = wallet()
    fund(account, 1)
    fund(account, 2)
    monkeypatch.setattr(statements, "FORWARD_LINES", 1)
    lines = statements.statement_lines(account=account)
    read = [next(lines)]
    fund(account, 4)
    assert [line.balance.minor for line in [*read, *lines]] == [1, 3]


def test_an_empty_statement_has_only_its_head() -> None:
    assert len(list(statements.statement_csv(account=wallet()))) == 1


@pytest.mark.parametrize("kind", ["=1+1", "+1", "-1", "@sum", " =1+1", "＝1+1"])
def test_text_that_a_spreadsheet_would_run_is_text(kind: str) -> None:
    source, account = clearing(), wallet()
    post(EntryRequest(debit=source.code, credit=account.code, amount=cny(7), kind=kind))
    (row,) = csv.DictReader(statements.statement_csv(account=account))
    assert (row["kind"], row["credit"]) == (f"'{kind}", "0.07")
