"""Money under real threads: numbers without gaps, one refund, one run, one message."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.disputes import opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance
from exchange.journeys import disputes as trade_disputes
from exchange.ledger import checks
from exchange.ledger.models import Account
from exchange.orders.lifecycle import ORDER
from exchange.payments import (
    chargebacks,
    chart,
    invoices,
    order_refunds,
    payment_webhooks,
    reactions,
    refunds,
    settlement,
)
from exchange.payments.gateway.port import MoneyStatus, ProviderRefund
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import disputes, messages
from exchange.payments.gateway.sandbox.models import Delivery, Thing
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import (
    Chargeback,
    Document,
    Payout,
    PayoutRun,
    ProviderEvent,
    Refund,
    SettlementShare,
)
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 6


@pytest.fixture(autouse=True)
def sound_books() -> Iterator[None]:
    yield
    assert checks.run().sound


@pytest.fixture
def market() -> Market:
    return a_market()


def together(act: Callable[[int], object]) -> list[str]:
    """What `act` answers in each of THREADS threads that begin at the same moment."""
    gate = threading.Barrier(THREADS)

    def run(number: int) -> str:
        try:
            connection.ensure_connection()
            gate.wait()
            return str(act(number))
        except (Refusal, IntegrityError) as refused:
            return getattr(refused, "code", "integrity")
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(run, range(THREADS)))


def test_numbers_have_no_gaps_though_every_third_writer_changes_its_mind() -> None:
    issuer, receiver = accounts.an_organisation(), accounts.an_organisation()

    def issue(number: int) -> int:
        for step in range(5):
            with transaction.atomic():
                invoices.issue(
                    DocumentKind.INVOICE,
                    actor=Named("test:1"),
                    cause=f"{number}:{step}",
                    issuer=issuer,
                    receiver=receiver,
                    content={"total_minor": step, "currency": "CNY"},
                    now=DAY,
                )
                if (number + step) % 3 == 0:
                    transaction.set_rollback(True)
        return number

    together(issue)
    serials = list(Document.objects.order_by("serial").values_list("serial", flat=True))
    assert serials == list(range(1, 21))


def test_one_cause_gets_one_number_whoever_asks_at_once() -> None:
    issuer, receiver = accounts.an_organisation(), accounts.an_organisation()

    def issue(_number: int) -> str:
        with transaction.atomic():
            document = invoices.issue(
                DocumentKind.INVOICE,
                actor=Named("test:1"),
                cause="ord_1",
                issuer=issuer,
                receiver=receiver,
                content={"total_minor": 1, "currency": "CNY"},
                now=DAY,
            )
            return document.number

    assert set(together(issue)) == {"INV-2026-000001"}
    assert Document.objects.count() == 1


def test_one_message_in_many_copies_at_once_is_kept_once(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    event = Delivery.objects.select_related("event").latest("pk").event
    message = messages.message(event.body, secret=money.SECRET)

    def hear(_number: int) -> bool:
        return payment_webhooks.receive(
            body=message.body.encode(), signature=message.signature, now=DAY
        )

    assert together(hear) == ["False"] * (THREADS - 1) + ["True"]
    assert ProviderEvent.objects.count() == 1


def test_money_is_refunded_once_however_many_ask(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)

    def refund(_number: int) -> str:
        with transaction.atomic():
            order_refunds.refund(
                ORDER.lock(order.public_id), reason="agreed", actor=Named("test:1"), now=DAY
            )
        return "promised"

    answers = together(refund)
    assert answers == ["nothing_refundable"] * (THREADS - 1) + ["promised"]
    assert Refund.objects.get().amount_minor == 10600


def test_the_days_run_is_made_once_and_each_seller_is_paid_once(market: Market) -> None:
    money.an_account(market)
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    with transaction.atomic():
        settlement.settle(ORDER.lock(order.public_id), actor=Named("test:1"), now=DAY)
    later = DAY + money.days(30)
    together(lambda _number: reactions.run_due(now=later))
    assert (PayoutRun.objects.count(), Payout.objects.count()) == (1, 1)
    assert money.pending(market) == 0
    together(lambda _number: money.work())
    money.work()
    assert Payout.objects.get().state == "sent"
    assert Thing.objects.filter(kind="transfer").count() == 1


def test_a_refund_beside_a_payout_run_takes_the_sellers_share_once(market: Market) -> None:
    money.an_account(market)
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    later = DAY + money.days(30)

    def act(number: int) -> str:
        if number % 2:
            reactions.run_due(now=later)
            return "ran"
        with transaction.atomic():
            order_refunds.refund(
                ORDER.lock(order.public_id), reason="agreed", actor=Named("test:1"), now=later
            )
        return "promised"

    assert together(act) == ["nothing_refundable"] * 2 + ["promised"] + ["ran"] * 3
    money.work()
    paid = sum(Payout.objects.filter(state="sent").values_list("amount_minor", flat=True))
    owed = money.on(chart.receivable(market.seller.public_id, "CNY"))
    # The share of 98.00 was given back, whether it had been paid out before or not.
    assert (paid, owed) in {(0, 0), (9800, 9800)}
    assert (money.pending(market), money.available(market)) == (0, 0)
    assert Refund.objects.get().amount_minor == 10600


@pytest.mark.parametrize("is_settled", [False, True])
@pytest.mark.parametrize("won", [False, True])
def test_a_refund_and_a_chargeback_at_once_debit_the_seller_once(
    market: Market, *, is_settled: bool, won: bool
) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    if is_settled:
        acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    with transaction.atomic():
        made = disputes.open_dispute(money.payment_of(order).charge_ref)
    told = provider().dispute(made.pk)

    def act(number: int) -> str:
        if number % 2:
            return chargebacks.apply(told, now=DAY) or "known"
        with transaction.atomic():
            order_refunds.refund(
                ORDER.lock(order.public_id), reason="agreed", actor=Named("test:1"), now=DAY
            )
        return "promised"

    answers = together(act)
    assert answers.count("opened") == 1
    refunded = answers.count("promised")
    assert answers.count("nothing_refundable") == 3 - refunded
    payment, chargeback = money.payment_of(order), Chargeback.objects.get()
    # One of the two has the whole sale, and the other none of it.
    sides = (payment.refunded_minor, payment.disputed_minor)
    assert sides == ((10600, 0) if refunded else (0, 10600))
    assert chargeback.covered_minor == payment.disputed_minor
    if is_settled:
        share = SettlementShare.objects.get()
        assert share.refunded_minor == share.amount_minor
        free = Account.objects.get(code=chart.pending(market.seller.public_id, "CNY")).available
        assert free.minor == 0
    with transaction.atomic():
        disputes.decide(made.pk, won=won)
    chargebacks.apply(provider().dispute(made.pk), now=DAY)
    lost = 0 if won or not refunded else 10600
    assert money.on(chart.bad_debt("CNY")) == lost
    money.work()  # the refund is given, or refused by the provider and set off
    assert money.on(chart.bad_debt("CNY")) == 0
    assert money.on(chart.receivable(market.seller.public_id, "CNY")) == 0


def test_a_refund_refused_as_the_chargeback_is_lost_is_set_off_once(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    amount = Money(5000, "CNY")
    with transaction.atomic():
        refund = order_refunds.refund(
            ORDER.lock(order.public_id), amount=amount, reason="Late.", actor=Named("test:1"), now=DAY
        )  # fmt: skip
        made = disputes.open_dispute(money.payment_of(order).charge_ref)
    chargebacks.apply(provider().dispute(made.pk), now=DAY)
    with transaction.atomic():
        disputes.decide(made.pk, won=False)
    lost = provider().dispute(made.pk)
    refused = ProviderRefund("re_1", MoneyStatus.FAILED, amount, refund.public_id, "declined")

    def act(number: int) -> str:
        told = chargebacks.apply(lost, now=DAY) if number % 2 else refunds.apply(refused, now=DAY)
        return told or "known"

    assert together(act) == ["known"] * 4 + ["lost", "refund failed"]
    refund.refresh_from_db()
    assert (refund.state, Chargeback.objects.get().set_off_minor) == ("set_off", 5000)
    assert money.on(refund.source) == 0
    assert money.on(chart.bad_debt("CNY")) == 0
    assert money.on(chart.disputed("CNY")) == 0


def test_a_dispute_beside_a_payout_run_holds_the_sellers_share_once(market: Market) -> None:
    money.an_account(market)
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    later, buying = DAY + money.days(20), market.buying

    def act(number: int) -> str:
        if number % 2:
            reactions.run_due(now=later)
            return "ran"
        opening.open_dispute(
            order.public_id, kind="below_quality", reason="Gaps.", actor=buying, now=later
        )
        return "opened"

    assert together(act) == ["disputed_before"] * 2 + ["opened"] + ["ran"] * 3
    money.work()
    paid = sum(Payout.objects.filter(state="sent").values_list("amount_minor", flat=True))
    owed = money.on(chart.receivable(market.seller.public_id, "CNY"))
    dispute = Dispute.objects.get()
    aside = money.on(chart.dispute(dispute.public_id))
    waits = money.pending(market)
    # Still clearing, set aside out of what is available, or owed after it was paid out.
    assert (waits, aside, paid, owed) in {
        (9800, 0, 0, 0), (0, 9800, 0, 0), (0, 9800, 9800, 9800)
    }  # fmt: skip
    trade_disputes.concede(dispute.public_id, actor=market.selling, now=later)
    assert Refund.objects.get().amount_minor == 10600
    assert money.on(chart.dispute(dispute.public_id)) == 0
    owed = money.on(chart.receivable(market.seller.public_id, "CNY"))
    assert (paid, owed - money.available(market)) in {(0, 0), (9800, 9800)}
