"""The invented exchange is made through real use cases, once."""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import Organisation, User
from accounts.sign_in import SESSION_KEY
from exchange.auctions import moderation
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.audit import agreement, verification
from exchange.audit.coverage import coverage_rules
from exchange.audit.findings import Counts
from exchange.audit.models import Record
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.demo import auctions, seeding, trades
from exchange.demo.acting import acting
from exchange.demo.personas import HOUSES, shown_people
from exchange.ledger import checks
from exchange.ledger.models import Account, JournalEntry
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission, RoleGrant
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.models import Negotiation
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Review
from exchange.payments import wallets
from exchange.payments.models import Payout
from exchange.vault.models import DataFile
from pricing.money import Money
from tests.factories.accounts import a_member, an_organisation
from tests.factories.audit import execute, without_guards

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
        OrderState.CLOSED: 5,
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


def running(kind: Kind) -> list[Auction]:
    return list(Auction.objects.filter(kind=kind, state__in=auctions.RUNNING).order_by("pk"))


def end(kind: Kind) -> None:
    """An operator ends it before its time; one that ends by itself stands no other way to this."""
    (auction,) = running(kind)
    moderation.cancel(
        auction.public_id, actor=acting("operator", NOW), reason="It is over.", now=timezone.now()
    )


@pytest.mark.django_db
def test_an_auction_that_is_over_is_held_again_with_its_rivals() -> None:
    assert auctions.renew() == 0
    kinds = (Kind.ENGLISH, Kind.SECOND_PRICE, Kind.UNIFORM_PRICE)
    assert [len(running(kind)) for kind in kinds] == [1, 1, 1]
    end(Kind.ENGLISH)
    assert running(Kind.ENGLISH) == []
    assert auctions.renew() == 1
    (held,) = running(Kind.ENGLISH)
    assert held.state == AuctionState.OPEN
    assert held.bids.values("bidder").distinct().count() == 2
    assert auctions.renew() == 0


@pytest.mark.django_db
def test_what_cannot_be_held_again_waits() -> None:
    end(Kind.ENGLISH)
    with without_guards():
        Product.objects.filter(origin="demo:pressure").update(state=ListingState.DELISTED)
    assert auctions.renew() == 0


@pytest.mark.django_db
def test_a_rivals_wallet_is_filled_again_when_it_runs_low(monkeypatch: pytest.MonkeyPatch) -> None:
    rival = Organisation.objects.get(name__startswith="Coast Insurance")
    before = wallets.available_in(rival, "CNY")
    trades.refill_wallet("insurer", timezone.now())
    assert wallets.available_in(rival, "CNY") == before
    more = Money(before.minor * 8, "CNY")
    monkeypatch.setattr(trades, "PURSE", more)
    trades.refill_wallet("insurer", timezone.now())
    assert wallets.available_in(rival, "CNY") == before + more


def test_the_other_side_of_the_open_negotiation_can_be_stepped_into() -> None:
    waits = Negotiation.objects.get(state=NegotiationState.OFFERED)
    sellers = {house.name for house, _person in shown_people()}
    assert waits.seller.name in sellers
    assert waits.buyer.name in sellers


@override_settings(ROOT_URLCONF="exchange.demo.urls", SECOND_FACTOR_REQUIRED=False)
def test_a_visitor_steps_into_each_persona_with_one_click(client: Client) -> None:
    for _house, person in shown_people():
        assert client.post("/demo/step-into/", {"persona": person.key}).status_code == 302
        assert client.session["_auth_user_id"] == str(User.objects.get(email=person.email).pk)
    assert client.post("/demo/step-into/", {"persona": "seller.security"}).status_code == 404


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="exchange.demo.urls", SECOND_FACTOR_REQUIRED=False)
def test_a_persona_who_joined_another_organisation_steps_into_its_first(client: Client) -> None:
    person = User.objects.get(email="buyer@demo.example")
    own = person.organisations.get()
    a_member(user=person, organisation=an_organisation())
    assert client.post("/demo/step-into/", {"persona": "buyer"}).status_code == 302
    assert client.session[SESSION_KEY] == own.public_id


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
    "payments.saved_card.asked": ["asked"],
    "payments.card_top_up.asked": ["asked"],
    "payments.card_top_up.received": ["received"],
    "payments.distribution.calculated": ["calculated"],
    "payments.deposit.placed": ["placed"],
    "payments.deposit.applied": ["applied", "forfeited"],
}


# No card of the demo opens one, and its provider pays out by itself: held by tests/payments/test_chargebacks.py,
# test_payout_files.py, test_payout_holds.py, test_distributions.py and test_departments.py.
NOT_IN_THE_DEMO = {
    "payments.department_split.set",
    "payments.distribution.confirmed",
    "payments.distribution.paid",
    "payments.chargeback.opened",
    "payments.chargeback.won",
    "payments.refund.set_off",
    "payments.payout_file.made",
    "payments.payout_file.approved",
    "payments.bank_day.closed",
    "payments.payout_hold.made",
    "payments.payout_hold.released",
}


