"""Chargebacks: opened, answered, won and lost, before the release and after it, in any order of messages."""

import random

import pytest

from exchange.core import clock
from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.jobs import payments as jobs
from exchange.journeys import acceptance, refunds
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import (
    by_hand,
    chargebacks,
    chart,
    order_refunds,
    payment_webhooks,
    reactions,
    reconciliation,
)
from exchange.payments import refunds as attempts
from exchange.payments.errors import NothingRefundable, RefundAwaitsBank
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import clock as provider_clock
from exchange.payments.gateway.sandbox import disputes, incoming
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import Bearer, ChargebackState, RefundState
from exchange.payments.models import Chargeback, Difference, Document, Payment, Refund, Settlement
from pricing.money import Money
from tests.depth import histories
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
CNY = "CNY"
LOSSES = chart.bad_debt(CNY)
FEE = disputes.FEE


@pytest.fixture
def market() -> Market:
    return a_market()


def bought(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    return order


def closed(market: Market, yuan: int = 100) -> Order:
    order = bought(market, yuan)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    order.refresh_from_db()
    return order


def dispute(order: Order, minor: int | None = None) -> Thing:
    """The payer's bank takes the money, and the exchange hears of it."""
    made = disputes.open_dispute(money.payment_of(order).charge_ref, amount=minor)
    money.settle_down()
    return made


def decided(made: Thing, *, won: bool) -> Chargeback:
    disputes.decide(made.pk, won=won)
    money.settle_down()
    return Chargeback.objects.get(provider_ref=made.pk)


def give_back(order: Order, minor: int) -> Refund:
    return refunds.refund(
        order.public_id, amount=Money(minor, CNY), bearer=Bearer.SELLER, reason="Late.",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip


def parts(market: Market) -> tuple[int, int, int, int]:
    """Seller, tax, fee, and what is in dispute."""
    return (
        money.pending(market) + money.available(market),
        money.on(chart.tax(CNY)),
        money.on(chart.fee(CNY)),
        money.on(chart.disputed(CNY)),
    )


def is_reconciled() -> bool:
    found = reconciliation.reconcile(currency=CNY, now=DAY, whole=True).found
    return found == () and money.books_are_sound()


def test_what_the_bank_took_back_can_be_neither_refunded_nor_paid_out(market: Market) -> None:
    order = closed(market)
    made = dispute(order)
    assert parts(market)[3] == 10_600
    with pytest.raises(NothingRefundable):
        give_back(order, 1)
    reactions.run_due(now=DAY + money.days(30))
    assert money.available(market) == 0
    assert decided(made, won=True).state == ChargebackState.WON
    assert parts(market) == (9800, 600, 200, 0)
    assert money.available(market) == 9800
    assert order_refunds.refundable(order).minor == 10_600
    assert is_reconciled()


def test_a_chargeback_that_is_lost_debits_each_part_once(market: Market) -> None:
    order = closed(market)
    give_back(order, 5000)
    money.settle_down()
    made = dispute(order)  # the bank takes all of it, though half went back
    assert decided(made, won=False).state == ChargebackState.LOST
    assert parts(market) == (0, 0, 0, 0)
    assert money.on(LOSSES) == 5000
    assert money.on("expense:dispute:CNY") == FEE
    notes = Document.objects.filter(kind="credit_note").order_by("pk")
    assert [note.content["total_minor"] for note in notes] == [5000, 5600]
    assert sum(note.content["tax_minor"] for note in notes) == 600
    assert is_reconciled()


def test_what_was_paid_out_already_is_owed_once_it_is_lost(market: Market) -> None:
    money.an_account(market)
    order = closed(market)
    reactions.run_due(now=DAY + money.days(30))
    money.settle_down()
    made = dispute(order)
    owed = chart.receivable(market.seller.public_id, CNY)
    assert money.on(owed) == 0
    decided(made, won=False)
    assert money.on(owed) == 9800
    assert is_reconciled()


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_while_the_money_is_held(market: Market, *, won: bool) -> None:
    order = bought(market)
    made = dispute(order)
    decided(made, won=won)
    order.refresh_from_db()
    if won:
        acceptance.accept(order.public_id, actor=market.buying, now=DAY)
        assert parts(market) == (9800, 600, 200, 0)
    else:
        assert order.state == OrderState.REFUNDED
        assert parts(market) == (0, 0, 0, 0)
    assert money.held(order) == 0
    assert is_reconciled()


def test_what_is_won_after_the_release_goes_where_the_release_sent_the_rest(
    market: Market,
) -> None:
    order = bought(market)
    made = dispute(order, 5000)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert parts(market) == (5177, 317, 106, 5000)
    decided(made, won=True)
    assert parts(market) == (9800, 600, 200, 0)
    assert Settlement.objects.get().tax_refunded_minor == 0
    assert is_reconciled()


def test_evidence_is_sent_once_and_the_bank_reads_it(market: Market) -> None:
    order = closed(market)
    made = dispute(order)
    chargeback = Chargeback.objects.get()
    chargebacks.send_evidence(
        chargeback.public_id, evidence="Delivered and accepted.", actor=market.exchange.cashier,
        now=DAY,
    )  # fmt: skip
    money.settle_down()
    made.refresh_from_db()
    assert made.body["evidence"] == {"uncategorized_text": "Delivered and accepted."}
    assert made.body["status"] == "under_review"
    assert decided(made, won=True).evidence == "Delivered and accepted."


def test_a_chargeback_of_which_no_message_comes_is_found_by_its_money(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = closed(market)
    switches = provider_clock.switchboard()
    switches.copies = 0
    switches.save()
    made = disputes.open_dispute(money.payment_of(order).charge_ref, amount=None)
    later = clock.now() + money.days(1)  # the provider's lines have the time of the machine
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.reconcile_provider()
    found = Chargeback.objects.get()
    assert (found.provider_ref, found.state) == (made.pk, ChargebackState.OPENED)
    assert not Difference.objects.filter(closed_at=None).exists()
    jobs.reconcile_provider()
    assert Chargeback.objects.count() == 1
    assert money.books_are_sound()


def test_messages_in_another_order_or_none_lead_to_the_same_end(market: Market) -> None:
    order = closed(market)
    made = disputes.open_dispute(money.payment_of(order).charge_ref)
    opened = provider().dispute(made.pk)
    disputes.decide(made.pk, won=False)
    ended = provider().dispute(made.pk)
    for told in (ended, opened, ended):
        payment_webhooks.apply(told, now=DAY)
    assert Chargeback.objects.get().state == ChargebackState.LOST
    assert parts(market) == (0, 0, 0, 0)
    assert is_reconciled()


def hear(made: Thing) -> None:
    payment_webhooks.apply(provider().dispute(made.pk), now=DAY)


def tried_again(refund: Refund, market: Market) -> Refund:
    attempts.retry(refund.public_id, actor=market.exchange.cashier, now=DAY)
    money.settle_down()
    refund.refresh_from_db()
    return refund


@pytest.mark.parametrize("won", [True, False])
@pytest.mark.parametrize(
    "events",
    ["open refuse decide", "open decide refuse", "refuse open decide", "decide refuse"],
)
def test_a_refund_that_is_refused_for_a_chargeback_debits_the_seller_once(
    market: Market, events: str, *, won: bool
) -> None:
    order = closed(market)
    refund = give_back(order, 5000)
    made = disputes.open_dispute(money.payment_of(order).charge_ref)
    for event in events.split():
        if event == "decide":
            disputes.decide(made.pk, won=won)
        if event == "refuse":
            money.work()
        else:
            hear(made)
    money.settle_down()
    refund.refresh_from_db()
    if refund.state == RefundState.FAILED:
        assert won
        tried_again(refund, market)
    chargeback = Chargeback.objects.get()
    if won:
        assert (refund.state, chargeback.set_off_minor) == (RefundState.SUCCEEDED, 0)
        assert parts(market) == (5177, 317, 106, 0)
    else:
        assert (refund.state, chargeback.set_off_minor) == (RefundState.SET_OFF, 5000)
        assert parts(market) == (0, 0, 0, 0)
        notes = Document.objects.filter(kind="credit_note").order_by("pk")
        assert [note.content["total_minor"] for note in notes] == [5000, 5600]
    assert (money.on(refund.source), money.on(LOSSES)) == (0, 0)
    assert not Difference.objects.filter(closed_at=None).exists()
    assert is_reconciled()


def test_all_that_is_held_goes_by_the_refund_or_by_the_chargeback(market: Market) -> None:
    order = bought(market)
    refund = give_back(order, 10_600)
    made = disputes.open_dispute(money.payment_of(order).charge_ref)
    money.settle_down()
    assert money.held(order) == 10_600
    decided(made, won=False)
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.state, order.state) == (RefundState.SET_OFF, OrderState.REFUNDED)
    assert (money.held(order), money.on(LOSSES)) == (0, 0)
    hear(made)
    assert is_reconciled()


def test_a_refund_that_comes_back_after_the_loss_makes_it_good(market: Market) -> None:
    order = closed(market)
    refund = give_back(order, 5000)
    money.settle_down()
    decided(dispute(order), won=False)
    assert money.on(LOSSES) == 5000
    refund.refresh_from_db()
    incoming.fail_refund(Thing.objects.get(pk=refund.provider_ref))
    money.settle_down()
    payment_webhooks.apply(provider().find_refund(refund.provider_ref), now=DAY)
    refund.refresh_from_db()
    assert (refund.state, money.on(LOSSES)) == (RefundState.SET_OFF, 0)
    assert parts(market) == (0, 0, 0, 0)
    assert is_reconciled()


def test_only_what_the_bank_took_beyond_the_sales_part_is_set_off(market: Market) -> None:
    order = closed(market)
    refund = give_back(order, 5000)
    made = disputes.open_dispute(money.payment_of(order).charge_ref, amount=7000)
    money.settle_down()
    decided(made, won=False)
    refund.refresh_from_db()
    assert (refund.state, refund.to_give.minor) == (RefundState.FAILED, 3600)
    assert Difference.objects.get(closed_at=None).amount_minor == 3600
    assert tried_again(refund, market).state == RefundState.SUCCEEDED
    assert Thing.objects.get(pk=refund.provider_ref).body["amount"] == 3600
    assert (parts(market), money.on(LOSSES)) == ((0, 0, 0, 0), 0)
    assert is_reconciled()


def test_a_refund_is_not_tried_again_while_the_bank_has_its_money(market: Market) -> None:
    order = closed(market)
    refund = give_back(order, 5000)
    disputes.open_dispute(money.payment_of(order).charge_ref)
    money.settle_down()
    with pytest.raises(RefundAwaitsBank):
        tried_again(refund, market)
    with pytest.raises(RefundAwaitsBank):
        by_hand.ask_about(
            by_hand.REFUND_AGAIN, refund.public_id, actor=market.exchange.cashier, now=DAY
        )
    refund.refresh_from_db()
    assert (refund.state, refund.attempt) == (RefundState.FAILED, 1)


class History:
    """One order, and what a seed does to it."""

    def __init__(self, seed: int, market: Market) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a history, not a secret
        self.market, self.order = market, bought(market)
        self.open_ones: list[Thing] = []

    def refund(self) -> None:
        left = order_refunds.refundable(self.order).minor
        give_back(self.order, self.chance.randint(1, left or 1))

    def dispute(self) -> None:
        left = order_refunds.refundable(self.order).minor
        if left and len(self.open_ones) < 2:
            self.open_ones.append(dispute(self.order, self.chance.randint(1, left)))

    def decide(self) -> None:
        if self.open_ones:
            decided(self.open_ones.pop(), won=self.chance.random() < 0.5)

    def accept(self) -> None:
        acceptance.accept(self.order.public_id, actor=self.market.buying, now=DAY)

    def wait(self) -> None:
        reactions.run_due(now=DAY + money.days(self.chance.randint(1, 60)))


@pytest.mark.deep
@pytest.mark.parametrize("seed", histories(4))
def test_refunds_and_chargebacks_in_random_order_keep_every_law(market: Market, seed: int) -> None:
    money.an_account(market)
    history = History(seed, market)
    acts = [
        history.refund, history.dispute, *[history.decide] * 2, history.accept, history.wait,
    ]  # fmt: skip
    for _step in range(14):
        try:
            history.chance.choice(acts)()
        except Refusal:
            continue
        money.settle_down()
        _is_lawful(history.order)
    while history.open_ones:
        history.decide()
    _is_lawful(history.order)
    assert is_reconciled()


def _is_lawful(order: Order) -> None:
    """O1–O5 for one order, whatever became of it."""
    payment = Payment.objects.get(order=order)
    assert payment.refundable.minor >= 0
    done = Settlement.objects.filter(order=order).first()
    if done is not None:
        shares = list(done.shares.all())
        given = done.tax_refunded_minor + done.fee_refunded_minor
        given += sum(share.refunded_minor for share in shares)
        assert given == payment.refunded_minor + payment.disputed_minor
        assert all(0 <= share.refunded_minor <= share.amount_minor for share in shares)
    assert money.books_are_sound()
