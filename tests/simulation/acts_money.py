"""What the bank, the provider, its messages, the workers and the clock do."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from exchange.jobs import runner
from exchange.journeys import awards, billing, scheduled
from exchange.metering import receipts
from exchange.payments import (
    bank,
    chargebacks,
    payment_webhooks,
    payout_holds,
    payouts,
    reactions,
    refunds,
    top_up,
    turned_back,
    withdrawals,
)
from exchange.payments.bank import BankLine
from exchange.payments.gateway.sandbox import clock as provider_clock
from exchange.payments.gateway.sandbox import disputes as bank_of_payer
from exchange.payments.gateway.sandbox import incoming, messages, outgoing
from exchange.payments.gateway.sandbox.models import Delivery, Thing
from exchange.payments.hold_lifecycle import PayoutHoldState
from exchange.payments.lifecycle import (
    ChargebackState,
    IncomingState,
    PaymentState,
    RefundState,
    WithdrawalState,
)
from exchange.payments.models import (
    Chargeback,
    IncomingTransfer,
    Payment,
    PayoutAccount,
    PayoutHold,
    Refund,
    Wallet,
    Withdrawal,
)
from tests.factories import outbox as jobs
from tests.factories import payments as money
from tests.simulation.acts import Deed, act, any_of
from tests.simulation.world import World, yuan

FAULTS = ("drop_reply", "error_before", "save_error", "rate_limit")
ASKED = (
    "POST /v1/payment_intents*", "POST /v1/refunds", "POST /v1/transfers*", "POST /v1/payouts",
    "POST /v1/checkout/sessions*", "POST /v1/payment_methods*", "GET /v1/*",
)  # fmt: skip
WITHOUT = ["catalog.product.indexed"]
BY_BANK = {"method": "bank_transfer"}


@act(weight=2, is_repeatable=True)
def a_line_of_the_bank(world: World, chance: Random) -> Deed:
    """For a payment (all of it, too little, too much), for a wallet, or for nobody knows what."""
    kind = chance.choice(["exact", "exact", "exact", "too_little", "too_much", "wallet", "unknown"])
    payment = any_of(Payment.objects.filter(**BY_BANK, state=PaymentState.WAITING), chance)
    text, minor = "no reference", chance.randint(1, 30_000)
    if kind == "wallet":
        text = any_of(Wallet.objects.all(), chance).reference
    elif payment is not None and kind != "unknown":
        text = payment.reference
        minor = payment.amount_minor + {"too_little": -1, "too_much": 1}.get(kind, 0)
    line = BankLine(
        bank_ref=world.new_line(),
        received_on=world.now.date() - timedelta(days=1),
        amount=yuan(max(1, minor)),
        payer_name="Somebody",
        text=text,
    )
    return lambda: bank.enter(line, actor=world.cashier, now=world.now)


@act(weight=1, is_repeatable=True)
def match_a_line(world: World, chance: Random) -> Deed | None:
    transfer = any_of(IncomingTransfer.objects.filter(state=IncomingState.NEW), chance)
    payment = any_of(Payment.objects.filter(**BY_BANK, state=PaymentState.WAITING), chance)
    if transfer is None or payment is None:
        return None
    return lambda: bank.match(
        transfer.public_id, payment_id=payment.public_id, actor=world.cashier, now=world.now
    )


@act(weight=1, is_repeatable=True)
def send_a_line_back(world: World, chance: Random) -> Deed | None:
    transfer = any_of(IncomingTransfer.objects.all(), chance)
    ref = world.new_line()
    if transfer is None:
        return None
    return lambda: bank.send_back(
        transfer.public_id, actor=world.cashier, bank_ref=ref, now=world.now
    )


@act(weight=2, is_repeatable=True)
def send_or_decline_a_withdrawal(world: World, chance: Random) -> Deed | None:
    asked = any_of(Withdrawal.objects.filter(state=WithdrawalState.PROMISED), chance)
    if asked is None:
        return None
    ref, name = world.new_line(), asked.public_id
    if chance.random() < 0.3:
        return lambda: withdrawals.decline(
            name, actor=world.cashier, reason="Not now.", now=world.now
        )
    return lambda: withdrawals.send(name, actor=world.cashier, bank_ref=ref, now=world.now)


@act(weight=2, is_repeatable=True)
def look_after_a_refund(world: World, chance: Random) -> Deed | None:
    """One that the provider could not give is tried again; one by bank is noted as sent."""
    ended = (RefundState.SUCCEEDED, RefundState.SET_OFF)
    refund = any_of(Refund.objects.exclude(state__in=ended), chance)
    if refund is None:
        return None
    ref, name = world.new_line(), refund.public_id
    if refund.state == RefundState.FAILED:
        return lambda: refunds.retry(name, actor=world.cashier, now=world.now)
    return lambda: refunds.note_sent_by_bank(name, actor=world.cashier, bank_ref=ref, now=world.now)


@act(weight=1)
def hold_payouts_or_let_them_go(world: World, chance: Random) -> Deed | None:
    held = any_of(PayoutHold.objects.filter(state=PayoutHoldState.HELD), chance)
    account = any_of(PayoutAccount.objects.filter(closed_at=None), chance)
    asked: Any = {"actor": world.cashier, "reason": "It is looked at.", "now": world.now}
    if held is not None:
        return lambda: payout_holds.release(held.public_id, **asked)
    if account is None:
        return None
    seller, currency = account.organisation.public_id, account.currency
    return lambda: payout_holds.hold(seller, currency=currency, **asked)


@act(weight=1)
def charge_back(_world: World, chance: Random) -> Deed | None:
    """A payer's bank takes a card payment back, all of it or a part."""
    taken = Thing.objects.filter(kind="dispute").values("group")
    payment = any_of(Payment.objects.exclude(charge_ref="").exclude(charge_ref__in=taken), chance)
    if payment is None or payment.received_at is None:
        return None
    part = chance.choice([None, None, chance.randint(1, payment.amount_minor)])
    return lambda: bank_of_payer.open_dispute(payment.charge_ref, amount=part)


