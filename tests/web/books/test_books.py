"""The books as their organisation sees them, and as nobody else does."""

import csv
import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, Posting
from pricing.money import Money
from tests.browser import story
from tests.browser.story import Story
from tests.factories import accounts


@pytest.fixture
def told(db: None) -> Story:
    return story.tell()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _entries(page: str, what: str) -> int:
    """How many lines of a statement say so."""
    return len(re.findall(rf"<td>\s+{what}\s", page))


def test_the_books_list_the_accounts_with_their_balances(told: Story) -> None:
    text = signed_in(told.person).get("/books/").content.decode()
    assert "Sellers&#x27; earnings · sun-river · cny</a>" in text
    assert "seller:sun-river:cny" not in text
    assert '<span class="money">CN¥549,682.49</span>' in text
    assert "bank:cny" not in text


def test_a_statement_runs_to_the_balance(told: Story) -> None:
    client = signed_in(told.person)
    text = client.get(f"/books/{told.account.public_id}/").content.decode()
    assert "CN¥128,000.00" in text
    assert "CN¥2,560.00" in text
    assert _entries(text, "sale") == 6
    assert _entries(text, "exchange fee") == 6
    assert "Balance before these lines" in text


def test_a_long_statement_goes_on_and_back(told: Story) -> None:
    for number in range(50):
        books.write(
            [
                Posting(
                    scope="more",
                    key=str(number),
                    kind="more",
                    transfers=[
                        EntryRequest(
                            debit="bank:cny", credit=told.account.code, amount=Money(100, "CNY")
                        )
                    ],
                )
            ],
            actor="system:clearing",
            now=story.MORNING + timedelta(days=1, minutes=number),
        )[0]
    client = signed_in(told.person)
    address = f"/books/{told.account.public_id}/"
    first = client.get(address)
    assert _entries(first.content.decode(), "more") == 50
    older = first.content.decode().partition('rel="next" href="')[2].partition('"')[0]
    second = client.get(older).content.decode()
    assert _entries(second, "sale") == 6
    assert _entries(second, "more") == 0
    assert f'rel="prev" href="{address}"' in second


def test_the_csv_holds_every_line_and_ends_with_the_balance(told: Story) -> None:
    answer = signed_in(told.person).get(f"/books/{told.account.public_id}/statement.csv")
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(content.splitlines()))
    assert len(rows) == 12
    assert rows[0]["credit"] == "128000.00"
    assert rows[-1]["balance"] == "549682.49"
    assert answer["Content-Disposition"].endswith(f'{told.account.public_id}.csv"')


@pytest.mark.parametrize("ending", ["", "statement.csv"])
def test_another_organisations_account_is_not_there(told: Story, ending: str) -> None:
    stranger = accounts.a_user()
    accounts.an_organisation(owner=stranger)
    client = signed_in(stranger)
    assert client.get(f"/books/{told.account.public_id}/{ending}").status_code == 404
    assert client.get(f"/books/acc_unknown/{ending}").status_code == 404


def test_a_cursor_of_another_statement_is_refused(told: Story) -> None:
    answer = signed_in(told.person).get(f"/books/{told.account.public_id}/?older=forged")
    assert answer.status_code == 422
    assert "not_a_cursor" in answer.content.decode()


def test_a_member_without_the_books_is_told_why(told: Story) -> None:
    member = accounts.a_member(told.organisation)
    assert signed_in(member).get("/books/").status_code == 403
    assert signed_in(member).get(f"/books/{told.account.public_id}/").status_code == 403


def test_who_is_not_signed_in_is_asked_to(client: Client, told: Story) -> None:
    answer = client.get("/books/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/books/"
