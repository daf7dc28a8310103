"""Wallets: filled by bank, spent on orders, deposits set aside, given free, forfeited."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from exchange.catalog.buyable import buyable_offer, open_offers
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.core.lifecycle import Named
from exchange.core.refusals import NotFound
from exchange.journeys import acceptance, checkout, renewals, scheduled
from exchange.ledger.errors import InsufficientFunds
from exchange.members.models import Admission
from exchange.orders import limits, placing
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order, Subscription
from exchange.payments import bank, chart, deposits, refunds, wallets
from exchange.payments.bank import BankLine
from exchange.payments.lifecycle import DepositState, IncomingState, PaymentState, RefundState
from exchange.payments.models import Deposit, IncomingTransfer, Payment, Refund
from pricing.money import Money
from tests.architecture.lock_order import NO_KEY, Lock, Recorder
from tests.factories.orders import DAY, Market, a_command, a_market
from tests.factories.payments import books_are_sound, fund_wallet, held, on

pytestmark = pytest.mark.django_db

PURPOSE = "auction:auc_test"
TAX = 106  # percent, with the tax of the rule pack


@pytest.fixture
def market() -> Market:
    return a_market()


def wallet_minor(market: Market) -> int:
    return on(chart.wallet(market.buyer.public_id, "CNY"))


def to_spend(market: Market) -> int:
    return wallets.available_in(market.buyer, "CNY").minor


def yuan(amount: int) -> Money:
    return Money(amount * 100, "CNY")


def reserved(market: Market, price: int = 100, basis: str = PURPOSE) -> Offer:
    listed = market.offer(500)
    return reserve_offer(
        product_id=listed.product.public_id,
        command=OfferRequest(name="Won at auction", kind=OfferKind.ONE_OFF, price=yuan(price)),
        reserved_for_id=market.buyer.pk,
        basis=basis,
        by_id=None,
        actor=placing.CLOCK,
        now=DAY,
    )


def agree(market: Market, offer: Offer) -> Order:
    return checkout.place_agreed(
        offer, buyer_id=market.buyer.pk, by_id=market.agent.pk, actor=market.buying, now=DAY
    )


def deposit(market: Market, amount: int) -> Deposit:
    return deposits.place(purpose=PURPOSE, organisation=market.buyer, amount=yuan(amount), by_id=market.agent.pk, actor=Named("test:1"), now=DAY)  # fmt: skip


def test_a_transfer_with_the_wallets_reference_fills_it(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 300)
    assert (wallet_minor(market), to_spend(market)) == (30_000, 30_000)
    assert IncomingTransfer.objects.get().state == IncomingState.FILLED
    assert books_are_sound()


def test_an_order_that_the_wallet_covers_is_paid_and_delivered_at_once(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 300)
    order = market.order(market.offer(100), method=PaymentMethod.WALLET)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert (wallet_minor(market), held(order)) == (30_000 - 100 * TAX, 100 * TAX)
    assert books_are_sound()


def test_an_order_beyond_the_wallet_waits_and_is_paid_when_money_comes(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 50)
    order = market.order(market.offer(100), method=PaymentMethod.WALLET)
    assert order.state == OrderState.CONTRACT_SIGNED
    assert wallet_minor(market) == 5_000
    fund_wallet(market.exchange, market.buyer, 56)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert wallet_minor(market) == 0
    assert Payment.objects.get(order=order).state == PaymentState.RECEIVED


def test_all_orders_that_wait_are_locked_before_any_of_their_payments(market: Market) -> None:
    """Who pays, cancels or matches an order holds it, and then its payment."""
    for _number in range(2):
        market.order(market.offer(100), method=PaymentMethod.WALLET)
    fund_wallet(market.exchange, market.buyer, 106)
    first = market.order(
        market.offer(100, period="P1M"), method=PaymentMethod.WALLET, auto_renew=True
    )
    fund_wallet(market.exchange, market.buyer, 212)
    acceptance.accept(first.public_id, actor=market.buying, now=DAY)
    until = Subscription.objects.get(latest=first).paid_until
    renewals.run_due(now=until - timedelta(days=6))
    market.order(market.offer(100), method=PaymentMethod.WALLET)
    locks = Recorder()
    with locks.watching():
        fund_wallet(market.exchange, market.buyer, 1_000)
    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentState.RECEIVED}
    wanted = {(edge.held.table, edge.wanted.table) for edge in locks.edges if edge.waits_for}
    assert ("orders_order", "orders_subscription") in wanted
    for first_held, later in (
        ("payments_payment", "orders_order"), ("payments_payment", "orders_subscription"),
        ("ledger_account", "orders_subscription"), ("orders_subscription", "orders_order"),
    ):  # fmt: skip
        assert (first_held, later) not in {
            (edge.held.table, edge.wanted.table)
            for edge in locks.edges
            if edge.waits_for and edge.wanted.mode == NO_KEY
        }


def test_what_a_bank_line_pays_is_locked_before_any_account(market: Market) -> None:
    """Who pays, cancels or matches an order holds it, and then takes accounts."""
    market.order(market.offer(100), method=PaymentMethod.WALLET)
    named = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    locks = Recorder()
    with locks.watching():
        fund_wallet(market.exchange, market.buyer, 1_000)
        payment = Payment.objects.get(order=named)
        line = BankLine("B1", DAY.date(), payment.amount, "Somebody", payment.reference)
        bank.enter(line, actor=market.exchange.cashier, now=DAY)
    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentState.RECEIVED}
    orders = {(edge.held.table, edge.wanted) for edge in locks.edges}
    assert ("orders_order", Lock("ledger_account", NO_KEY)) in orders
    for table in ("orders_order", "payments_payment"):
        assert ("ledger_account", Lock(table, NO_KEY)) not in orders


def test_a_refund_goes_back_into_the_wallet_at_once(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 106)
    order = market.order(market.offer(100), method=PaymentMethod.WALLET)
    payment = Payment.objects.get(order=order)
    refunds.promise(payment, amount=payment.amount, reason="agreed", actor=Named("test:1"), now=DAY)
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert (wallet_minor(market), held(order)) == (10_600, 0)
    assert books_are_sound()


def test_a_reserved_offer_is_nobody_elses(market: Market) -> None:
    offer = reserved(market)
    assert offer.public_id not in {one.public_id for one in open_offers(offer.product, at=DAY)}
    assert buyable_offer(offer.public_id, at=DAY, buyer_id=market.buyer.pk) == offer
    with pytest.raises(NotFound):
        buyable_offer(offer.public_id, at=DAY, buyer_id=market.seller.pk)
    with pytest.raises(NotFound):
        buyable_offer(offer.public_id, at=DAY)


def test_the_same_basis_reserves_one_offer(market: Market) -> None:
    offer = reserved(market)
    again = reserve_offer(
        product_id=offer.product.public_id,
        command=OfferRequest(name="Won at auction", kind=OfferKind.ONE_OFF, price=yuan(1)),
        reserved_for_id=market.buyer.pk,
        basis=PURPOSE,
        by_id=None,
        actor=placing.CLOCK,
        now=DAY,
    )
    assert (again, again.price) == (offer, yuan(100))


def test_what_an_offer_came_out_of_never_changes(market: Market) -> None:
    offer = reserved(market)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(basis="auction:auc_other")


def test_what_was_agreed_becomes_one_order_paid_from_the_wallet(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 106)
    limits.set_limit(actor=market.leading, limit=yuan(1), now=DAY)
    offer = reserved(market)
    order = agree(market, offer)
    assert (order.state, order.needs_second) == (OrderState.DELIVERED, False)
    assert order.terms["deal"] == {"nature": "licence", "basis": PURPOSE}
    assert agree(market, offer) == order
    assert wallet_minor(market) == 0


def test_a_deposit_is_set_aside_once(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    first, second = deposit(market, 30), deposit(market, 30)
    assert first == second
    assert (wallet_minor(market), to_spend(market)) == (10_000, 7_000)


def test_a_deposit_beyond_the_wallet_is_refused_and_keeps_nothing(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 10)
    with pytest.raises(InsufficientFunds) as refused:
        deposit(market, 30)
    assert refused.value.facts["available_minor"] == 1_000
    assert not Deposit.objects.exists()
    assert to_spend(market) == 1_000


def test_losers_have_their_deposits_back(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    deposit(market, 30)
    keep = {market.buyer.pk}
    assert deposits.release_all(purpose=PURPOSE, keep=keep, actor=Named("test:1"), now=DAY) == 0
    assert deposits.release_all(purpose=PURPOSE, actor=Named("test:1"), now=DAY) == 1
    assert deposits.release_all(purpose=PURPOSE, actor=Named("test:1"), now=DAY) == 0
    assert to_spend(market) == 10_000
    assert Deposit.objects.get().state == DepositState.RELEASED
    assert books_are_sound()


def test_the_winners_deposit_turns_into_the_price(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 40)
    deposit(market, 40)
    order = agree(market, reserved(market))
    deposits.bind(purpose=PURPOSE, order=order, actor=Named("test:1"), now=DAY)
    assert order.state == OrderState.CONTRACT_SIGNED
    fund_wallet(market.exchange, market.buyer, 66)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert (wallet_minor(market), held(order)) == (0, 10_600)
    assert Deposit.objects.get().state == DepositState.APPLIED
    assert books_are_sound()


def test_a_winner_who_pays_nothing_has_the_deposit_back(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    deposit(market, 30)
    listed = market.offer(500)
    free = OfferRequest(name="Won at auction", kind=OfferKind.FREE, price=yuan(0))
    won = reserve_offer(
        product_id=listed.product.public_id, command=free, reserved_for_id=market.buyer.pk,
        basis=PURPOSE, by_id=None, actor=placing.CLOCK, now=DAY,
    )  # fmt: skip
    order = agree(market, won)
    deposits.bind(purpose=PURPOSE, order=order, actor=Named("test:1"), now=DAY)
    assert to_spend(market) == 7_000
    assert deposits.release_unbound(purpose=PURPOSE, actor=Named("test:1"), now=DAY) == 1
    assert to_spend(market) == 10_000
    assert Deposit.objects.get().state == DepositState.RELEASED
    assert books_are_sound()


def test_a_deposit_that_an_order_takes_is_kept_for_it(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 40)
    deposit(market, 40)
    order = agree(market, reserved(market))
    deposits.bind(purpose=PURPOSE, order=order, actor=Named("test:1"), now=DAY)
    assert deposits.release_unbound(purpose=PURPOSE, actor=Named("test:1"), now=DAY) == 0
    assert Deposit.objects.get().state == DepositState.HELD


def test_who_does_not_stand_by_the_bid_loses_the_deposit_to_the_seller(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 40)
    deposit(market, 40)
    order = agree(market, reserved(market))
    deposits.bind(purpose=PURPOSE, order=order, actor=Named("test:1"), now=DAY)
    placing.cancel(order.public_id, actor=market.buying, reason="No.", now=DAY)
    assert on(chart.available(market.seller.public_id, "CNY")) == 4_000
    assert wallet_minor(market) == 0
    assert Deposit.objects.get().state == DepositState.FORFEITED
    assert books_are_sound()


@pytest.mark.parametrize("ends", ["cancelled", "lapsed"])
def test_an_order_that_its_sellers_standing_keeps_from_being_paid_costs_no_deposit(
    market: Market, ends: str
) -> None:
    fund_wallet(market.exchange, market.buyer, 40)
    deposit(market, 40)
    order = agree(market, reserved(market))
    deposits.bind(purpose=PURPOSE, order=order, actor=Named("test:1"), now=DAY)
    market.exchange.suspend(Admission.objects.get(organisation=market.seller))
    if ends == "cancelled":
        placing.cancel(order.public_id, actor=market.buying, reason="It cannot be paid.", now=DAY)
    else:
        assert order.due_at is not None
        scheduled.run_orders(now=order.due_at)
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert to_spend(market) == wallet_minor(market) == 4_000
    assert on(chart.available(market.seller.public_id, "CNY")) == 0
    assert Deposit.objects.get().state == DepositState.RELEASED
    assert books_are_sound()


def test_the_wallet_is_a_way_to_pay_in_the_shop(market: Market) -> None:
    command = a_command(market.buying, market.offer(100), method=PaymentMethod.WALLET)
    assert command.method in checkout.ways_to_pay(total_minor=10_600)
