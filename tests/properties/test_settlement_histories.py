"""Seeded histories of trades: buyers, a provider with faults, messages in any order, lost work, a
clock. After each history the laws of settlement hold; a failing seed is part of the test's name.
"""

import random
from datetime import datetime, timedelta

import pytest
from django.db.models import Sum

from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.journeys import acceptance, refunds
from exchange.ledger import checks
from exchange.ledger.models import ExternalRef
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import (
    chart,
    collection,
    order_refunds,
    payment_webhooks,
    payouts,
    reactions,
    reconciliation,
)
from exchange.payments.gateway.sandbox import cards, clock, messages, outgoing
from exchange.payments.gateway.sandbox.models import Delivery, Line, Thing
from exchange.payments.gateway.sandbox.store import ApiError
from exchange.payments.lifecycle import Bearer, PaymentState, PayoutState, RefundState
from exchange.payments.models import Document, Payment, Payout, Refund, Settlement
from exchange.payments.refunds import allocation_of
from pricing.money import Money
from tests.depth import histories
from tests.factories import outbox as jobs
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
STEPS = 70
CNY = "CNY"
FAULTS = ("drop_reply", "error_before", "save_error", "rate_limit")
ASKED = (
    "POST /v1/payment_intents*", "POST /v1/refunds", "POST /v1/transfers*", "POST /v1/payouts",
    "GET /v1/*",
)  # fmt: skip


class History:
    """One seed drives everything that happens."""

    def __init__(self, seed: int, market: Market) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a history, not a secret
        self.market = market
        self.now: datetime = DAY
        self.offers = [market.offer(yuan) for yuan in (1, 33, 100)]

    def live(self) -> None:
        acts = [
            *[self.buy] * 3, *[self.pay] * 5, self.cancel, *[self.accept] * 5,
            *[self.ask_refund] * 2, self.misbehave, *[self.hear] * 2, *[self.work] * 6,
            *[self.pass_time] * 2, *[self.look_after] * 3, self.decide_payouts,
        ]  # fmt: skip
        for _step in range(STEPS):
            try:
                self.chance.choice(acts)()
            except (Refusal, ApiError):
                continue

    def end(self) -> None:
        """Everything settles: no more faults, every delay is over, everything is looked after."""
        switches = clock.switchboard()
        switches.faults = []
        switches.save()
        for _round in range(8):
            self.pass_time()
            self.look_after()
            jobs.make_ready_jobs_due()
            money.settle_down()
            outgoing.decide_payouts()

    def order(self, *states: str) -> Order | None:
        found = list(Order.objects.filter(state__in=states).order_by("pk"))
        return self.chance.choice(found) if found else None

    def buy(self) -> None:
        self.market.order(self.chance.choice(self.offers), at=self.now)

    def pay(self) -> None:
        order = self.order(OrderState.CONTRACT_SIGNED)
        payment = Payment.objects.filter(order=order, state=PaymentState.WAITING).first()
        if order is None or payment is None:
            return
        collection.open_card_page(
            actor=self.market.buying, payment_id=payment.public_id, now=self.now
        )
        payment.refresh_from_db()
        card = self.chance.choice(["good", "good", "declined", "confirm"])
        cards.pay(payment.provider_ref or "", card_code=card)
        if card == "confirm":
            cards.confirm(payment.provider_ref or "", agreed=self.chance.random() < 0.7)

    def cancel(self) -> None:
        order = self.order(OrderState.CONTRACT_SIGNED)
        if order is not None and self.chance.random() < 0.3:
            placing.cancel(order.public_id, actor=self.market.buying, reason="", now=self.now)

    def accept(self) -> None:
        order = self.order(OrderState.DELIVERED)
        if order is not None:
            acceptance.accept(order.public_id, actor=self.market.buying, now=self.now)

    def ask_refund(self) -> None:
        """In random amounts, before the release and after it, borne by either or both."""
        order = self.order(OrderState.CLOSED, OrderState.DELIVERED)
        if order is None:
            return
        left = order_refunds.refundable(order)
        amount = Money(self.chance.randint(1, order.total_minor), CNY)
        if self.chance.random() < 0.3:
            amount = left
        bearer = self.chance.choice([*[Bearer.SELLER] * 3, Bearer.SHARED, Bearer.EXCHANGE])
        shown = order_refunds.preview(order, amount=amount, bearer=bearer).allocation
        made = refunds.refund(
            order,
            amount=amount,
            bearer=bearer,
            reason="agreed",
            actor=Named("test:1"),
            now=self.now,
        )
        assert allocation_of(made, shares_count=len(shown.shares)) == shown

    def misbehave(self) -> None:
        switches = clock.switchboard()
        switches.faults = [
            *switches.faults,
            {"on": self.chance.choice(ASKED), "do": self.chance.choice(FAULTS), "times": 1},
        ]
        switches.copies = self.chance.choice([0, 1, 2])
        switches.save()

    def hear(self) -> None:
        """A few messages, in any order, some of them already heard before."""
        waiting = list(Delivery.objects.select_related("event").order_by("-pk")[:12])
        for delivery in self.chance.sample(waiting, min(3, len(waiting))):
            money.hear(messages.message(delivery.event.body, secret=money.SECRET), at=self.now)

    def work(self) -> None:
        money.work()

    def pass_time(self) -> None:
        hours = self.chance.choice([1, 24, 24 * 4])
        self.now += timedelta(hours=hours)
        clock.advance(hours * 3600)

    def look_after(self) -> None:
        reactions.run_due(now=self.now)
        payment_webhooks.sync_open(now=self.now + timedelta(hours=1))
        payouts.sync_sent(now=self.now)

    def decide_payouts(self) -> None:
        outgoing.decide_payouts()


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.mark.deep
@pytest.mark.parametrize("seed", histories(8))
def test_every_history_ends_lawfully(market: Market, seed: int) -> None:
    money.an_account(market)
    history = History(seed, market)
    history.live()
    history.end()
    _orders_are_lawful()
    _payouts_are_lawful(market)
    assert checks.run().sound
    report = reconciliation.reconcile(currency=CNY, now=history.now, whole=True)
    assert report.found == ()


