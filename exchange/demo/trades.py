"""The demo's trades, in every state, through the use cases that everybody uses."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation
from exchange.catalog import demands, sharing
from exchange.catalog import interest as interests
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.models.interest import Demand
from exchange.catalog.search.requests import SearchRequest
from exchange.catalog.sharing import ShareRequest
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of
from exchange.disputes import opening
from exchange.jobs import runner
from exchange.journeys import acceptance, checkout, disputes, scheduled
from exchange.ledger import months
from exchange.members import approvals
from exchange.members.actors import organisation_of
from exchange.members.models import ApprovalRequest
from exchange.orders import conversation, limits, placing, reviews
from exchange.orders.lifecycle import OrderTransition, PaymentMethod
from exchange.orders.models import Order
from exchange.orders.placing import CheckoutRequest
from exchange.orders.terms import terms_hash
from exchange.payments import (
    by_hand,
    card_pages,
    card_top_ups,
    collection,
    distributions,
    payment_webhooks,
    payout_accounts,
    saved_cards,
    wallets,
    withdrawals,
)
from exchange.payments.bank import BankLine
from exchange.payments.card_lifecycle import CardTopUpState
from exchange.payments.gateway.sandbox import cards
from exchange.payments.lifecycle import WithdrawalState
from exchange.payments.models import Distribution, IncomingTransfer, PayoutAccount, Refund
from exchange.payments.reactions import run_due as run_payments
from pricing.money import Money

WORKER = "demo-seeding"
JOBS_MAX = 500
LIMIT = Money(50_000_00, "CNY")
SELLERS = ("seller", "pipeline", "machinery", "mobile", "freight", "builder")
BUYERS = ("buyer", "bank.buyer", "insurer", "analyst")
PURSE = Money(800_000_00, "CNY")
SENT_BACK = Money(100_000_00, "CNY")
FROM_CARD = Money(20_000_00, "CNY")
BANK, CARD = PaymentMethod.BANK_TRANSFER, PaymentMethod.CARD


def trade(now: datetime) -> None:
    """Tell the stories that were not told yet. `now` is the present; some began weeks ago.

    The orders of a story carry its name: what was told before a start was cut off is not told again.
    """
    for key in SELLERS:
        _name_account(key, now - timedelta(days=20))
    for key in BUYERS:
        _fill_wallet(key, now - timedelta(days=20))
    _send_money_back("bank.buyer", now - timedelta(days=15))
    _top_up_by_card("buyer", now - timedelta(days=12))
    _save_card("buyer", now - timedelta(days=12))
    for name, story in STORIES.items():
        if not Order.objects.filter(po_number__startswith=name).exists():
            story(name, now)
    if not Demand.objects.exists():
        _interest(now)
    runner.drain(worker=WORKER, limit=JOBS_MAX)


def _name_account(key: str, at: datetime) -> None:
    seller = acting(key, at)
    if not PayoutAccount.objects.filter(organisation_id=organisation_of(seller)).exists():
        payout_accounts.give_account(
            actor=seller,
            currency="CNY",
            holder=f"Synthetic {key}",
            number=f"62220012345678{len(key):02d}11",
            now=at,
        )


@transaction.atomic
def _fill_wallet(key: str, at: datetime, *, nth: str = "") -> None:
    """Money for auctions and for use, by a bank transfer with the wallet's reference, once; another time
    with another `nth`."""
    buyer = _house_of(key, at)
    wallet = wallets.wallet_of(
        organisation=buyer, currency=PURSE.currency, actor=acting(key, at), now=at
    )
    bank_ref = f"SYN-{wallet.public_id[-8:].upper()}{nth}"
    if IncomingTransfer.objects.filter(bank_ref=bank_ref).exists():
        return
    line = BankLine(
        bank_ref=bank_ref,
        received_on=at.date(),
        amount=PURSE,
        payer_name=buyer.name,
        text=wallet.reference,
    )
    _seconded(by_hand.ask_to_enter(line, actor=acting("cashier", at), now=at), at)


def refill_wallet(key: str, at: datetime) -> None:
    """Another transfer where less than a quarter of what came at first can be spent: auctions that are
    held again and again cost money each time."""
    left = wallets.available_in(_house_of(key, at), PURSE.currency)
    if left.minor < PURSE.minor // 4:
        _fill_wallet(key, at, nth=f"-{at:%Y%m%d%H}")


def _seconded(asked: ApprovalRequest, at: datetime) -> None:
    """The second of the exchange's finance approves."""
    approvals.approve(asked.public_id, actor=acting("cashier2", at), now=at)


