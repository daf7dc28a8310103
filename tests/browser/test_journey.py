"""The first whole trade, from the upload to the payout, as its people click it."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser

from accounts.models import User
from exchange.audit import sequencer
from exchange.demo import acting, seeding
from exchange.demo.personas import HOUSES
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments.models import Settlement
from tests.browser import server
from tests.browser.conftest import OpenReader
from tests.browser.journey import ABOUT, Buyer, Cashier, Operator, Seller, Walker, work
from tests.sets import excerpts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REAL = excerpts.data / "battery_ageing/nasa_cycle_summary.csv"


@pytest.fixture
def address(browser: Browser, tmp_path: Path, settings: Any) -> Iterator[str]:
    """The server that the product runs on; the provider's messages come to it over the network."""
    settings.SECOND_FACTOR_REQUIRED = False
    settings.VAULT_ROOT = str(tmp_path / "vault")
    with server.serving() as url:
        settings.PUBLIC_URL = url
        yield url


@pytest.mark.parametrize(("language", "method"), [("en", "card"), ("zh-hans", "bank_transfer")])
def test_a_file_becomes_money_and_a_certificate(
    open_reader: OpenReader, tmp_path: Path, language: str, method: str
) -> None:
    people = walkers(open_reader, language)
    seller, operator, buyer = people
    others: list[Walker] = []
    file = REAL
    product = seller.publishes(file)
    operator.lists(ABOUT["title" if language == "en" else "title_zh"])
    work()
    order = buyer.finds_and_orders(product, method=method)
    if method == "card":
        buyer.pays_by_card()
    else:
        cashier, second = cashiers(open_reader, language)
        others += cashier, second
        cashier.enters_statement(buyer.reference(), tmp_path)
        second.approves("Enter a statement")
        cashier.moves_money()
        second.approves("Move money from the bank to the provider")
    assert buyer.downloads(order, "csv") == sha256_of(file)
    seller.names_an_account()
    printed = buyer.accepts(order)
    seller.is_paid(order)
    assert Order.objects.get().state == OrderState.CLOSED
    assert Settlement.objects.get().order.public_id == order
    sequencer.sequence_batch(timezone.now())
    stranger = Walker(open_reader(language=language), language)
    stranger.verifies(printed)
    assert [fault for one in (*people, *others, stranger) for fault in one.faults()] == []
    call_command("check_ledger")
    call_command("verify_audit")


def walkers(open_reader: OpenReader, language: str) -> tuple[Seller, Operator, Buyer]:
    """Three people of the demo's cast, admitted by use cases alone, each in a browser of their own."""
    seeding._admit_everybody(timezone.now() - timedelta(days=30))
    return (
        Seller(open_reader(language=language, user=persona("seller")), language),
        Operator(open_reader(language=language, user=persona("operator")), language),
        Buyer(open_reader(language=language, user=persona("buyer")), language),
    )


def cashiers(open_reader: OpenReader, language: str) -> tuple[Cashier, Cashier]:
    """The two of the exchange's finance, of whom one asks and the other approves."""
    return (
        Cashier(open_reader(language=language, user=persona("cashier")), language),
        Cashier(open_reader(language=language, user=persona("cashier2")), language),
    )


def persona(key: str) -> User:
    people = {person.key: person for house in HOUSES for person in house.people}
    return acting.user_of(people[key])


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