@pytest.mark.django_db
def test_each_kind_of_money_is_held_to_a_record_of_its_own() -> None:
    held = {rule.name: rule for rule in coverage_rules() if rule.name.startswith("payments.")}
    assert held.keys() - NOT_IN_THE_DEMO == RECORDS_OF_MONEY.keys()
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


def deleted() -> dict[str, str]:
    """One row of each kind deleted with every trigger off: by kind the subject that was there."""
    gone = dict[str, str]()
    for rule in agreement.row_rules():
        subject = spoken_of(rule)
        if subject is None:
            continue
        table, row = rule.rows.split()[0], rule.rows.split()[2]
        execute(
            f"DELETE FROM {table} WHERE id IN (SELECT {row}.id FROM {rule.rows}"
            f" WHERE '{rule.kind}:' || {rule.key} = %(subject)s)",
            {"subject": subject},
        )
        gone[rule.kind] = subject
    return gone


def spoken_of(rule: agreement.RowRule) -> str | None:
    """The subject of a record that has a row by this rule; None when the story has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(subject) FROM ({rule.statement}) AS kept (subject, e, a, v, r)"
            " JOIN audit_record USING (subject)"
        )
        subject: str | None = cursor.fetchone()[0]
    return subject


@pytest.mark.django_db
def test_a_row_of_any_kind_that_was_deleted_is_named() -> None:
    with without_guards():
        gone = deleted()
    assert len(gone) >= 30
    said = {finding.detail.partition(",")[0] for finding in agreement.findings(Counts())}
    assert sorted(set(gone.values()) - said) == []


@pytest.mark.django_db
def test_a_value_of_any_kind_that_was_changed_is_named() -> None:
    changed = dict[str, set[str]]()
    with without_guards():
        for rule in agreement.row_rules():
            subject = spoken_of(rule)
            if subject is None:
                continue
            table, row = rule.rows.split()[0], rule.rows.split()[2]
            for name, column, value in columns_of(rule, table, row):
                with contextlib.suppress(IntegrityError), transaction.atomic():  # no such value
                    execute(
                        f"UPDATE {table} SET {column} = {value} WHERE id IN (SELECT {row}.id"
                        f" FROM {rule.rows} WHERE '{rule.kind}:' || {rule.key} = %(s)s)",
                        {"s": subject},
                    )
                    changed.setdefault(subject, set()).add(name)
    found = {
        finding.detail.partition(" differs from ")[0]: finding.detail
        for finding in agreement.findings(Counts())
    }
    assert sum(map(len, changed.values())) >= 70
    missed = {
        f"{subject}: {name}"
        for subject, names in changed.items()
        for name in names
        if name not in found.get(subject, "") and states(subject, name)
    }
    assert sorted(missed) == []


def columns_of(rule: agreement.RowRule, table: str, row: str) -> Iterator[tuple[str, str, str]]:
    """The facts of a rule that are a column of its own table, and another value for each."""
    spoken = {**rule.facts, **({"actor": rule.actor} if rule.actor != "NULL" else {})}
    for name, value in spoken.items():
        own = re.fullmatch(rf"{row}\.(\w+)(?:::text)?", value)
        if own is None or own[1] in {"public_id", "transition"}:
            continue
        kind = type_of(table, own[1])
        if kind in {"bigint", "integer", "smallint", "numeric"}:
            yield name, own[1], f"{own[1]} + 1"
        elif kind in {"character varying", "text"}:
            yield name, own[1], f"'X' || substr({own[1]}, 2)"
        elif kind == "boolean":
            yield name, own[1], f"NOT {own[1]}"


def type_of(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns"
            " WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        return str(cursor.fetchone()[0])


def states(subject: str, name: str) -> bool:
    """Whether a record of the subject states this fact."""
    records = Record.objects.filter(subject=subject)
    return any(
        name == "actor"
        or name in json.loads(bytes(record.canonical))["facts"]
        or record.disclosures.filter(field=name).exists()
        for record in records
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM metering_usageevent WHERE id IN (SELECT min(id) FROM metering_usageevent)", "usage day"),
        ("UPDATE metering_usageevent SET quantity = quantity + 1", "usage day"),
        ("UPDATE ledger_transfer SET amount_minor = amount_minor + 1", "row"),
        ("DELETE FROM ledger_transfer", "row"),
        ("UPDATE orders_order SET state = 'refunded' WHERE state = 'closed'", "row"),
        ("DELETE FROM orders_orderstep WHERE number = 3", "row"),
        ("UPDATE payments_document SET document_hash = 'sha256:0'", "row"),
        ("DELETE FROM audit_disclosure WHERE field = 'amount_minor'", "disclosure"),
        ("UPDATE vault_blob SET size_bytes = size_bytes + 1", "content"),
    ],
)  # fmt: skip
def test_business_rows_that_were_altered_by_a_superuser_are_found(
    statement: str, named: str
) -> None:
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
    assert named in {finding.check for finding in agreement.findings(Counts())}


def test_an_untouched_exchange_agrees_with_its_log() -> None:
    assert list(agreement.findings(Counts(), is_deep=True)) == []