@transaction.atomic
def _send_money_back(key: str, at: datetime) -> None:
    """Part of a wallet goes back to the bank account that it came from, once."""
    asked = withdrawals.ask(actor=acting(key, at), amount=SENT_BACK, token=f"demo-{key}", now=at)
    if asked.state == WithdrawalState.PROMISED:
        wanted = by_hand.ask_about(
            by_hand.WITHDRAWAL_SENT, asked.public_id, actor=acting("cashier", at),
            bank_ref=f"SYN-{asked.public_id[-8:].upper()}", now=at,
        )  # fmt: skip
        _seconded(wanted, at)


def _top_up_by_card(key: str, at: datetime) -> None:
    """Money from a test card for a wallet, once."""
    actor = acting(key, at)
    top_up = card_top_ups.ask(actor=actor, amount=FROM_CARD, token=f"demo-{key}", now=at)
    if top_up.state == CardTopUpState.WAITING:
        card_top_ups.open_card_page(actor=actor, top_up_id=top_up.public_id, now=at)
        top_up.refresh_from_db()
        cards.pay(top_up.provider_ref or "", card_code="good")
        card_top_ups.refresh(actor=actor, top_up_id=top_up.public_id, now=at)


def _save_card(key: str, at: datetime) -> None:
    """A test card for renewals, once."""
    actor = acting(key, at)
    if saved_cards.default_of(organisation_of(actor)) is None:
        card = saved_cards.ask(actor=actor, now=at)
        saved_cards.open_page(actor=actor, card_id=card.public_id, now=at)
        card.refresh_from_db()
        cards.pay(card.provider_ref or "", card_code="good")
        saved_cards.refresh(actor=actor, card_id=card.public_id, now=at)


def _settled_and_paid_out(name: str, now: datetime) -> None:
    """Bought by bank transfer three weeks ago, accepted, settled, paid out, reviewed."""
    day = now - timedelta(days=18)
    order = _buy("buyer", "load", OfferKind.ONE_OFF, BANK, day, name)
    _pay_by_bank(order, day + timedelta(hours=20))
    accepted = day + timedelta(days=1)
    acceptance.accept(order.public_id, actor=acting("buyer", accepted), now=accepted)
    reviews.write_review(
        actor=acting("buyer", accepted),
        product_id=order.product.public_id,
        order_id=order.public_id,
        stars=5,
        text="Complete, and the temperature column saved us a second purchase.",
        now=accepted + timedelta(hours=2),
    )
    # What came by bank has to lie with the provider before it can pay the seller.
    moving = by_hand.ask_to_top_up(
        actor=acting("cashier", accepted), amount=order.total, now=accepted
    )
    _seconded(moving, accepted)
    runner.drain(worker=WORKER, limit=JOBS_MAX)
    # Before what the other stories earn: a payout pays what was available when it was made.
    run_payments(now=now - timedelta(minutes=1))


