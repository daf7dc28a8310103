"""Sellers' money: cleared, run once a day, sent, arrived, refused, failed, called back."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import timezone

from exchange.core.lifecycle import Named
from exchange.core.refusals import NotAllowed
from exchange.journeys import acceptance
from exchange.ledger.errors import InsufficientFunds
from exchange.members.models import Admission
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from exchange.payments import (
    chart,
    payout_accounts,
    payouts,
    queries,
    reactions,
    reconciliation,
    settlement,
    top_up,
    turned_back,
    unpaid,
)
from exchange.payments.errors import PayoutAccountRefused
from exchange.payments.gateway.sandbox import clock, outgoing, store
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import DocumentKind, PayoutAccountState, PayoutState
from exchange.payments.models import (
    Document,
    NumberSeries,
    Payout,
    PayoutAccount,
    PayoutRun,
    Settlement,
)
from pricing.money import Money
from tests.architecture.lock_order import Recorder
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_bank_transfers import arrive

pytestmark = pytest.mark.django_db
LATER = DAY + money.days(30)


@pytest.fixture
def market() -> Market:
    return a_market()


def sold(market: Market, yuan: int = 100) -> None:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)


def run(market: Market, at: datetime = LATER) -> Payout:
    reactions.run_due(now=at)
    return Payout.objects.latest("pk")


def earnings(market: Market, at: datetime = DAY) -> list[queries.Earning]:
    reasons = unpaid.of_seller(market.seller.pk, now=at)
    return queries.earnings_of(list(queries.shares_of(market.seller.pk)), reasons)


def state_of(payout: Payout) -> str:
    payout.refresh_from_db()
    return str(payout.state)


def test_earnings_are_available_when_the_clearing_days_are_over_and_not_before(
    market: Market,
) -> None:
    sold(market)
    clears_at = Settlement.objects.get().clears_at
    assert timezone.localtime(clears_at).isoformat() == "2026-03-06T00:00:00+08:00"
    assert settlement.clear_due(actor=Named("test:1"), now=DAY) == 0
    assert (money.pending(market), money.available(market)) == (9800, 0)
    assert settlement.clear_due(actor=Named("test:1"), now=clears_at) == 1
    assert (money.pending(market), money.available(market)) == (0, 9800)
    assert settlement.clear_due(actor=Named("test:1"), now=LATER) == 0


def test_earnings_of_the_suspended_rest_and_keep_no_others_waiting(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(market)
    other = replace(market, seller=accounts.an_organisation())
    market.exchange.admit(other.seller, Kind.SELLER)
    sold(other)
    market.exchange.suspend(Admission.objects.get(organisation=market.seller))
    monkeypatch.setattr(settlement, "BATCH_MAX", 1)
    assert settlement.clear_due(actor=Named("test:1"), now=LATER) == 1
    assert (money.pending(market), money.available(other)) == (9800, 9800)


def test_a_run_numbers_its_statements_after_the_accounts_of_all(market: Market) -> None:
    """Who settles an order holds accounts, and then waits for the series of numbers."""
    other = replace(market, seller=accounts.an_organisation())
    market.exchange.admit(other.seller, Kind.SELLER)
    for one in (other, market):  # the accounts of the younger member are the older ones
        money.an_account(one)
        sold(one)
    NumberSeries.objects.create(kind=DocumentKind.PAYOUT_STATEMENT, year=LATER.year)
    locks = Recorder()
    with locks.watching():
        run(market)
    assert Payout.objects.count() == 2
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges}
    assert ("ledger_account", "payments_numberseries") in orders
    assert ("payments_numberseries", "ledger_account") not in orders
    assert locks.falling == {}


def test_a_payout_is_held_sent_and_arrives(market: Market) -> None:
    money.an_account(market)
    sold(market)
    payout = run(market)
    assert (payout.state, payout.amount_minor) == (PayoutState.PROMISED, 9800)
    assert money.available(market) == 9800
    money.work()
    assert state_of(payout) == PayoutState.SENT
    assert (money.available(market), money.on(chart.payout(payout.public_id))) == (0, 0)
    outgoing.decide_payouts()
    money.settle_down()
    assert state_of(payout) == PayoutState.PAID
    assert money.at_provider() == 10600 - 63 - 9800
    assert money.books_are_sound()


def test_a_second_run_of_the_day_does_nothing(market: Market) -> None:
    money.an_account(market)
    sold(market)
    run(market)
    assert reactions.run_due(now=LATER) == {"distributed": 0, "cleared": 0, "payouts": 0}
    assert (Payout.objects.count(), PayoutRun.objects.count()) == (1, 1)


def test_without_an_account_nothing_is_paid_out(market: Market) -> None:
    sold(market)
    assert reactions.run_due(now=LATER) == {"distributed": 0, "cleared": 1, "payouts": 0}
    assert money.available(market) == 9800
    assert PayoutRun.objects.count() == 0


def test_a_payout_has_a_numbered_statement_of_the_sales_in_it(market: Market) -> None:
    money.an_account(market)
    sold(market, 100)
    sold(market, 200)
    payout = run(market)
    statement = Document.objects.get(kind="payout_statement")
    assert statement.number == "PO-2026-000001"
    assert statement.cause == payout.public_id
    assert [one["amount_minor"] for one in statement.content["lines"]] == [9800, 19600]
    assert statement.content["amount_minor"] == 29400


def test_a_definite_refusal_gives_the_money_free_for_the_next_day(market: Market) -> None:
    money.an_account(market)
    sold(market)
    store.add_line(kind="adjustment", source="test", currency="cny", amount=-10_000)
    payout = run(market)
    money.work()
    assert state_of(payout) == PayoutState.REFUSED
    assert payout.failure == "balance_insufficient"
    assert money.available(market) == 9800
    store.add_line(kind="adjustment", source="test", currency="cny", amount=10_000)
    second = run(market, LATER + money.days(1))
    money.work()
    assert (state_of(second), second.amount_minor) == (PayoutState.SENT, 9800)


def test_a_payout_that_fails_after_it_arrived_is_called_back(market: Market) -> None:
    a_role(market.seller, accounts.owner_of(market.seller), Role.FINANCE)
    money.an_account(market)
    sold(market)
    payout = run(market)
    money.work()
    outgoing.decide_payouts()
    money.settle_down()
    assert state_of(payout) == PayoutState.PAID
    outgoing.fail_payout(Thing.objects.get(kind="payout"))
    money.settle_down()
    assert state_of(payout) == PayoutState.RETURNED
    assert money.available(market) == 9800
    account = PayoutAccount.objects.get()
    assert account.state == PayoutAccountState.CLOSED
    told = Notice.objects.filter(user=accounts.owner_of(market.seller), kind__contains="payout")
    assert list(told.order_by("pk").values_list("kind", flat=True)) == [
        "payments.payout.sent",
        "payments.payout.failed",
    ]
    assert reconciliation.reconcile(currency="CNY", now=LATER).sound
    assert money.books_are_sound()


def test_an_account_that_fails_pays_again_once_another_is_named(market: Market) -> None:
    money.an_account(market, number="62220212340000")
    sold(market)
    first = run(market)
    money.work()
    outgoing.decide_payouts()
    money.settle_down()
    assert state_of(first) == PayoutState.RETURNED
    money.an_account(market)
    second = run(market, LATER + money.days(1))
    money.work()
    outgoing.decide_payouts()
    money.settle_down()
    assert state_of(second) == PayoutState.PAID
    assert Payout.objects.count() == 2


def test_no_message_about_a_payout_is_made_good_by_looking(market: Market) -> None:
    money.an_account(market)
    sold(market)
    payout = run(market)
    money.work()
    outgoing.decide_payouts()
    assert payouts.sync_sent(now=LATER) == 1
    assert state_of(payout) == PayoutState.PAID


def test_a_payout_that_its_bank_returns_unheard_of_is_asked_for_until_it_is_seen(
    market: Market,
) -> None:
    money.an_account(market)
    sold(market)
    payout = run(market)
    money.settle_down()
    outgoing.decide_payouts()
    money.settle_down()
    assert state_of(payout) == PayoutState.PAID
    outgoing.fail_payout(Thing.objects.get(kind="payout"))
    assert turned_back.ask_again(now=(payout.decided_at or LATER) + money.days(1)) == 1
    money.work()
    assert state_of(payout) == PayoutState.RETURNED
    assert money.books_are_sound()


def test_the_account_number_is_not_kept(market: Market) -> None:
    account = money.an_account(market, number="6222 0212 3456 7890")
    assert (account.label, account.state) == ("•••• 7890", PayoutAccountState.READY)
    assert "3456" not in repr(PayoutAccount.objects.values())


def test_an_account_that_the_provider_refuses_says_so(market: Market) -> None:
    with pytest.raises(PayoutAccountRefused) as refused:
        money.an_account(market, number="62220212349999")
    assert refused.value.facts["reason"] == "account_number_invalid"
    with pytest.raises(PayoutAccountRefused):
        money.an_account(market, number="12")
    assert not PayoutAccount.objects.filter(state=PayoutAccountState.READY).exists()


def test_only_those_who_answer_for_the_seller_name_its_account(market: Market) -> None:
    with pytest.raises(NotAllowed):
        payout_accounts.give_account(
            actor=market.buying, currency="CNY", holder="X", number=money.NUMBER, now=DAY
        )
    assert PayoutAccount.objects.count() == 0


def test_money_of_the_bank_covers_payouts_by_a_top_up(market: Market) -> None:
    operator = market.exchange.cashier
    with pytest.raises(InsufficientFunds):
        top_up.top_up(actor=operator, amount=Money(1, "CNY"), now=DAY)
    arrive(market, "B1", 5000)
    top_up.top_up(actor=operator, amount=Money(5000, "CNY"), now=DAY)
    money.work()
    assert (money.at_bank(), money.at_provider()) == (0, 5000)
    assert reconciliation.reconcile(currency="CNY", now=DAY).sound


def test_each_line_of_earnings_says_what_was_taken_and_when_it_is_paid(market: Market) -> None:
    money.an_account(market)
    sold(market)
    (line,) = earnings(market)
    assert [str(one) for one in (line.gross, line.tax, line.fee, line.net)] == [
        "106.00 CNY", "6.00 CNY", "2.00 CNY", "98.00 CNY",
    ]  # fmt: skip
    assert str(line.paid_on) == "2026-03-06"
    text = "".join(queries.earnings_csv(market.seller.pk))
    assert text.count("\r\n") == 2
    assert ",CNY,106.00,6.00,2.00,98.00,0.00,98.00," in text


def test_money_that_the_provider_holds_back_is_not_sent(market: Market) -> None:
    switches = clock.switchboard()
    switches.clearing_seconds = 3600
    switches.save()
    money.an_account(market)
    sold(market)
    first = run(market)
    money.work()
    assert state_of(first) == PayoutState.REFUSED
    clock.advance(3601)
    second = run(market, LATER + money.days(1))
    money.work()
    assert state_of(second) == PayoutState.SENT
