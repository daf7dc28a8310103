"""Refills of disputes, of chargebacks and of what the exchange gives back; of applications that are asked
about, and of subscriptions that end by themselves."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from exchange.disputes import answers, appeals, evidence, offers, opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance, disputes, refunds
from exchange.members import admission, approvals
from exchange.members.roles import Kind
from exchange.orders import subscriptions
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import (
    bank_days,
    card_pages,
    card_top_ups,
    chargebacks,
    saved_cards,
    withdrawals,
)
from exchange.payments.gateway.sandbox import cards, incoming
from exchange.payments.gateway.sandbox import disputes as bank
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Chargeback, Payment
from pricing.money import Money
from tests.attack.arguments import WORDS, fresh
from tests.attack.engine import tell_time
from tests.attack.refills import Supply, refills
from tests.attack.refills_deals import bought, paid
from tests.attack.refills_money import saved_card, settled_down
from tests.factories import accounts, listings
from tests.factories.members import acting, an_application

WHY: dict[str, Any] = {"reason": WORDS}


@refills
def hear_both_sides(supply: Supply) -> None:
    """A dispute that is answered and asked about, one that ends by an offer, and one that waits."""
    product = supply.listing(refund_policy="inspection")
    with supply.thing("answered"):
        name = _disputed(supply, paid(supply, bought(supply, product))).public_id
        answers.answer(name, **WHY, **supply.doing("seller"))
        for whom, who in (("claimant", "agent"), ("respondent", "seller")):
            answers.ask(name, whom=whom, **WHY, **supply.operating())
            answers.reply(name, **WHY, **supply.doing(who))
    with supply.thing("settled"):
        name = _disputed(supply, paid(supply, bought(supply, product))).public_id
        for yuan, answer in ((10, offers.decline), (20, disputes.take_offer)):
            refund = Money(yuan * 100, "CNY")
            made = offers.offer(name, refund=refund, **WHY, **supply.doing("seller"))
            answer(name, number=made.offer_number or 0, **supply.doing("agent"))
    with supply.thing("appealed"):
        name = _ruled(supply, paid(supply, bought(supply, product))).public_id
        appeals.appeal(name, **WHY, **supply.doing("agent"))
        appeals.answer(name, **WHY, **supply.doing("seller"))
        disputes.withdraw_appeal(name, **supply.doing("agent"))
    with supply.thing("accepted"):
        name = _ruled(supply, paid(supply, bought(supply, product))).public_id
        disputes.accept_ruling(name, **supply.doing("agent"))
    with supply.thing("ruled"):
        _ruled(supply, paid(supply, bought(supply, product)))
    with supply.thing("withdrawn"):
        name = _disputed(supply, paid(supply, bought(supply, product))).public_id
        evidence.hand_in(
            name, name="gaps.txt", file=BytesIO(WORDS.encode()), **supply.doing("agent")
        )
        disputes.withdraw(name, **supply.doing("agent"))
    with supply.thing("claimed"):
        _claimed(supply, paid(supply, bought(supply, product)))
    with supply.thing("lapsed"):
        _let_lapse(supply, _disputed(supply, paid(supply, bought(supply, product))))
    with supply.thing("waits"):
        _disputed(supply, paid(supply, bought(supply, product)))


def _let_lapse(supply: Supply, dispute: Dispute) -> None:
    """An offer has its time while the exchange decides; a side that stays silent elsewhere has its own."""
    name = dispute.public_id
    answers.answer(name, **WHY, **supply.doing("seller"))
    offered = offers.offer(name, refund=Money(1_000, "CNY"), **WHY, **supply.doing("agent"))
    supply.attack.now = offered.offer_until or supply.attack.now
    tell_time(supply.attack)
    disputes.run_due(now=supply.attack.now)


def _disputed(supply: Supply, order: Order) -> Dispute:
    return opening.open_dispute(
        order.public_id, kind="not_as_described", **WHY, **supply.doing("agent")
    )


@refills
def settle_otherwise(supply: Supply) -> None:
    """Offers that move no money back: another delivery, more time; a claim that is withdrawn; a day at the
    bank that is held against the books again."""
    product = supply.listing(refund_policy="inspection", period="P1M")
    for kind, days in (("redeliver", None), ("extend", 10)):
        with supply.thing(kind):
            order = paid(supply, bought(supply, product))
            name = _disputed(supply, order).public_id
            made = offers.offer(name, kind=kind, days=days, **WHY, **supply.doing("seller"))
            disputes.take_offer(name, number=made.offer_number or 0, **supply.doing("agent"))
    with supply.thing("claim withdrawn"):
        order = _accepted(supply, paid(supply, bought(supply, product)))
        name = _claim(supply, order).public_id
        disputes.withdraw(name, **supply.doing("seller"))
    bank_days.hold_again(**supply.counting())


def _accepted(supply: Supply, order: Order) -> Order:
    if order.state == OrderState.DELIVERED:
        acceptance.accept(order.public_id, **supply.doing("agent"))
    return order


def _claim(supply: Supply, order: Order) -> Dispute:
    return opening.open_claim(
        order.public_id, kind="misuse", remedy="end_access", **WHY, **supply.doing("seller")
    )


def _claimed(supply: Supply, order: Order) -> None:
    """The seller says that the data is misused; the exchange ends the access, and the buyer accepts it."""
    dispute = _claim(supply, _accepted(supply, order))
    disputes.rule_on(
        order.public_id, transition=OrderTransition.RELEASE, ends_access=True,
        reason_code="misused", **WHY, **supply.operating(),
    )  # fmt: skip
    disputes.approve(order.rulings.get().public_id, **supply.operating(2))
    disputes.accept_ruling(dispute.public_id, **supply.doing("agent"))


def _ruled(supply: Supply, order: Order) -> Dispute:
    """The seller keeps the money: the buyer may appeal."""
    dispute = _disputed(supply, order)
    disputes.rule_on(
        order.public_id, transition=OrderTransition.RELEASE, reason_code="as_described", **WHY,
        **supply.operating(),
    )  # fmt: skip
    disputes.approve(order.rulings.get().public_id, **supply.operating(2))
    return dispute


@refills
def charge_back(supply: Supply) -> None:
    """A payer's bank takes a payment back; one answer is sent, the other waits."""
    product = supply.listing(refund_policy="inspection")
    for is_answered in (True, False):
        with supply.thing("charged back"):
            payment = _by_card(supply, bought(supply, product))
            bank.open_dispute(payment.charge_ref)
            settled_down(supply)
            if is_answered:
                back = Chargeback.objects.get(payment=payment)
                chargebacks.send_evidence(back.public_id, evidence=WORDS, **supply.counting())
                settled_down(supply)