def _refunded(name: str, now: datetime) -> None:
    """Half of the stations were missing: the exchange refunded it in full."""
    day = now - timedelta(days=9)
    order = _buy("buyer", "pressure", OfferKind.ONE_OFF, BANK, day, name)
    _pay_by_bank(order, day + timedelta(hours=3))
    objected = day + timedelta(days=1)
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=acting("buyer", objected),
        reason="Six of the twelve stations have no valve states.",
        now=objected,
    )
    disputes.rule_on(
        order.public_id,
        actor=acting("operator", objected),
        transition=OrderTransition.REFUND,
        reason_code="not_as_described",
        reason="The description names valve states of all stations.",
        now=objected + timedelta(hours=5),
    )
    disputes.approve(
        order.rulings.get().public_id,
        actor=acting("operator2", objected),
        now=objected + timedelta(hours=5),
    )
    disputes.accept_ruling(
        order.disputes.get().public_id,
        actor=acting("pipeline", objected),
        now=objected + timedelta(hours=5),
    )
    sent = objected + timedelta(hours=6)
    noted = by_hand.ask_about(
        by_hand.REFUND_SENT,
        Refund.objects.get(payment__order=order).public_id,
        actor=acting("cashier", objected),
        bank_ref="SYN-REFUND-131",
        now=sent,
    )
    _seconded(noted, sent)


def _under_inspection(name: str, now: datetime) -> None:
    order = _buy("buyer", "freight", OfferKind.ONE_OFF, CARD, now, name)
    _pay_by_card("buyer", order, now)


def _objected(name: str, now: datetime) -> None:
    """The operator has to rule: there are messages of both sides to read."""
    order = _buy("buyer", "buildings", OfferKind.ONE_OFF, CARD, now, name)
    _pay_by_card("buyer", order, now)
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=acting("buyer", now),
        reason="Eight schools lack electricity for whole weeks; the description speaks of single gaps.",
        now=now,
    )
    _write("builder", order, "The gaps come from meters that were exchanged in spring.", now)
    _write("buyer", order, "Then the description should say so. We ask for a refund.", now)


def _free(name: str, now: datetime) -> None:
    _buy("buyer", "machines", OfferKind.FREE, PaymentMethod.NONE, now - timedelta(days=3), name)


def _subscribed(name: str, now: datetime) -> None:
    """A running subscription that renews by itself."""
    day = now - timedelta(days=12)
    order = _buy("bank.buyer", "portrait", OfferKind.SUBSCRIPTION, BANK, day, name)
    _pay_by_bank(order, day + timedelta(hours=1))
    accepted = day + timedelta(days=2)
    acceptance.accept(order.public_id, actor=acting("bank.buyer", accepted), now=accepted)


def _shared_by_month(name: str, now: datetime) -> None:
    """Sold last month by one seller, with a part for another, which is asked whether that is right."""
    first_day = timezone.localtime(now).date().replace(day=1)
    day = months.bounds(first_day)[0] - timedelta(days=2)
    agreed = sharing.propose(
        product_of("freight").public_id,
        percent=Decimal(70),
        shares=[ShareRequest(_house_of("seller", day).public_id, Decimal(30))],
        currency="CNY",
        by_month=True,
        actor=acting("freight", day),
        now=day,
    )
    sharing.agree(agreed.public_id, actor=acting("seller", day), now=day)
    order = _buy("analyst", "freight", OfferKind.ONE_OFF, BANK, day, name)
    _pay_by_bank(order, day + timedelta(hours=1))
    accepted = day + timedelta(days=1)
    acceptance.accept(order.public_id, actor=acting("analyst", accepted), now=accepted)
    run_payments(now=now)
    for made in Distribution.objects.filter(product=order.product):
        distributions.review(made.public_id, actor=acting("freight", now), now=now)


def _house_of(key: str, at: datetime) -> Organisation:
    return Organisation.objects.get(pk=organisation_of(acting(key, at)))


