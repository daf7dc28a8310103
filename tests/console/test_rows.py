"""Rows of the console's lists: in which order they stand, what is told of each, who made a step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.catalog.models import Product
from exchange.console.actors import actor_shown, begin
from exchange.console.sites import console
from exchange.members.models import Admission
from exchange.members.roles import Role
from exchange.orders.models import Order
from exchange.payments import withdrawals
from pricing.money import Money
from tests.console.conftest import SignedIn
from tests.factories import accounts
from tests.factories.auctions import a_house
from tests.factories.members import Exchange
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import fund_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: Any) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_market()


@pytest.fixture
def reader(market: Market, signed_in: SignedIn) -> Client:
    return signed_in(market.exchange.first)


def list_of(model: type[Model]) -> str:
    return reverse(f"console:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", [Order, Product, Admission])
def test_what_waits_for_the_exchange_stands_before_what_is_due_sooner(
    market: Market, reader: Client, model: type[Model]
) -> None:
    for yuan in (5, 7):
        market.order(market.offer(yuan))
    rows = model._default_manager.order_by("pk")
    theirs, ours = rows[0], rows[1]
    rows.filter(pk=theirs.pk).update(turn="nobody", due_at=DAY)
    rows.filter(pk=ours.pk).update(turn="operator", due_at=DAY + timedelta(days=30))
    page = reader.get(list_of(model)).content.decode()
    shown = re.findall(r'href="/console/\w+/\w+/(\d+)/change/', page)
    assert shown.index(str(ours.pk)) < shown.index(str(theirs.pk))


def test_an_orders_row_has_its_number_and_its_day(market: Market, reader: Client) -> None:
    order = market.order(market.offer(5))
    page = reader.get(list_of(Order)).content.decode()
    assert f"{order.public_id}</a>" in page
    assert "2 Mar 2026, 22:00" in page


def test_a_step_by_a_key_names_the_key_and_who_made_it(exchange: Exchange) -> None:
    gas = accounts.an_organisation(name="Harbour City Gas")
    key = accounts.an_api_key(gas).key
    begin()
    shown = actor_shown(f"key:{key.public_id}")
    assert shown == f"Test key ({key.created_by}) · Harbour City Gas"


@pytest.mark.parametrize("model", [Order, Product, Admission])
def test_steps_say_who_acted_also_where_it_was_no_person(model: type[Model]) -> None:
    (steps,) = [one for one in console._registry[model].inlines if one.__name__ == "Steps"]
    assert "actor" in steps.fields
    assert "by" not in steps.fields


def test_an_auctions_terms_stand_there_in_words_and_amounts(
    signed_in: SignedIn, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    house = a_house()
    reader = signed_in(house.exchange.first)

    def page_of(auction: Auction) -> str:
        address = reverse("console:auctions_auction_change", args=[auction.pk])
        return reader.get(address).content.decode()

    english = page_of(house.auction())
    assert "CN¥5.00 from a price of CN¥0.00; CN¥10.00 from a price of CN¥500.00" in english
    falling = page_of(
        house.auction(
            Kind.DUTCH, opening_minor=10_000, reserve_minor=5_000,
            options={"step_minor": 500, "every_seconds": 60, "price": "last"},
        )
    )  # fmt: skip
    assert "Falls by: CN¥5.00" in falling
    assert "Price: the last accepted, for all" in falling
    assert "step_minor" not in falling


def test_what_a_withdrawal_sends_to_whom_stands_on_its_forms(
    market: Market, reader: Client
) -> None:
    fund_wallet(market.exchange, market.buyer, 100)
    row = withdrawals.ask(actor=market.leading, amount=Money(4000, "CNY"), token="t-1", now=DAY)
    cashier = Client()
    cashier.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    for act in ("sent", "decline"):
        address = reverse(f"console:payments_withdrawal_{act}", args=[row.pk])
        assert f"CN¥40.00 · {market.buyer}" in cashier.get(address).content.decode()
