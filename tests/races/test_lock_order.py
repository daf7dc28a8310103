"""One order of locks: who promises does not wait for who performs, and accounts are opened before any is
locked. Each was a deadlock under load."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from exchange.catalog.models import Offer, Product
from exchange.core import outbox
from exchange.orders import terms
from exchange.payments import chart, wallets
from exchange.payments.chart import Chart
from pricing.money import Money
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import fund_wallet

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
SECONDS = 10.0


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """A lock that is waited for is a failure, not a hang."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_a_promise_that_stands_is_repeated_while_its_job_is_being_finished() -> None:
    with transaction.atomic():
        outbox.emit(topic="payments.capture", key="pay_1", payload={"payment": "pay_1"})
    lease = outbox.lease(worker="first")[0]
    finishing, promised = threading.Event(), threading.Event()

    def finish() -> None:
        try:
            with transaction.atomic():
                outbox.complete(job_id=lease.job_id, fence=lease.fence)
                finishing.set()
                assert promised.wait(SECONDS)
        finally:
            connection.close()

    worker = threading.Thread(target=finish)
    worker.start()
    assert finishing.wait(SECONDS)
    with transaction.atomic():
        outbox.emit(topic="payments.capture", key="pay_1", payload={"payment": "pay_1"})
    promised.set()
    worker.join(SECONDS)


def test_who_waits_for_an_account_that_is_being_opened_holds_no_wallet() -> None:
    market: Market = a_market()
    fund_wallet(market.exchange, market.buyer, 100)
    begun, failures = threading.Event(), list[BaseException]()

    def authorise() -> None:
        try:
            begun.set()
            wallets.authorise(
                organisation=market.buyer,
                amount=Money(500, "CNY"),
                key="k",
                purpose="auction:a",
                actor=market.buying,
                now=DAY,
            )
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=authorise)
    with transaction.atomic():
        Chart(currency="CNY", actor=market.buying, now=DAY).held("auction:a")
        thread.start()
        assert begun.wait(SECONDS)
        thread.join(0.7)  # it waits for the account
        assert thread.is_alive()
        there = wallets.available_in(market.buyer, "CNY", lock=True)
        assert there == Money(10_000, "CNY")
    thread.join(SECONDS)
    assert failures == []
    assert wallets.available_in(market.buyer, "CNY") == Money(9_500, "CNY")
    assert chart.held("auction:a")


def test_who_waits_for_a_product_to_order_it_holds_no_offer_of_it() -> None:
    """Its seller locks the product before the offer that it withdraws."""
    market: Market = a_market()
    offer = market.offer()
    buyer_id = market.buyer.pk

    def order() -> None:
        try:
            with transaction.atomic():
                terms.read_offer(offer.public_id, buyer_id=buyer_id, at=DAY, lock=True)
        finally:
            connection.close()

    thread = threading.Thread(target=order)
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=offer.product_id)
        thread.start()
        thread.join(0.7)  # it waits for the product
        assert thread.is_alive()
        Offer.objects.select_for_update(no_key=True, nowait=True).get(pk=offer.pk)
    thread.join(SECONDS)
