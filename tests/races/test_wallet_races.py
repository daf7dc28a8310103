"""One wallet under real threads: no yuan is spent, held or sent back twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.ledger import checks
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.payments import card_top_ups, deposits, saved_cards, wallets, withdrawals
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import cards
from exchange.payments.models import Deposit, SavedCard, Withdrawal
from pricing.money import Money
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import fund_wallet

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
    gate = threading.Barrier(THREADS)

    def run(number: int) -> str:
        try:
            connection.ensure_connection()
            gate.wait()
            return str(act(number))
        except Refusal as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(run, range(THREADS)))


def test_of_many_orders_at_once_the_wallet_pays_those_that_it_covers(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 250)
    offer = market.offer(100)

    def buy(number: int) -> str:
        order = market.order(offer, at=DAY + timedelta(seconds=number), method=PaymentMethod.WALLET)
        order.refresh_from_db()
        return str(order.state)

    states = together(buy)
    assert states.count(str(OrderState.DELIVERED)) == 2
    assert states.count(str(OrderState.CONTRACT_SIGNED)) == THREADS - 2
    assert wallets.available_in(market.buyer, "CNY").minor == 25_000 - 2 * 10_600


def test_two_people_of_one_bidder_set_one_deposit_aside(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 250)

    def place(_number: int) -> str:
        return deposits.place(purpose="auction:auc_1", organisation=market.buyer, amount=Money(10_000, "CNY"), by_id=None, actor=Named("test:1"), now=DAY).public_id  # fmt: skip

    assert len(set(together(place))) == 1
    assert Deposit.objects.count() == 1
    assert wallets.available_in(market.buyer, "CNY").minor == 15_000


def test_deposits_are_released_once(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 250)
    deposits.place(purpose="auction:auc_1", organisation=market.buyer, amount=Money(10_000, "CNY"), by_id=None, actor=Named("test:1"), now=DAY)  # fmt: skip
    counts = together(
        lambda _number: deposits.release_all(
            purpose="auction:auc_1", actor=Named("test:1"), now=DAY
        )
    )
    assert counts == ["0"] * (THREADS - 1) + ["1"]
    assert wallets.available_in(market.buyer, "CNY").minor == 25_000


def test_a_form_sent_many_times_at_once_asks_for_one_withdrawal(market: Market) -> None:
    fund_wallet(market.exchange, market.buyer, 250)
    asked = together(
        lambda _number: (
            withdrawals.ask(
                actor=market.buying, amount=Money(10_000, "CNY"), token="one", now=DAY
            ).public_id
        )
    )
    assert len(set(asked)) == 1
    assert Withdrawal.objects.count() == 1
    assert wallets.available_in(market.buyer, "CNY").minor == 15_000


def test_one_top_up_that_is_told_of_many_times_at_once_fills_the_wallet_once(
    market: Market,
) -> None:
    top_up = card_top_ups.ask(
        actor=market.buying, amount=Money(10_000, "CNY"), token="card", now=DAY
    )
    card_top_ups.open_card_page(actor=market.buying, top_up_id=top_up.public_id, now=DAY)
    top_up.refresh_from_db()
    cards.pay(top_up.provider_ref or "", card_code="good")
    told = provider().payment(top_up.provider_ref or "")
    done = together(lambda _number: card_top_ups.apply(told, top_up, now=DAY) or "known")
    assert sorted(done) == ["known"] * (THREADS - 1) + ["received"]
    assert wallets.available_in(market.buyer, "CNY").minor == 10_000


def test_of_cards_that_are_saved_at_once_one_is_the_default(market: Market) -> None:
    told = []
    for _number in range(THREADS):
        card = saved_cards.ask(actor=market.buying, now=DAY)
        saved_cards.open_page(actor=market.buying, card_id=card.public_id, now=DAY)
        card.refresh_from_db()
        cards.pay(card.provider_ref or "", card_code="good")
        told.append(provider().saved_card(card.provider_ref or ""))
    assert together(lambda number: saved_cards.apply(told[number], now=DAY)) == ["saved"] * THREADS
    assert SavedCard.objects.filter(is_default=True).count() == 1
