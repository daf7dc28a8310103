"""A wallet is topped up by card: paid once, in any order of messages; sent back to the card, and taken back by
its bank, within what is left of it and free in the wallet."""

import random
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from exchange.core.currencies import CurrencyNotOffered
from exchange.core.refusals import NotAllowed, NotFound
from exchange.ledger.errors import AmountNotPositive, InsufficientFunds
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.payments import (
    card_top_ups,
    chart,
    payment_webhooks,
    reconciliation,
    turned_back,
    wallets,
    withdrawals,
)
from exchange.payments.card_lifecycle import CardTopUpState
from exchange.payments.errors import (
    MoneyIsOwed,
    NothingRefundable,
    PaymentNotOpen,
    WrongPaymentMethod,
)
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import cards, clock, disputes, incoming, store
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import ChargebackState, WithdrawalState
from exchange.payments.models import CardTopUp, Chargeback, Withdrawal
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
CNY = "CNY"
FEE = disputes.FEE
_tokens = count(1)


@pytest.fixture
def market() -> Market:
    return a_market()


def asked(market: Market, yuan: int = 100, *, card: str = "good") -> CardTopUp:
    """The page is open, and a card is given on it; nobody has told us yet."""
    top_up = card_top_ups.ask(
        actor=market.buying, amount=Money(yuan * 100, CNY), token=f"t{next(_tokens)}", now=DAY
    )
    card_top_ups.open_card_page(actor=market.buying, top_up_id=top_up.public_id, now=DAY)
    top_up.refresh_from_db()
    if card:
        cards.pay(top_up.provider_ref or "", card_code=card)
    return top_up


def topped_up(market: Market, yuan: int = 100) -> CardTopUp:
    top_up = asked(market, yuan)
    money.settle_down()
    top_up.refresh_from_db()
    return top_up


def send_back(market: Market, top_up: CardTopUp, yuan: int, *, token: str = "") -> Withdrawal:
    return withdrawals.ask(
        actor=market.buying, amount=Money(yuan * 100, CNY), top_up=top_up,
        token=token or f"w{next(_tokens)}", now=DAY,
    )  # fmt: skip


def in_wallet(market: Market) -> int:
    return money.on(chart.wallet(market.buyer.public_id, CNY))


def free(market: Market) -> int:
    return wallets.available_in(market.buyer, CNY).minor


def is_reconciled() -> bool:
    found = reconciliation.reconcile(currency=CNY, now=DAY, whole=True).found
    return found == () and money.books_are_sound()


def test_a_card_fills_the_wallet_at_once(market: Market) -> None:
    top_up = topped_up(market)
    assert (top_up.state, top_up.fee_minor) == (CardTopUpState.RECEIVED, 60)
    assert (in_wallet(market), money.at_provider()) == (10_000, 9_940)
    assert money.on(chart.provider_fee(CNY)) == 60
    assert is_reconciled()


def test_messages_twice_and_out_of_order_fill_it_once(market: Market) -> None:
    for seed in range(4):
        top_up = asked(market)
        told = [provider().payment(top_up.provider_ref or "") for _copy in range(3)]
        told += [provider().payment(cards.given(top_up.provider_ref or "")["id"])]
        random.Random(seed).shuffle(told)  # noqa: S311 - repeatable
        for one in told:
            payment_webhooks.apply(one, now=DAY)
        money.settle_down()
        assert in_wallet(market) == 10_000 * (seed + 1)
    assert is_reconciled()


def test_a_message_before_our_own_call_returned_is_taken(market: Market) -> None:
    top_up = asked(market)
    CardTopUp.objects.filter(pk=top_up.pk).update(provider_ref=None)
    money.settle_down()
    assert in_wallet(market) == 10_000


def test_no_message_at_all_is_made_good_by_looking(market: Market) -> None:
    asked(market)
    assert payment_webhooks.sync_open(now=DAY + money.days(1)) == 1
    assert in_wallet(market) == 10_000


def test_a_declined_card_says_why_and_another_may_be_given(market: Market) -> None:
    top_up = asked(market, card="no_funds")
    money.settle_down()
    top_up.refresh_from_db()
    assert (top_up.state, top_up.last_refusal) == (CardTopUpState.WAITING, "insufficient_funds")
    assert in_wallet(market) == 0
    cards.pay(top_up.provider_ref or "", card_code="good")
    money.settle_down()
    top_up.refresh_from_db()
    assert (top_up.state, top_up.last_refusal) == (CardTopUpState.RECEIVED, "")


