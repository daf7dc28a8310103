"""Refills of money, use and papers: the provider's messages, the bank, what was metered, dead work."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import Organisation
from exchange.catalog import sharing
from exchange.catalog.sharing import ShareRequest
from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.periods import after_months
from exchange.disputes import opening
from exchange.journeys import acceptance, disputes, renewals
from exchange.members import approvals
from exchange.metering import disputes as usage_disputes
from exchange.metering import intake, receipts
from exchange.metering.models import MeteredSubscription, UsageDispute
from exchange.orders.lifecycle import OrderState, OrderTransition, PaymentMethod
from exchange.orders.models import Order, Subscription
from exchange.payments import (
    bank,
    card_pages,
    distribution_rulings,
    distributions,
    payout_accounts,
    reactions,
    refunds,
    saved_cards,
)
from exchange.payments.bank import BankLine
from exchange.payments.distribution_lifecycle import DistributionState
from exchange.payments.gateway.sandbox import cards, messages, outgoing
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.models import Distribution, IncomingTransfer, Payment, Refund, SavedCard
from exchange.vault import uploads
from pricing.money import Money
from tests.attack.arguments import WORDS, fresh
from tests.attack.engine import tell_time
from tests.attack.refills import Supply, refills
from tests.attack.refills_deals import bought, metered_offer, paid
from tests.factories import listings
from tests.factories.payments import SECRET, fund_wallet, hear, work
from tests.factories.vault import csv_of

HUGE = 999_999_999
CLEARED_AFTER = timedelta(days=15)


def settled_down(supply: Supply) -> None:
    """What the provider has to say arrives, and what it makes of work is done."""
    for _round in range(4):
        heard = messages.deliver_due(
            lambda one: hear(one, at=supply.attack.now), secret=SECRET, limit=500
        )
        work()
        if not heard:
            return


@refills
def pay_by_card(supply: Supply) -> None:
    """A card that the provider tells of, a refund of it, and a payout that comes back; subscriptions that a
    saved card renews."""
    product = supply.listing(refund_policy="inspection")
    with supply.thing("subscribed"):
        _subscribe(supply)
    with supply.thing("account"):
        number = f"62220212345{supply.attack.random.randrange(10**5):05d}"
        payout_accounts.give_account(
            currency="CNY", holder="Supply", number=number, **supply.doing("seller")
        )
    with supply.thing("card"):
        for is_refunded in (True, False):
            order = bought(supply, product)
            payment = Payment.objects.get(order=order)
            who = supply.doing("agent")
            for saves in (True, False):
                card_pages.choose(payment.public_id, saves=saves, **who)
            card_pages.open_card_page(payment_id=payment.public_id, **who)
            payment.refresh_from_db()
            cards.pay(payment.provider_ref or "", card_code="good")
            settled_down(supply)
            order.refresh_from_db()
            if is_refunded:
                _refunded(supply, order)
            elif order.state == OrderState.DELIVERED:
                acceptance.accept(order.public_id, **who)
        settled_down(supply)
    with supply.thing("payouts"):
        supply.attack.now += CLEARED_AFTER
        tell_time(supply.attack)
        reactions.run_due(now=supply.attack.now)
        settled_down(supply)
        outgoing.decide_payouts()
        settled_down(supply)
        paid_out = Thing.objects.filter(kind="payout", body__status="paid").last()
        if paid_out is not None:
            outgoing.fail_payout(paid_out)
            settled_down(supply)
    with supply.thing("renewed"):
        _renew(supply)


def _subscribe(supply: Supply) -> None:
    """Subscriptions that are paid by card and go on by themselves."""
    product = supply.listing(price_minor=None)
    listings.an_offer(product, price_minor=5_000, period="P1M", name=fresh(supply.attack, "C"))
    for _number in range(2):
        order = paid(supply, bought(supply, product, method=PaymentMethod.CARD, auto_renew=True))
        if order.state == OrderState.DELIVERED:
            acceptance.accept(order.public_id, **supply.doing("agent"))


def _renew(supply: Supply) -> None:
    """Their last days: the saved card has no money, the next default one has."""
    running = Subscription.objects.filter(
        latest__buyer=supply.people["buyer"].organisation,
        latest__payment_method=PaymentMethod.CARD,
        auto_renew=True,
        ended_at__isnull=True,
    )
    ends = running.aggregate(last=Max("paid_until"))["last"] or supply.attack.now
    for code, days in zip(("empties", "good"), renewals.CHARGE_DAYS, strict=False):
        card = saved_card(supply, code)
        saved_cards.make_default(card.public_id, **supply.doing("agent"))
        supply.attack.now = max(supply.attack.now, ends - timedelta(days=days))
        tell_time(supply.attack)
        for _round in range(2):
            renewals.run_due(now=supply.attack.now)
            settled_down(supply)


def saved_card(supply: Supply, code: str = "good") -> SavedCard:
    """A card that the buyer's agent saves on the provider's page."""
    card = saved_cards.ask(**supply.doing("agent"))
    saved_cards.open_page(card_id=card.public_id, **supply.doing("agent"))
    card.refresh_from_db()
    cards.pay(card.provider_ref or "", card_code=code)
    settled_down(supply)
    return card


def _refunded(supply: Supply, order: Order) -> None:
    opening.open_dispute(
        order.public_id, kind="not_as_described", reason=WORDS, **supply.doing("agent")
    )
    disputes.rule_on(
        order.public_id, transition=OrderTransition.REFUND, reason_code="not_as_described",
        reason=WORDS, **supply.operating(),
    )  # fmt: skip
    ruling = order.rulings.filter(decision="open").first()
    if ruling is not None:
        disputes.approve(ruling.public_id, **supply.operating(2))
        disputes.accept_ruling(order.disputes.get().public_id, **supply.doing("seller"))


@refills
def pay_by_bank(supply: Supply) -> None:
    """Transfers that name no order, one of which is refunded; a wallet that is filled for an order that
    waits."""
    product = supply.listing(refund_policy="inspection")
    for is_refunded in (True, False):
        with supply.thing("bank"):
            order = bought(supply, product, method=PaymentMethod.BANK_TRANSFER)
            payment = Payment.objects.get(order=order)
            transfer = _arrived(supply, payment)
            bank.match(transfer.public_id, payment_id=payment.public_id, **supply.counting())
            if is_refunded:
                settled_down(supply)
                order.refresh_from_db()
                _refunded(supply, order)
                settled_down(supply)
                refund = Refund.objects.get(payment=payment)
                refunds.note_sent_by_bank(
                    refund.public_id, bank_ref=fresh(supply.attack, "R"), **supply.counting()
                )
    with supply.thing("wallet"):
        bought(supply, product, by="poor", method=PaymentMethod.WALLET)
        house = supply.people["poor"].organisation
        assert house is not None
        fund_wallet(supply.attack.town.exchange, house, 5_000, at=supply.attack.now)


def _arrived(supply: Supply, payment: Payment) -> IncomingTransfer:
    line = BankLine(
        bank_ref=fresh(supply.attack, "L"), received_on=supply.attack.now.date(),
        amount=payment.amount, payer_name="Somebody", text="no reference",
    )  # fmt: skip
    return bank.enter(line, **supply.counting())[0]


@refills
def share_by_month(supply: Supply) -> None:
    """Sales that are shared by month; when it is over one of them is sent, objected to, answered and agreed to,
    the other is upheld by two."""
    house = supply.people["state"].organisation
    assert house is not None
    with supply.thing("by month"):
        for _number in range(2):
            _shared_by_month(supply, house)
        first = timezone.localtime(supply.attack.now).replace(day=1)
        supply.attack.now = after_months(first, 1)
        tell_time(supply.attack)
        reactions.run_due(now=supply.attack.now)
    waiting = Distribution.objects.filter(
        state=DistributionState.CALCULATED, product__seller=supply.people["seller"].organisation
    )
    for is_answered, one in zip((True, False), waiting.order_by("pk")[:2], strict=False):
        with supply.thing("months"):
            name, party = one.public_id, supply.doing("state")
            distributions.review(name, **supply.doing("seller"))
            distributions.object_to(name, reason=WORDS, **party)
            if is_answered:
                given = {house.public_id: Money(1, one.currency)}
                distributions.answer(
                    name, reason=WORDS, corrections=given, **supply.doing("seller")
                )
                distributions.agree(name, **party)
            else:
                asked = distribution_rulings.ask_to_uphold(name, reason=WORDS, **supply.asking())
                approvals.approve(asked.public_id, **supply.counting())


def _shared_by_month(supply: Supply, house: Organisation) -> None:
    product = supply.listing(refund_policy="inspection")
    made = sharing.propose(
        product.public_id, percent=Decimal(70), currency="CNY", by_month=True,
        shares=[ShareRequest(house.public_id, Decimal(30))], **supply.doing("seller"),
    )  # fmt: skip
    sharing.agree(made.public_id, **supply.doing("state"))
    order = bought(supply, product, method=PaymentMethod.WALLET)
    settled_down(supply)
    order.refresh_from_db()
    if order.state == OrderState.DELIVERED:
        acceptance.accept(order.public_id, **supply.doing("agent"))


@refills
def report_use(supply: Supply) -> None:
    """Reports far above all before, which the buyer confirms or refuses; a day that is objected to."""
    with supply.thing("held"):
        metered = _subscribed(supply)
        for decide in (_confirmed, _refused, lambda *_left: None):
            _reported(supply, metered, HUGE)
            decide(supply, UsageDispute.objects.filter(subscription=metered).latest("pk"))
            metered = _subscribed(supply)
    with supply.thing("objected"):
        metered = _subscribed(supply)
        _reported(supply, metered, 50)
        usage_disputes.object_to(
            metered.public_id, day=supply.attack.now.date(), meter="rows", accepted=10,
            reason=WORDS, **supply.doing("buyer"),
        )  # fmt: skip
    with supply.thing("receipts"):
        receipts.make_due(now=supply.attack.now + timedelta(days=1) + receipts.SETTLED_AFTER)


def _subscribed(supply: Supply) -> MeteredSubscription:
    order = bought(supply, metered_offer(supply).product, method=PaymentMethod.NONE)
    return MeteredSubscription.objects.get(order=order)


def _reported(supply: Supply, metered: MeteredSubscription, rows: int) -> None:
    line = {
        "subscription": metered.public_id, "source": "gateway",
        "event_id": fresh(supply.attack, "e"), "meter": "rows", "quantity": rows,
        "at": supply.attack.now.isoformat(),
    }  # fmt: skip
    intake.report([line], **supply.doing("seller"))


def _confirmed(supply: Supply, dispute: UsageDispute) -> None:
    usage_disputes.confirm(dispute.public_id, **supply.doing("buyer"))


def _refused(supply: Supply, dispute: UsageDispute) -> None:
    usage_disputes.refuse(dispute.public_id, accepted=9, reason=WORDS, **supply.doing("buyer"))
    usage_disputes.rule_on(dispute.public_id, decided=9, reason=WORDS, **supply.operating())


@refills
def keep_going(supply: Supply) -> None:
    """An upload that is complete, and work that is dead until an operator tries it again."""
    with supply.thing("upload"):
        content = csv_of(supply.attack.random.randrange(10**6))
        who: dict[str, Any] = supply.doing("seller")
        upload = uploads.begin_upload(name="m.csv", declared_bytes=len(content), **who)
        uploads.write_piece(
            upload, offset=0, content=BytesIO(content), size_bytes=len(content), **who
        )
        uploads.finish_upload(upload.public_id, **who)
    with supply.thing("dead"):
        key = fresh(supply.attack, "job")
        outbox.emit(topic="test.town", key=key, payload={})
        rows = OutboxJob.objects.filter(topic="test.town", dedupe_key=key)
        rows.update(state="dead", finished_at=supply.attack.now)
        outbox.retry_dead(job_id=rows.get().pk, reason=WORDS, **supply.operating())
        rows.update(state="dead", finished_at=supply.attack.now)
