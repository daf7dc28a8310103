"""The attacker's steps of money that is moved by hand."""

from decimal import Decimal

from exchange.journeys import refunds as order_money
from exchange.members import approvals
from exchange.members.actors import Actor, Subject
from exchange.members.models import ApprovalRequest
from exchange.members.permissions import Permission
from exchange.orders import limits
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import (
    bank,
    bank_days,
    by_hand,
    card_top_ups,
    departments,
    order_refunds,
    payout_accounts,
    payout_holds,
    refunds,
    saved_cards,
    top_up,
    withdrawals,
)
from exchange.payments.bank import BankLine
from exchange.payments.departments import DepartmentRequest
from exchange.payments.models import IncomingTransfer, Payment, Refund
from pricing.money import Money
from tests.attack.acting import buying, operating, own
from tests.attack.arguments import WORDS, YUAN, fresh
from tests.attack.engine import Attack

P = Permission


@own("payments.bank.enter")
def enter_line(attack: Attack) -> None:
    waiting = Payment.objects.filter(
        state="waiting", order__payment_method=PaymentMethod.BANK_TRANSFER
    )
    payment = waiting.order_by("-pk").first() if attack.random.random() < 0.3 else None
    line = BankLine(
        bank_ref=fresh(attack, "L"),
        received_on=attack.now.date(),
        amount=payment.amount if payment else Money(attack.random.randint(1, 900) * YUAN, "CNY"),
        payer_name="Somebody",
        text="no reference",
    )
    bank.enter(line, actor=operating(attack), now=attack.now)


@own("payments.bank_days.close")
def close_day(attack: Attack) -> None:
    balance = Money(attack.random.randint(1, 900) * YUAN, "CNY")
    closing = bank_days.Closing(attack.now.date(), balance)
    bank_days.close(closing, actor=operating(attack), now=attack.now)


@own("payments.bank.match")
def match(attack: Attack) -> None:
    transfer = attack.pick(IncomingTransfer.objects.all())
    payment = attack.pick(Payment.objects.filter(state="waiting"))
    bank.match(
        transfer.public_id, payment_id=payment.public_id, actor=operating(attack), now=attack.now
    )


@own("payments.refunds.note_sent_by_bank", "payments.refunds.retry")
def refund_by_bank(attack: Attack) -> None:
    refund = attack.pick(Refund.objects.exclude(state="succeeded"))
    if attack.random.random() < 0.5:
        refunds.retry(refund.public_id, actor=operating(attack), now=attack.now)
        return
    refunds.note_sent_by_bank(
        refund.public_id, actor=operating(attack), bank_ref=fresh(attack, "R"), now=attack.now
    )


@own("members.approvals.ask")
def ask_for_an_act_of_two(attack: Attack) -> None:
    if attack.random.random() < 0.5:
        actor = buying(attack, P.LIMIT_SET)
        limits.ask(actor=actor, currency="CNY", limit=None, reason=WORDS, now=attack.now)
        return
    amount = Money(attack.random.randint(1, 9) * YUAN, "CNY")
    actor = attack.somebody(P.PAYMENTS_HANDLE, None)
    ref, day = fresh(attack, "A"), attack.now.date()
    line = BankLine(
        bank_ref=ref, received_on=day, amount=amount, payer_name="Somebody", text="none"
    )
    by_hand.ask_to_enter(line, actor=actor, now=attack.now)


@own("members.approvals.approve")
def approve_an_act_of_two(attack: Attack) -> None:
    """Whoever asked is among those who try."""
    request, actor = _open_request(attack)
    approvals.approve(request.public_id, actor=actor, now=attack.now)


def _open_request(attack: Attack) -> tuple[ApprovalRequest, Actor]:
    request: ApprovalRequest = attack.pick(ApprovalRequest.objects.filter(decision="open"))
    if request.organisation_id is None:
        return request, attack.somebody(P.PAYMENTS_HANDLE, None)
    of_house = Subject(organisation_id=request.organisation_id)
    return request, attack.somebody(P.LIMIT_SET, of_house)


@own("members.approvals.decline", "members.approvals.withdraw")
def refuse_an_act_of_two(attack: Attack) -> None:
    request, actor = _open_request(attack)
    refuse = attack.random.choice((approvals.decline, approvals.withdraw))
    refuse(request.public_id, actor=actor, note=WORDS, now=attack.now)


@own("journeys.refunds.give_back")
def give_money_back(attack: Attack) -> None:
    """The seller's own: what was shown is what is given."""
    payment = attack.pick(Payment.objects.filter(received_at__isnull=False))
    left = order_refunds.refundable(payment.order)
    amount = Money(attack.random.randint(1, max(1, left.minor)), left.currency)
    shown = order_refunds.preview(payment.order, amount=amount)
    order_money.give_back(
        payment.order.public_id,
        actor=attack.somebody(P.ORDER_REFUND, order_money.seller_of(payment.order)),
        amount=amount,
        reason=WORDS,
        seen=shown.seal,
        now=attack.now,
    )


@own("payments.top_up.top_up")
def fill_up(attack: Attack) -> None:
    amount = Money(attack.random.randint(1, 9) * YUAN, "CNY")
    top_up.top_up(actor=operating(attack), amount=amount, now=attack.now)


@own("payments.withdrawals.ask")
def withdraw_money(attack: Attack) -> None:
    withdrawals.ask(
        actor=buying(attack, P.WALLET_USE),
        amount=Money(attack.random.randint(1, 9) * YUAN, "CNY"),
        token=fresh(attack, "w"),
        now=attack.now,
    )


@own("payments.card_top_ups.ask")
def top_up_by_card(attack: Attack) -> None:
    card_top_ups.ask(
        actor=buying(attack, P.WALLET_USE),
        amount=Money(attack.random.randint(1, 9) * YUAN, "CNY"),
        token=fresh(attack, "t"),
        now=attack.now,
    )


@own("payments.saved_cards.ask")
def ask_to_save_a_card(attack: Attack) -> None:
    saved_cards.ask(actor=buying(attack, P.WALLET_USE), now=attack.now)


@own("payments.departments.set_split")
def divide_among_departments(attack: Attack) -> None:
    house = attack.town.house(attack.random.choice(("seller", "other_seller"))).pk
    own = Decimal(attack.random.randint(1, 99))
    departments.set_split(
        [DepartmentRequest("Data", own), DepartmentRequest("Security", 100 - own)],
        actor=attack.somebody(P.REVENUE_SHARE, Subject(organisation_id=house)),
        now=attack.now,
    )


@own("payments.payout_accounts._write")
def name_account(attack: Attack) -> None:
    house = attack.town.house(attack.random.choice(("seller", "other_seller"))).pk
    payout_accounts.give_account(
        actor=attack.somebody(P.PAYOUT_ACCOUNT_SET, Subject(organisation_id=house)),
        currency="CNY",
        holder="Pipeline Data",
        number=f"62220212345{attack.random.randrange(10**5):05d}",
        now=attack.now,
    )


@own("payments.payout_holds.hold")
def hold_payouts(attack: Attack) -> None:
    """In a currency in which nothing is paid here, most of the time: the town lives on the others."""
    house = attack.town.house(attack.random.choice(("seller", "other_seller")))
    payout_holds.hold(
        house.public_id,
        currency=attack.random.choice(("JPY", "EUR", "GBP", "CNY")),
        actor=operating(attack),
        reason=WORDS,
        now=attack.now,
    )
