"""Provider and books side by side: what differs is opened once, explained by two, resolved when it is gone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.core.models import ScheduledTask
from exchange.ledger import books
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.ledger.models import OpenHold
from exchange.ledger.models.accounts import AccountKind, Guard
from exchange.members import approvals
from exchange.members.roles import Role
from exchange.payments import by_hand, chart, matching, reconciliation
from exchange.payments.errors import DifferenceClosed
from exchange.payments.gateway.sandbox import clock
from exchange.payments.gateway.sandbox.models import Line
from exchange.payments.lifecycle import DifferenceKind, DifferenceState, PaymentState
from exchange.payments.models import Difference, Payment
from exchange.payments.models import ProviderMovement as Movement
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
CNY = "CNY"


@pytest.fixture
def market() -> Market:
    return a_market()


def moved(ref: str, minor: int, *, kind: str = "adjustment", source: str = "adj_1") -> None:
    """The provider moves money that nobody asked it to."""
    Line.objects.create(
        id=ref, kind=kind, source=source, currency="cny", amount=minor,
        created=clock.now(), available_on=clock.now(),
    )  # fmt: skip


def booked(source: str, minor: int, *, kind: str = "adjustment") -> None:
    """The same in the books."""
    code, other = chart.clearing("test", CNY), "test:adjustments"
    with transaction.atomic():
        for name in (code, other):
            books.open_account(
                code=name,
                kind=AccountKind.ASSET,
                currency=CNY,
                guard=Guard.NONE,
                actor="t",
                now=DAY,
            )
        fact = ExternalFact(psp="test", object_type="adjustment", object_id=source, kind=kind)
        books.post(
            Posting(
                scope="test", key=f"{source}:{kind}", kind="test.adjusted", refs=[fact],
                transfers=[EntryRequest(debit=code, credit=other, amount=Money(minor, CNY))],
            ),
            actor="test:1", now=DAY,
        )  # fmt: skip


def found() -> dict[str, int]:
    report = reconciliation.reconcile(currency=CNY, now=DAY, whole=True)
    return {one.kind.value: one.amount.minor for one in report.found}


def test_what_both_sides_have_by_now_is_resolved(market: Market) -> None:
    moved("txn_1", 700)
    assert found() == {"provider_only": 700, "balance_differs": 700}
    booked("adj_1", 700)
    assert found() == {}
    ended = Difference.objects.order_by("kind")
    assert {one.state for one in ended} == {DifferenceState.RESOLVED}
    assert {one.closed_by for one in ended} == {"system:reconciliation"}
    booked("adj_2", 9)
    assert found() == {"books_only": 9, "balance_differs": -9}
    assert Difference.objects.filter(state=DifferenceState.OPEN).count() == 2


def test_money_that_the_provider_moved_twice_is_told_apart(market: Market) -> None:
    booked("tr_1", 500, kind="transfer")
    moved("txn_1", 500, kind="transfer", source="tr_1")
    assert found() == {}
    moved("txn_2", 500, kind="transfer", source="tr_1")
    assert found() == {"moved_twice": 500, "balance_differs": 500}


def test_what_moved_a_moment_ago_is_still_on_its_way(market: Market) -> None:
    moved("txn_1", 700)
    moment = datetime.fromtimestamp(clock.now(), UTC)
    cutoff = moment - timedelta(minutes=15)
    assert reconciliation.reconcile(currency=CNY, now=DAY, cutoff=cutoff).sound
    assert not Difference.objects.exists()
    later = moment + timedelta(minutes=1)
    assert len(reconciliation.reconcile(currency=CNY, now=DAY, cutoff=later).found) == 2


def test_an_open_difference_shows_the_newest_amount(market: Market) -> None:
    moved("txn_1", 700)
    found()
    moved("txn_2", 5, source="adj_2")
    found()
    balance = Difference.objects.get(kind=DifferenceKind.BALANCE_DIFFERS)
    assert (balance.amount_minor, Difference.objects.count()) == (705, 3)


def test_two_people_explain_a_difference_and_it_is_no_news_again(market: Market) -> None:
    moved("txn_1", 700)
    found()
    for number, difference in enumerate(Difference.objects.order_by("pk")):
        asked = by_hand.ask_about(
            by_hand.EXPLAIN, difference.public_id, explanation="A gift of the provider.",
            actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE), now=DAY,
        )  # fmt: skip
        difference.refresh_from_db()
        assert difference.state == DifferenceState.OPEN, number
        approvals.approve(
            asked.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=DAY
        )
        difference.refresh_from_db()
        assert difference.state == DifferenceState.EXPLAINED
    assert found() == {}
    assert Difference.objects.count() == 2
    with pytest.raises(DifferenceClosed):
        reconciliation.take_difference(
            difference.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE), now=DAY
        )
    with pytest.raises(Error), transaction.atomic():
        Difference.objects.update(explanation="It was nothing.")
    moved("txn_2", 1, source="adj_2")
    assert found() == {"provider_only": 1, "balance_differs": 701}


def test_holds_and_authorisations_that_outlive_their_time_are_found(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    money.deliver_messages()
    payment = Payment.objects.get()
    payment.state = PaymentState.AUTHORISED
    payment.save(update_fields=["state"])
    expiries = OpenHold.objects.values_list("expires_at", flat=True)
    times = [at for at in (payment.expires_at, DAY, *expiries) if at is not None]
    late = max(times) + timedelta(hours=2)
    looked = reconciliation.look_for_overdue(actor=reconciliation.RECONCILER, now=late)
    assert payment.public_id in [one.subject for one in looked]
    early = reconciliation.look_for_overdue(actor=reconciliation.RECONCILER, now=DAY)
    assert early == ()
    assert {one.state for one in Difference.objects.all()} == {DifferenceState.RESOLVED}


def test_disagreements_are_asked_of_the_database_alone(market: Market) -> None:
    booked("adj_0", 1)
    Movement.objects.bulk_create(
        Movement(
            provider="test", movement_id=f"m{n}", kind="adjustment", source_ref=f"adj_{n}",
            currency=CNY, amount_minor=1, fee_minor=0, created_at=DAY, available_at=DAY, seen_at=DAY,
        )
        for n in range(matching.FOUND_MAX + 3)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        matched = matching.match(provider="test", currency=CNY, cutoff=None)
    assert len([one for one in asked if one["sql"].lstrip().startswith("WITH")]) == 1
    assert len(asked) < 6
    assert len(matched.found) == matching.FOUND_MAX
    assert not matched.is_whole


def test_the_finance_has_it_run_and_asks_for_an_explanation(
    market: Market, settings: object
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    moved("txn_1", 700)
    found()
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    ScheduledTask.objects.create(name=reconciliation.TASK, due_at=DAY + timedelta(days=9999))
    assert client.post(reverse("console:payments_difference_run"), {"run": "1"}).status_code == 302
    assert ScheduledTask.objects.get().due_at < DAY + timedelta(days=9999)
    listed = client.get(reverse("console:payments_difference_changelist") + "?state__exact=open")
    assert "adj_1:adjustment" in listed.content.decode()
    one = Difference.objects.get(kind=DifferenceKind.PROVIDER_ONLY)
    address = reverse("console:payments_difference_explain", args=[one.pk])
    assert client.post(address, {"explanation": "A gift."}).status_code == 302
    assert approvals.waiting().get().about == one.public_id
    assert client.post(address, {"explanation": "Again."}).status_code == 422
