"""The invented exchange is made through real use cases, once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import Organisation, User
from exchange.audit import verification
from exchange.audit.coverage import coverage_rules
from exchange.audit.findings import Counts
from exchange.audit.models import Record
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.demo import seeding
from exchange.demo.personas import HOUSES, shown_people
from exchange.ledger import checks
from exchange.ledger.models import Account, JournalEntry
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission, RoleGrant
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Review
from exchange.payments.models import Payout
from exchange.vault.models import DataFile

NOW = timezone.now()  # holds run out by the clock of the database

pytestmark = [pytest.mark.usefixtures("_story"), pytest.mark.xdist_group("story")]


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One seeded exchange for the whole module, emptied at its end: its jobs run outside of
    transactions, so it cannot be taken back like one."""
    with django_db_blocker.unblock():
        assert seeding.seed(NOW) is True
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.mark.django_db
def test_there_is_an_admission_in_every_stage() -> None:
    standings = list(Admission.objects.values_list("standing", flat=True))
    assert standings.count(Standing.ACTIVE) == len(HOUSES) - 2
    assert sorted(set(standings)) == [Standing.ACTIVE, Standing.APPLIED, Standing.VERIFIED]
    assert RoleGrant.objects.count() == sum(len(p.roles) for h in HOUSES for p in h.people)


def test_every_invented_organisation_and_product_says_so() -> None:
    names = Organisation.objects.values_list("name", flat=True)
    assert [name for name in names if "synthetic" not in name or "示例" not in name] == []
    assert not Product.objects.filter(synthetic=False).exists()
    assert not DataFile.objects.exclude(name__contains="synthetic").exists()


def test_there_are_listings_and_trades_in_every_state() -> None:
    listings = Counter(Product.objects.values_list("state", flat=True))
    assert listings == {
        ListingState.LISTED: 11,
        ListingState.COMPLIANCE_REVIEW: 1,
        ListingState.RETURNED: 1,
    }
    assert Counter(Order.objects.values_list("state", flat=True)) == {
        OrderState.CREATED: 1,
        OrderState.CONTRACT_SIGNED: 1,
        OrderState.DELIVERED: 3,
        OrderState.OBJECTED: 1,
        OrderState.REFUNDED: 1,
        OrderState.CANCELLED: 1,
        OrderState.CLOSED: 4,
    }
    assert Review.objects.count() == 1


def test_seeding_again_changes_nothing() -> None:
    def counted() -> tuple[int, ...]:
        tables = (User, Record, JournalEntry, Product, Order, DataFile)
        return tuple(table._default_manager.count() for table in tables)

    before = counted()
    assert seeding.seed(NOW) is False
    assert counted() == before


def test_the_books_of_the_stories_hold_to_the_last_cent() -> None:
    assert checks.run().sound
    # 12,800.00 and 6 % tax; the seller gets it less 2 % fee, by payout.
    assert list(Payout.objects.values_list("state", "amount_minor")) == [("sent", 1_254_400)]
    escrow = Account.objects.filter(code__startswith="escrow:order:")
    held = sum(account.balance.minor for account in escrow)
    # One under inspection, one objected to, one won at an auction (15,000 yuan and tax), one
    # negotiated (6,800 yuan and tax).
    assert held == 1_017_600 + 551_200 + 1_590_000 + 720_800


@override_settings(ROOT_URLCONF="exchange.demo.urls", SECOND_FACTOR_REQUIRED=False)
def test_a_visitor_steps_into_each_persona_with_one_click(client: Client) -> None:
    for _house, person in shown_people():
        assert client.post("/demo/step-into/", {"persona": person.key}).status_code == 302
        assert client.session["_auth_user_id"] == str(User.objects.get(email=person.email).pk)
    assert client.post("/demo/step-into/", {"persona": "seller.security"}).status_code == 404


def test_outside_the_demo_nobody_steps_into_anything(client: Client) -> None:
    assert client.post("/demo/step-into/", {"persona": "operator"}).status_code == 404


@pytest.mark.django_db
def test_the_log_misses_nothing_that_must_be_recorded() -> None:
    found = verification.findings(timezone.now(), Counts())
    assert [one.detail for one in found if one.check == "coverage"] == []


# What the log must say of each kind of money row: any one of these events.
RECORDS_OF_MONEY = {
    "payments.payment.asked": ["asked"],
    "payments.payment.received": ["received"],
    "payments.refund.promised": ["promised"],
    "payments.refund.given": ["given"],
    "payments.document.issued": ["issued"],
    "payments.settlement.made": ["made"],
    "payments.settlement.cleared": ["cleared"],
    "payments.payout.refused": ["refused", "sent", "paid", "failed"],
    "payments.incoming_transfer.entered": ["entered"],
    "payments.wallet.opened": ["opened"],
    "payments.withdrawal.asked": ["asked"],
    "payments.withdrawal.sent": ["sent", "declined"],
    "payments.deposit.placed": ["placed"],
    "payments.deposit.applied": ["applied", "forfeited"],
}


@pytest.mark.django_db
def test_each_kind_of_money_is_held_to_a_record_of_its_own() -> None:
    held = {rule.name: rule for rule in coverage_rules() if rule.name.startswith("payments.")}
    assert held.keys() == RECORDS_OF_MONEY.keys()
    for name, verbs in RECORDS_OF_MONEY.items():
        thing = name.rsplit(".", 1)[0]
        events = [f"{thing}.{verb}" for verb in verbs]
        assert list(held[name].events) == events
        rows = held[name].rows
        assert not isinstance(rows, str)
        subjects = set(rows)
        assert subjects, f"the stories of the demo have no row for {name}"
        recorded = Record.objects.filter(event__in=events).values_list("subject", flat=True)
        assert subjects <= set(recorded), name
