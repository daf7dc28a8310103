"""An organisation's books over the API: its own accounts, exactly, and nothing of anybody else's."""

import csv
from typing import Any

import pytest
from django.test import Client

from accounts.models import Organisation
from exchange.ledger.entries import Authorise, EntryRequest
from exchange.ledger.models import Account
from tests.api.callers import signed_in, with_key
from tests.factories.accounts import a_member, an_organisation, owner_of
from tests.factories.ledger import clearing, cny, fund, post, wallet

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/ledger/accounts"
SCOPE = "ledger:read"


@pytest.fixture
def ours() -> Organisation:
    return an_organisation()


@pytest.fixture
def purse(ours: Organisation) -> Account:
    """100.00 came in, 30.00 went to another organisation, 5.00 is held."""
    clearing("clearing:bank")
    account = wallet("wallet:ours", owner=ours)
    wallet("wallet:rival", owner=an_organisation())
    fund(account, 10_000, source="clearing:bank")
    post(EntryRequest(debit="wallet:ours", credit="wallet:rival", amount=cny(3_000), kind="sale"))
    post(Authorise(debit="wallet:ours", credit="wallet:rival", amount=cny(500)))
    return account


def statement_of(account: Account, ending: str = "statement") -> str:
    return f"{ACCOUNTS}/{account.public_id}/{ending}"


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_accounts_are_listed_with_what_is_on_them_and_what_may_leave(
    ours: Organisation, purse: Account
) -> None:
    listed = with_key(ours, SCOPE).get(ACCOUNTS).json()
    (row,) = listed["items"]
    assert (row["id"], row["code"], row["currency"]) == (purse.public_id, "wallet:ours", "CNY")
    assert (row["balance_minor"], row["available_minor"]) == (7_000, 6_500)
    assert (row["kind"], row["closed_at"]) == ("liability", None)
    assert (listed["next"], listed["previous"]) == (None, None)


def test_the_list_is_read_page_by_page_in_the_order_of_codes(ours: Organisation) -> None:
    for number in (3, 1, 2):
        wallet(f"wallet:{number}", owner=ours)
    wallet("wallet:0", owner=an_organisation())
    program = with_key(ours, SCOPE)
    first = program.get(f"{ACCOUNTS}?limit=2").json()
    second = program.get(first["next"]).json()
    codes = [row["code"] for page in (first, second) for row in page["items"]]
    assert codes == ["wallet:1", "wallet:2", "wallet:3"]
    assert second["next"] is None
    assert program.get(second["previous"]).json()["items"] == first["items"]


def test_a_statement_has_each_line_with_its_side_and_the_balance_after_it(
    ours: Organisation, purse: Account
) -> None:
    page = with_key(ours, SCOPE).get(statement_of(purse)).json()
    assert page["account"]["id"] == purse.public_id
    assert (page["opening_minor"], page["closing_minor"], page["older"]) == (0, 7_000, None)
    assert [
        (line["kind"], line["side"], line["amount_minor"], line["balance_minor"])
        for line in page["lines"]
    ] == [("sale", "debit", 3_000, 7_000), ("test.posting", "credit", 10_000, 10_000)]


def test_a_long_statement_goes_on_without_gap_while_money_comes_in(
    ours: Organisation, purse: Account
) -> None:
    for _line in range(60):
        fund(purse, 1, source="clearing:bank")
    program = with_key(ours, SCOPE)
    newer = program.get(statement_of(purse)).json()
    fund(purse, 1, source="clearing:bank")
    older = program.get(statement_of(purse), {"cursor": newer["older"]}).json()
    assert (len(newer["lines"]), len(older["lines"])) == (50, 12)
    assert newer["opening_minor"] == older["closing_minor"] == older["lines"][0]["balance_minor"]
    assert (older["opening_minor"], older["older"]) == (0, None)


def test_a_cursor_that_no_page_of_the_statement_gave_is_refused(
    ours: Organisation, purse: Account
) -> None:
    answer = with_key(ours, SCOPE).get(statement_of(purse), {"cursor": "forged"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_cursor")


def test_the_csv_has_every_line_oldest_first(ours: Organisation, purse: Account) -> None:
    answer = with_key(ours, SCOPE).get(statement_of(purse, "statement.csv"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(text_of(answer).splitlines()))
    assert [(row["debit"], row["credit"], row["balance"]) for row in rows] == [
        ("", "100.00", "100.00"),
        ("30.00", "", "70.00"),
    ]


def test_no_answer_tells_the_code_of_another_organisations_account(
    ours: Organisation, purse: Account
) -> None:
    program = with_key(ours, SCOPE)
    page = program.get(statement_of(purse))
    assert [line["counterparty"] for line in page.json()["lines"]] == ["wallet", "clearing"]
    table = text_of(program.get(statement_of(purse, "statement.csv")))
    for answer in (page.content.decode(), table, program.get(ACCOUNTS).content.decode()):
        assert "rival" not in answer


@pytest.mark.parametrize("ending", ["statement", "statement.csv"])
def test_an_account_of_others_or_of_the_exchange_is_not_there(
    ours: Organisation, purse: Account, ending: str
) -> None:
    theirs, houses = (Account.objects.get(code=c) for c in ("wallet:rival", "clearing:bank"))
    for caller in (with_key(ours, SCOPE), signed_in(owner_of(ours))):
        for address in (
            statement_of(theirs, ending),
            statement_of(houses, ending),
            f"{ACCOUNTS}/acc_unknown/{ending}",
        ):
            answer = caller.get(address)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address


@pytest.mark.parametrize("ending", ["", "/statement", "/statement.csv"])
def test_a_key_needs_the_scope_and_a_person_the_power(
    ours: Organisation, purse: Account, ending: str
) -> None:
    address = f"{ACCOUNTS}/{purse.public_id}{ending}" if ending else ACCOUNTS
    assert Client().get(address).status_code == 401
    refused = with_key(ours, "organisation:read").get(address)
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_scope")
    assert refused.json()["needed"] == SCOPE
    member = signed_in(a_member(ours)).get(address)
    assert (member.status_code, member.json()["code"]) == (403, "not_allowed")
    assert signed_in(owner_of(ours)).get(address).status_code == 200