def test_a_page_that_ran_out_ends_the_top_up(market: Market) -> None:
    top_up = asked(market, card="")
    clock.advance(25 * 3600)
    with pytest.raises(PaymentNotOpen):
        card_top_ups.open_card_page(actor=market.buying, top_up_id=top_up.public_id, now=DAY)
    top_up.refresh_from_db()
    assert top_up.state == CardTopUpState.CANCELLED


def test_an_order_that_waits_is_paid_by_what_comes(market: Market) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.WALLET)
    topped_up(market, 200)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    assert in_wallet(market) == 20_000 - 10_600


def test_the_same_form_twice_asks_once_and_nothing_else_is_asked_for(
    market: Market, settings: Settings
) -> None:
    settings.EXCHANGE_CURRENCIES = [CNY]

    def ask(minor: int = 500, currency: str = CNY, form: str = "one") -> CardTopUp:
        return card_top_ups.ask(
            actor=market.buying, amount=Money(minor, currency), token=form, now=DAY
        )

    assert ask().pk == ask().pk
    for refusal, minor, currency in ((AmountNotPositive, 0, CNY), (CurrencyNotOffered, 5, "GBP")):
        with pytest.raises(refusal):
            ask(minor, currency, "two")
    assert CardTopUp.objects.count() == 1


def test_another_organisation_does_not_find_it(market: Market) -> None:
    top_up = asked(market, card="")
    with pytest.raises(NotFound):
        card_top_ups.top_up_of(money.finance_of(market), top_up.public_id)
    with pytest.raises((NotAllowed, NothingRefundable)):
        withdrawals.ask(
            actor=money.finance_of(market), amount=Money(1, CNY), top_up=top_up, token="x", now=DAY
        )


def test_money_goes_back_to_the_card_within_what_is_left(market: Market) -> None:
    top_up = topped_up(market)
    row = send_back(market, top_up, 40, token="again")
    assert send_back(market, top_up, 40, token="again").pk == row.pk
    with pytest.raises(NothingRefundable):
        send_back(market, top_up, 61)
    assert (free(market), in_wallet(market)) == (6_000, 10_000)
    money.settle_down()
    row.refresh_from_db()
    top_up.refresh_from_db()
    assert (row.state, row.bank_ref[:3]) == (WithdrawalState.SENT, "re_")
    assert top_up.refundable == Money(6_000, CNY)
    assert is_reconciled()


def test_what_was_spent_does_not_go_back_to_the_card(market: Market) -> None:
    top_up = topped_up(market, 200)
    market.order(market.offer(100), method=PaymentMethod.WALLET)
    with pytest.raises(InsufficientFunds):
        send_back(market, top_up, 100)
    top_up.refresh_from_db()
    assert top_up.refunded_minor == 0


def test_people_of_the_exchange_neither_send_nor_decline_it(market: Market) -> None:
    row = send_back(market, topped_up(market), 40)
    with pytest.raises(WrongPaymentMethod):
        withdrawals.send(row.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY)
    with pytest.raises(WrongPaymentMethod):
        withdrawals.decline(row.public_id, actor=market.exchange.cashier, reason="No.", now=DAY)


def test_a_card_that_turns_the_money_back_gives_it_to_the_wallet_again(market: Market) -> None:
    top_up = topped_up(market)
    row = send_back(market, top_up, 40)
    money.settle_down()
    row.refresh_from_db()
    incoming.fail_refund(store.get("refund", row.bank_ref, lock=True))
    assert turned_back.ask_again(now=DAY + money.days(2)) == 1
    money.settle_down()
    row.refresh_from_db()
    top_up.refresh_from_db()
    assert (row.state, top_up.refunded_minor) == (WithdrawalState.RETURNED, 0)
    assert in_wallet(market) == 10_000
    assert "lost_or_stolen_card" in row.reason
    assert is_reconciled()


def test_the_provider_refusing_leaves_the_money_in_the_wallet(market: Market) -> None:
    top_up = topped_up(market)
    charge = Thing.objects.get(pk=top_up.charge_ref)
    store.change(charge, amount_refunded=10_000)
    row = send_back(market, top_up, 40)
    money.work()
    row.refresh_from_db()
    top_up.refresh_from_db()
    assert (row.state, top_up.refunded_minor) == (WithdrawalState.DECLINED, 0)
    assert free(market) == 10_000
    assert money.books_are_sound()


def test_what_is_sent_back_at_the_providers_own_pages_is_booked(market: Market) -> None:
    top_up = topped_up(market)
    incoming.create_refund({"charge": top_up.charge_ref, "amount": "2500"}, "")
    money.settle_down()
    row = Withdrawal.objects.get()
    assert (row.state, row.by_id, row.amount_minor) == (WithdrawalState.SENT, None, 2_500)
    assert in_wallet(market) == 7_500
    assert is_reconciled()


