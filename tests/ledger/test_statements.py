"""Statements, their CSV, and the trial balance."""

import csv
from itertools import pairwise

import pytest

from exchange.ledger import statements
from exchange.ledger.entries import Authorise, EntryRequest
from exchange.ledger.statements import NotACursor
from pricing.money import Money
from tests.factories.accounts import an_organisation
from tests.factories.ledger import clearing, cny, fund, post, wallet

pytestmark = pytest.mark.django_db


def test_pages_of_a_statement_join_without_gap_and_balance_exactly() -> None:
    clearing()
    account = wallet()
    for number in range(1, 8):
        fund(account, number * 100)
        post(EntryRequest(debit="wallet:1", credit="clearing", amount=cny(number)))
    post(Authorise(debit="wallet:1", credit="clearing", amount=cny(50)))
    account.refresh_from_db()
    pages, cursor = [], ""
    while True:
        pages.append(statements.statement_page(account=account, cursor=cursor, size=4))
        if pages[-1].older is None:
            break
        cursor = pages[-1].older
        fund(account, 1)  # news do not shift older pages
    lines = [line for page in pages for line in page.lines]
    assert [len(page.lines) for page in pages] == [4, 4, 4, 2]
    assert pages[0].closing == account.balance == cny(2800 - 28)
    assert all(a.opening == b.closing for a, b in pairwise(pages))
    assert pages[-1].opening == cny(0)
    running = cny(0)
    for line in reversed(lines):
        running = running - line.amount if line.on_debit else running + line.amount
        assert line.balance == running


def test_an_asset_grows_by_debits() -> None:
    account = clearing()
    fund(wallet(), 100)
    (line,) = statements.statement_page(account=account).lines
    assert (line.on_debit, line.amount, line.balance) == (True, cny(100), cny(100))
    assert (line.counterparty_code, line.kind) == ("wallet:1", "test.posting")


def test_the_owner_reads_the_codes_of_their_own_accounts_and_of_others_only_the_family() -> None:
    ours, theirs = an_organisation(), an_organisation()
    main, purse = wallet("wallet:main", owner=ours), wallet("wallet:purse", owner=ours)
    wallet("wallet:rival", owner=theirs)
    wallet("rival", owner=theirs)
    clearing("clearing:bank")
    fund(main, 100, source="clearing:bank")
    for code in (purse.code, "wallet:rival", "rival"):
        post(EntryRequest(debit=main.code, credit=code, amount=cny(1)))
    lines = statements.statement_page(account=main).lines
    assert [(line.counterparty, line.counterparty_code) for line in lines] == [
        ("liability", "rival"),
        ("wallet", "wallet:rival"),
        ("wallet:purse", "wallet:purse"),
        ("clearing", "clearing:bank"),
    ]
    told = "".join(statements.statement_csv(account=main))
    assert "rival" not in told
    assert "wallet:purse" in told


def test_an_empty_statement_is_empty() -> None:
    page = statements.statement_page(account=wallet())
    assert (page.lines, page.opening, page.closing, page.older) == ([], cny(0), cny(0), None)


def test_a_cursor_of_another_statement_or_a_forged_one_is_refused() -> None:
    clearing()
    account = wallet()
    for _ in range(3):
        fund(account, 1)
    older = statements.statement_page(account=account, size=1).older
    assert older is not None
    for target, cursor in ((wallet("wallet:2"), older), (account, "x" + older), (account, "x")):
        with pytest.raises(NotACursor):
            statements.statement_page(account=target, cursor=cursor)


def test_the_csv_holds_every_line_oldest_first_and_nothing_that_runs() -> None:
    clearing()
    account = wallet("wallet:=cmd")
    post(
        EntryRequest(debit="clearing", credit=account.code, amount=cny(1234), kind="=1+1"),
        key="a,b",
    )
    post(EntryRequest(debit=account.code, credit="clearing", amount=cny(34)), key="out")
    rows = list(csv.DictReader(statements.statement_csv(account=account)))
    assert [(r["debit"], r["credit"], r["balance"]) for r in rows] == [
        ("", "12.34", "12.34"),
        ("0.34", "", "12.00"),
    ]
    assert (rows[0]["kind"], rows[0]["posting"]) == ("'=1+1", "test:a,b")


def test_the_trial_balance_balances_in_every_currency() -> None:
    clearing()
    fund(wallet("wallet:1"), 100)
    fund(wallet("wallet:2"), 50)
    clearing("clearing:usd", "USD")
    fund(wallet("wallet:3", "USD"), 7, source="clearing:usd")
    yuan, dollars = statements.trial_balances()
    assert [(r.family, r.kind, r.accounts_count, r.debit, r.credit) for r in yuan.rows] == [
        ("clearing", "asset", 1, cny(150), cny(0)),
        ("wallet", "liability", 2, cny(0), cny(150)),
    ]
    assert yuan.debit_total == yuan.credit_total == cny(150)
    assert dollars.debit_total == dollars.credit_total == Money(7, "USD")