def _orders_are_lawful() -> None:
    """O1, O3, O4, O6: captured = held + released + given back; nothing more than came goes back."""
    for payment in Payment.objects.filter(state=PaymentState.RECEIVED):
        given = list(Refund.objects.filter(payment=payment, state=RefundState.SUCCEEDED))
        back = sum(one.amount_minor for one in given)
        of_sale = sum(one.of_sale.minor for one in given)
        settlement = Settlement.objects.filter(order=payment.order).first()
        held = money.on(chart.escrow(payment.order.public_id))
        assert back == payment.refunded_minor <= payment.amount_minor
        if settlement is None:
            assert payment.amount_minor == held + of_sale
            continue
        assert held == 0
        parts = settlement.tax_refunded_minor + settlement.fee_refunded_minor
        parts += settlement.shares.aggregate(s=Sum("refunded_minor"))["s"] or 0
        assert parts == of_sale
        notes = Document.objects.filter(order=payment.order, kind="credit_note")
        assert sum(note.content["total_minor"] for note in notes) == of_sale
        assert sum(note.content["tax_minor"] for note in notes) == settlement.tax_refunded_minor
        for note in (note.content for note in notes):
            assert note["tax_minor"] == (note["net_minor"] * 6 + 50) // 100
            shown = note["net_minor"] + note["tax_minor"] + note["rounding_minor"]
            assert shown == note["total_minor"]
    goodwill = sum(Refund.objects.values_list("exchange_minor", flat=True))
    assert money.on(chart.goodwill(CNY)) == goodwill
    for payment in Payment.objects.filter(state=PaymentState.CANCELLED):
        live = Payment.objects.filter(order=payment.order, state=PaymentState.RECEIVED).exists()
        assert live or money.on(chart.escrow(payment.order.public_id)) == 0


def _payouts_are_lawful(market: Market) -> None:
    """P1, P2, P5: never more than was earned, one transfer each, each of the provider's lines once."""
    sent = Payout.objects.filter(state__in=[PayoutState.SENT, PayoutState.PAID])
    paid = sent.aggregate(s=Sum("amount_minor"))["s"] or 0
    earned = Settlement.objects.aggregate(s=Sum("pool_minor"))["s"] or 0
    assert paid <= earned
    groups = list(Thing.objects.filter(kind="transfer").values_list("group", flat=True))
    assert len(groups) == len(set(groups))
    assert not Payout.objects.filter(state=PayoutState.PROMISED).exists()
    lines = Line.objects.filter(account="").count()
    fees = Line.objects.filter(account="", fee__gt=0).count()
    assert ExternalRef.objects.filter(psp="test").count() == lines + fees