@act(weight=2, is_repeatable=True)
def answer_a_chargeback(world: World, chance: Random) -> Deed | None:
    chargeback = any_of(Chargeback.objects.filter(state=ChargebackState.OPENED), chance)
    if chargeback is None:
        return None
    return lambda: chargebacks.send_evidence(
        chargeback.public_id, evidence="It was delivered.", actor=world.cashier, now=world.now
    )


@act(weight=2, is_repeatable=True)
def decide_a_chargeback(_world: World, chance: Random) -> Deed | None:
    dispute = any_of(Thing.objects.filter(kind="dispute"), chance)
    is_won = chance.random() < 0.5
    if dispute is None:
        return None
    return lambda: bank_of_payer.decide(dispute.pk, won=is_won)


@act(weight=1)
def fill_the_provider_up(world: World, chance: Random) -> Deed:
    amount = yuan(chance.randint(1, 20_000))
    return lambda: top_up.top_up(actor=world.cashier, amount=amount, now=world.now)


@act(weight=2)
def misbehave(_world: World, chance: Random) -> Deed:
    """The provider loses an answer, errs, or is away for so many requests."""
    on, do = chance.choice(ASKED), chance.choice(FAULTS)
    times, copies = chance.choice([1, 1, 2, 20]), chance.choice([0, 1, 1, 2])

    def turn() -> None:
        switches = provider_clock.switchboard()
        switches.faults = [*switches.faults, {"on": on, "do": do, "times": times}]
        switches.copies = copies
        switches.save()

    return turn


@act(weight=1)
def behave_again(_world: World, _chance: Random) -> Deed:
    def turn() -> None:
        switches = provider_clock.switchboard()
        switches.faults, switches.copies = [], 1
        switches.save()

    return turn


@act(weight=8, is_repeatable=True)
def hear(world: World, chance: Random) -> Deed | None:
    """A few messages, in any order, some of them heard before; some never come."""
    waiting = list(Delivery.objects.select_related("event").order_by("-pk")[:12])
    if not waiting:
        return None
    heard = chance.sample(waiting, min(3, len(waiting)))

    def tell() -> None:
        for one in heard:
            money.hear(messages.message(one.event.body, secret=money.SECRET), at=world.now)

    return tell


@act(weight=1)
def forge(world: World, chance: Random) -> Deed | None:
    """A message that the provider did not sign, or another content under its signature."""
    event = any_of(Thing.objects.filter(kind="event"), chance)
    if event is None:
        return None
    body = event.body | {"id": f"evt_forged{chance.getrandbits(32)}"}
    said = messages.message(body, secret="wrong")
    return lambda: money.hear(said, at=world.now)


@act(weight=10)
def work(_world: World, chance: Random) -> Deed:
    """A worker does a few jobs; delays are over now and then."""
    limit, is_later = chance.randint(1, 6), chance.random() < 0.5

    def do() -> None:
        if is_later:
            jobs.make_ready_jobs_due()
        runner.drain(worker="simulation", limit=limit, without=WITHOUT)

    return do


@act(weight=3)
def pass_time(world: World, chance: Random) -> Deed:
    hours = chance.choice([1, 24, 24, 24 * 4, 24 * 8])
    return lambda: world.pass_time(timedelta(hours=hours))


SWEEPS: tuple[Callable[[World], object], ...] = (
    lambda world: reactions.run_due(now=world.now),
    lambda world: payment_webhooks.sync_open(now=world.now),
    lambda world: payouts.sync_sent(now=world.now),
    lambda world: turned_back.ask_again(now=world.now),
    lambda world: scheduled.run_orders(now=world.now),
    lambda world: billing.run_due(now=world.now),
    lambda world: receipts.make_due(now=world.now),
    lambda world: awards.run_due(now=world.now),
)


@act(weight=6)
def look_after(world: World, chance: Random) -> Deed:
    """Some of what the clock does."""
    sweeps = chance.sample(SWEEPS, chance.randint(1, len(SWEEPS)))

    def sweep() -> None:
        for one in sweeps:
            one(world)

    return sweep


@act(weight=2)
def decide_payouts(_world: World, _chance: Random) -> Deed:
    """Banks overnight."""
    return outgoing.decide_payouts


@act(weight=3)
def turn_a_payout_back(_world: World, chance: Random) -> Deed | None:
    """A bank turns back what it had taken, days later."""
    payout = any_of(Thing.objects.filter(kind="payout", body__status="paid"), chance)
    return None if payout is None else lambda: outgoing.fail_payout(payout)


@act(weight=3)
def turn_a_refund_back(_world: World, chance: Random) -> Deed | None:
    """The card's bank turns a refund back, days later."""
    refund = any_of(Thing.objects.filter(kind="refund", body__status="succeeded"), chance)
    return None if refund is None else lambda: incoming.fail_refund(refund)