def test_a_bank_takes_back_what_is_free_and_the_rest_is_owed_once_it_is_lost(
    market: Market,
) -> None:
    top_up = topped_up(market, 200)
    market.order(market.offer(100), method=PaymentMethod.WALLET)
    made = disputes.open_dispute(top_up.charge_ref)
    money.settle_down()
    top_up.refresh_from_db()
    assert (free(market), top_up.refundable.minor) == (0, 0)
    assert Notice.objects.filter(kind="payments.card_top_up.taken_back").exists()
    assert is_reconciled()
    disputes.decide(made.pk, won=False)
    money.settle_down()
    assert Chargeback.objects.get().state == ChargebackState.LOST
    owed = money.on(chart.receivable(market.buyer.public_id, CNY))
    assert (in_wallet(market), owed) == (0, 10_600)
    money.fund_wallet(market.exchange, market.buyer, 150)
    with pytest.raises(MoneyIsOwed):
        withdrawals.ask(actor=market.buying, amount=Money(5_000, CNY), token="out", now=DAY)
    assert is_reconciled()


@pytest.mark.parametrize("events", ["open refuse decide", "open decide refuse", "decide refuse"])
@pytest.mark.parametrize("spent", [0, 60])
def test_what_does_not_reach_the_card_is_given_for_the_chargeback(
    market: Market, events: str, spent: int
) -> None:
    top_up = topped_up(market)
    row = send_back(market, top_up, 70)
    made = disputes.open_dispute(top_up.charge_ref, amount=10_000)
    for event in events.split():
        if event == "decide":
            if spent and row.state == WithdrawalState.DECLINED:
                market.order(market.offer(spent), method=PaymentMethod.WALLET)
            disputes.decide(made.pk, won=False)
        if event == "refuse":
            money.work()
        else:
            payment_webhooks.apply(provider().dispute(made.pk), now=DAY)
        row.refresh_from_db()
    money.settle_down()
    top_up.refresh_from_db()
    chargeback = Chargeback.objects.get()
    assert (row.state, chargeback.covered_minor) == (WithdrawalState.DECLINED, 3_000)
    assert (chargeback.set_off_minor, chargeback.uncovered.minor) == (7_000, 0)
    assert (top_up.refunded_minor, top_up.disputed_minor) == (0, 10_000)
    owed = money.on(chart.receivable(market.buyer.public_id, CNY))
    is_spent = spent and events == "open refuse decide"
    assert (in_wallet(market), owed) == (0, 6_360 if is_spent else 0)
    assert money.on(chart.bad_debt(CNY)) == 0
    assert is_reconciled()


def test_what_the_cards_bank_turns_back_after_the_loss_makes_it_good(market: Market) -> None:
    top_up = topped_up(market)
    row = send_back(market, top_up, 70)
    money.settle_down()
    made = disputes.open_dispute(top_up.charge_ref, amount=10_000)
    disputes.decide(made.pk, won=False)
    money.settle_down()
    assert money.on(chart.bad_debt(CNY)) == 7_000
    row.refresh_from_db()
    incoming.fail_refund(Thing.objects.get(pk=row.bank_ref))
    money.settle_down()
    row.refresh_from_db()
    assert (row.state, in_wallet(market)) == (WithdrawalState.RETURNED, 0)
    assert money.on(chart.bad_debt(CNY)) == 0
    assert is_reconciled()


def test_a_request_sent_again_for_another_currency_is_the_one_that_was_made(market: Market) -> None:
    money.fund_wallet(market.exchange, market.buyer, 150)
    said: dict[str, Any] = {"actor": market.buying, "token": "once", "now": DAY}
    made = withdrawals.ask(amount=Money(5_000, CNY), **said)
    assert withdrawals.ask(amount=Money(5_000, "USD"), **said) == made


def test_a_bank_that_gives_the_money_back_frees_it(market: Market) -> None:
    top_up = topped_up(market)
    send_back(market, top_up, 30)
    money.settle_down()
    made = disputes.open_dispute(top_up.charge_ref, amount=10_000)
    money.settle_down()
    assert (free(market), Chargeback.objects.get().covered_minor) == (0, 7_000)
    disputes.decide(made.pk, won=True)
    money.settle_down()
    top_up.refresh_from_db()
    assert (free(market), top_up.refundable.minor) == (7_000, 7_000)
    assert is_reconciled()