def _waiting(name: str, now: datetime) -> None:
    """One waits for its money, one for a second person, one was given up."""
    _buy("buyer", "cells", OfferKind.ONE_OFF, BANK, now - timedelta(hours=4), name)
    given_up = _buy(
        "buyer", "freight", OfferKind.SUBSCRIPTION, CARD, now - timedelta(days=2), f"{name}B"
    )
    placing.cancel(
        given_up.public_id,
        actor=acting("buyer", now),
        reason="One quarter is enough for us.",
        now=now - timedelta(days=1),
    )
    limits.set_limit(actor=acting("buyer", now), limit=LIMIT, now=now - timedelta(hours=3))
    order = _buy("buyer.second", "pipeline-faults", OfferKind.ONE_OFF, BANK, now, f"{name}C")
    _write("buyer.second", order, "This one is above our limit: please confirm it.", now)
    scheduled.run_orders(now=now)


def _interest(now: datetime) -> None:
    buyer = acting("buyer", now)
    if buyer.user_id is None:
        raise TypeError("The buyer is a person.")
    interests.watch(user_id=buyer.user_id, product=product_of("load"), now=now)
    interests.watch(user_id=buyer.user_id, product=product_of("cells"), now=now)
    interests.save_search(
        user_id=buyer.user_id, name="负荷", command=SearchRequest(text="负荷"), now=now
    )
    demand = demands.post_demand(
        actor=buyer,
        wanted=demands.Wanted(
            title="Hourly gas use of industrial districts",
            description="For a demand forecast: at least two winters, hourly, by district.",
            budget_minor=30_000_00,
            needed_by=date(now.year + 1, 3, 31),
        ),
        now=now,
    )
    demands.answer_demand(
        actor=acting("seller", now),
        demand_id=demand.public_id,
        product_id=product_of("load").public_id,
        note="Not gas, but load and temperature of the same districts.",
        now=now,
    )


def _buy(
    who: str, demo_product: str, kind: OfferKind, method: PaymentMethod, at: datetime, number: str
) -> Order:
    buyer = acting(who, at)
    offer = Offer.objects.get(product=product_of(demo_product), kind=kind)
    terms = checkout.terms_now(actor=buyer, offer_id=offer.public_id, now=at)
    command = CheckoutRequest(
        offer_id=offer.public_id,
        terms_hash=terms_hash(terms),
        method=method,
        po_number=number,
        seen=terms,
    )
    return checkout.checkout(command, actor=buyer, now=at)


def _pay_by_bank(order: Order, at: datetime) -> None:
    """The bank's statement names the payment's reference; the operator enters the line."""
    payment = collection.payment_of_order(order.public_id)
    if payment is None:
        raise LookupError(order.public_id)
    line = BankLine(
        bank_ref=f"SYN-{order.public_id[-8:].upper()}",
        received_on=at.date(),
        amount=payment.amount,
        payer_name=order.buyer.name,
        text=payment.reference or "",
    )
    _seconded(by_hand.ask_to_enter(line, actor=acting("cashier", at), now=at), at)


def _pay_by_card(who: str, order: Order, at: datetime) -> None:
    """A test card that pays; what follows is done by the same jobs as ever."""
    payment = collection.payment_of_order(order.public_id)
    if payment is None:
        raise LookupError(order.public_id)
    card_pages.open_card_page(actor=acting(who, at), payment_id=payment.public_id, now=at)
    payment.refresh_from_db()
    cards.pay(payment.provider_ref or "", card_code="good")
    payment_webhooks.refresh(actor=acting(who, at), payment_id=payment.public_id, now=at)
    runner.drain(worker=WORKER, limit=JOBS_MAX)


def _write(who: str, order: Order, text: str, at: datetime) -> None:
    conversation.write(order.public_id, actor=acting(who, at), text=text, now=at)


STORIES: Mapping[str, Callable[[str, datetime], None]] = {
    "PO-2026-118": _settled_and_paid_out,
    "PO-2026-131": _refunded,
    "PO-2026-140": _under_inspection,
    "PO-2026-141": _objected,
    "PO-2026-138": _free,
    "DB-7731": _subscribed,
    "BF-0412": _shared_by_month,
    "PO-2026-144": _waiting,
}