def _by_card(supply: Supply, order: Order) -> Payment:
    payment = Payment.objects.get(order=order)
    card_pages.open_card_page(payment_id=payment.public_id, **supply.doing("agent"))
    payment.refresh_from_db()
    cards.pay(payment.provider_ref or "", card_code="good")
    settled_down(supply)
    payment.refresh_from_db()
    return payment


@refills
def save_cards(supply: Supply) -> None:
    """Cards that are saved: one is made the default, one removed, and two wait for somebody to do so."""
    with supply.thing("saved card"):
        made = [saved_card(supply).public_id for _number in range(4)]
        saved_cards.make_default(made[1], **supply.doing("agent"))
        saved_cards.remove(made[0], **supply.doing("agent"))
        settled_down(supply)


@refills
def top_up_by_card(supply: Supply) -> None:
    """Wallets that cards fill: a part goes back, by us and at the provider's own pages; a bank takes one back."""
    for is_kept in (True, False):
        with supply.thing("topped up"):
            top_up = card_top_ups.ask(
                amount=Money(500_00, "CNY"),
                token=fresh(supply.attack, "t"),
                **supply.doing("agent"),
            )
            card_top_ups.open_card_page(top_up_id=top_up.public_id, **supply.doing("agent"))
            top_up.refresh_from_db()
            cards.pay(top_up.provider_ref or "", card_code="good")
            settled_down(supply)
            top_up.refresh_from_db()
            withdrawals.ask(
                amount=Money(100_00, "CNY"),
                token=fresh(supply.attack, "w"),
                top_up=top_up,
                **supply.doing("agent"),
            )
            incoming.create_refund({"charge": top_up.charge_ref, "amount": "5000"}, "")
            settled_down(supply)
            taken = bank.open_dispute(top_up.charge_ref, amount=100_00)
            settled_down(supply)
            bank.decide(taken.pk, won=is_kept)
            settled_down(supply)


@refills
def give_back(supply: Supply) -> None:
    """Part of a price that the exchange gives back after two people looked, and one that the second
    declines."""
    product = supply.listing(refund_policy="inspection")
    answer: Callable[..., object]
    for answer in (approvals.approve, partial(approvals.decline, note=WORDS)):
        with supply.thing("given back"):
            order = paid(supply, bought(supply, product))
            if order.state == OrderState.DELIVERED:
                acceptance.accept(order.public_id, **supply.doing("agent"))
            asked = refunds.ask(
                order.public_id, amount=Money(100, "CNY"), bearer=Bearer.EXCHANGE, **WHY,
                **supply.asking(),
            )  # fmt: skip
            answer(asked.public_id, **supply.counting())


@refills
def apply_and_renew(supply: Supply) -> None:
    """An application that the exchange asks about; a subscription that either side lets end, and
    that goes on."""
    with supply.thing("asked about"):
        applied = an_application(accounts.an_organisation(), Kind.BUYER, at=supply.attack.now)
        admission.ask(applied.public_id, **WHY, **supply.operating())
        house = applied.organisation
        owner = acting(accounts.owner_of(house), house)
        admission.answer(applied.public_id, **WHY, actor=owner, now=supply.attack.now)
    with supply.thing("renewed"):
        product = supply.listing(price_minor=None)
        listings.an_offer(product, price_minor=5_000, period="P1M", name=fresh(supply.attack, "M"))
        order = paid(supply, bought(supply, product))
        subscriptions.decline_renewals(order.public_id, **WHY, **supply.doing("seller"))
        subscriptions.offer_renewals(order.public_id, **supply.doing("seller"))
        for wanted in (False, True):
            subscriptions.set_auto_renew(order.public_id, wanted=wanted, **supply.doing("agent"))
