import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from exchange.ledger.models import Account, JournalEntry
from tests.factories import ledger
from tests.factories.members import Exchange

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(exchange: Exchange) -> Account:
    """A clearing account and a wallet that was paid 1,200.00 and then 34.50."""
    ledger.clearing()
    wallet = ledger.wallet()
    ledger.fund(wallet, 120_000)
    ledger.fund(wallet, 3_450)
    wallet.refresh_from_db()
    return wallet


def test_the_trial_balance_shows_both_sides_and_that_they_agree(
    books: Account, operator: Client, regulator: Client
) -> None:
    for reader in (operator, regulator):
        answer = reader.get(reverse("console:trial_balance"))
        one = answer.context["currencies"][0]
        assert (one["currency"], one["balanced"]) == ("CNY", True)
        assert one["table"]["rows"][-1][3:] == ["CN¥1,234.50", "CN¥1,234.50"]
        assert "Balanced" in answer.content.decode()


def test_a_statement_runs_from_line_to_line(books: Account, operator: Client) -> None:
    answer = operator.get(reverse("console:ledger_account_statement", args=[books.pk]))
    assert answer.status_code == 200
    newest, oldest = answer.context["table"]["rows"]
    assert newest[2] == "Money on its way"
    assert newest[3:] == ["", "CN¥34.50", "CN¥1,234.50"]
    assert str(answer.context["title"]) == "Statement of Wallets · 1"
    assert oldest[3:] == ["", "CN¥1,200.00", "CN¥1,200.00"]
    assert answer.context["opening"] == "CN¥0.00"
    assert answer.context["older"] is None


def test_accounts_postings_and_transfers_are_read(books: Account, operator: Client) -> None:
    posting = JournalEntry.objects.all()[0]
    for name, row in (("account", books.pk), ("journalentry", posting.pk)):
        page = reverse(f"console:ledger_{name}_change", args=[row])
        assert operator.get(page).status_code == 200
    html = operator.get(reverse("console:ledger_transfer_changelist")).content.decode()
    assert html.count("CN¥1,200.00") == 1


def test_the_books_are_checked_at_the_press_of_a_button(books: Account, operator: Client) -> None:
    answer = operator.post(reverse("console:check_books"), follow=True)
    assert "laws of the books hold: 2 accounts, 2 transfers." in answer.content.decode()
    assert operator.get(reverse("console:check_books")).status_code == 405


def test_a_forged_balance_is_named_by_the_check(books: Account, operator: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE ledger_account SET cr_minor = cr_minor + 1 WHERE code = 'wallet:1'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert (
        operator.get(reverse("console:trial_balance")).context["currencies"][0]["balanced"] is False
    )
    html = operator.post(reverse("console:check_books"), follow=True).content.decode()
    assert "wallet:1" in html
    assert "laws of the books hold" not in html
