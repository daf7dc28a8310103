"""Offers by use: a seller tries and makes one, buyers read its rates and reckon what it costs them."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from exchange.catalog import offers
from exchange.catalog.models import Offer, Product
from exchange.members.actors import system_actor
from exchange.members.roles import Role
from exchange.metering.models import MeteredSubscription
from exchange.orders.models import Order
from tests.factories import accounts, listings
from tests.factories.accounts import NOON
from tests.factories.members import a_role
from tests.factories.orders import Market, a_market
from tests.factories.payments import fund_wallet
from tests.metering.test_usage_plans import a_subscription, an_event, send
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
RATES: dict[str, Any] = {
    "name": "By the row",
    "meter": "rows",
    "currency": "CNY",
    "unit_price": "0.002",
    "package": "1",
    "free_units": "100",
    "tiers": "1000: 0.01\n5000：0.005",
    "minimum": "5.00",
    "period": "P1M",
    "history": "all",
    "future": "all",
}


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def seller(market: Market) -> Client:
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    return browser(owner, market.seller)


@pytest.fixture
def product(market: Market) -> Product:
    return listings.a_listing(seller=market.seller, price_minor=None)


def accepted(product: Product) -> Offer:
    """The metered offer that waits, as the exchange has accepted it."""
    with transaction.atomic():
        offers.accept_proposed(product, actor=system_actor("test"), now=NOON)
    return Offer.objects.get(kind="metered", state="active")


def test_a_seller_tries_a_price_and_then_offers_it(seller: Client, product: Product) -> None:
    path = f"/sell/{product.public_id}/offers/by-use/"
    trial = seller.post(path, {**RATES, "trial": "1"})
    page = trial.content.decode()
    assert trial.status_code == 200
    assert "up to 1,000: CN¥0.01" in page
    assert "CN¥39.80" in page  # 9,900 rows: 1,000 at 0.01, 4,000 at 0.005, 4,900 at 0.002
    assert not Offer.objects.filter(kind="metered").exists()
    assert seller.post(path, RATES).status_code == 302
    offer = Offer.objects.get(kind="metered")
    assert (offer.price_minor, offer.period) == (0, "P1M")
    assert "By the row" in shown(seller, f"/sell/{product.public_id}/offers/")
    assert "beyond: CN¥0.002" in shown(seller, f"/sell/{product.public_id}/")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tiers": "cheap"}, "is no tier; write it as 10000: 0.05."),
        ({"tiers": "500: 0.01\n100: 0.02"}, "tiers[1]"),
        ({"package": "10"}, "Sell either by tiers or in packages."),
        ({"meter": "other"}, "Name the meter that your programs report."),
        ({"minimum": "9", "maximum": "8"}, "at most the maximum of 8"),
    ],
)
def test_a_price_that_cannot_be_is_refused_with_the_reason(
    seller: Client, product: Product, wrong: dict[str, str], said: str
) -> None:
    answer = seller.post(f"/sell/{product.public_id}/offers/by-use/", {**RATES, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Offer.objects.filter(kind="metered").exists()


def test_a_buyer_reads_rates_and_never_that_it_is_free(
    market: Market, seller: Client, product: Product
) -> None:
    seller.post(f"/sell/{product.public_id}/offers/by-use/", RATES)
    offer = accepted(product)
    buyer = browser(market.agent, market.buyer)
    page = shown(buyer, f"/products/{product.public_id}/")
    assert "Each of the rows" in page
    assert "What would it cost me?" in page
    checkout = shown(buyer, f"/offers/{offer.public_id}/buy/")
    assert "Begin to use it" in checkout
    assert "CN¥5.30 is set aside" in checkout


def test_a_wallet_without_the_first_holds_money_orders_nothing(
    market: Market, seller: Client, product: Product
) -> None:
    seller.post(f"/sell/{product.public_id}/offers/by-use/", RATES)
    offer = accepted(product)
    buyer = browser(market.agent, market.buyer)
    path = f"/offers/{offer.public_id}/buy/"
    form = buyer.get(path).context["page"].form
    said = {"terms_hash": form["terms_hash"].value(), "seen": form["seen"].value(),
            "token": form["token"].value(), "method": "none", "number": "", "agree": "on"}  # fmt: skip
    refused = buyer.post(path, said)
    assert refused.status_code == 409
    assert "missing" in refused.content.decode()
    assert not Order.objects.filter(offer=offer).exists()
    fund_wallet(market.exchange, market.buyer, 10)
    assert buyer.post(path, said).status_code == 302
    assert MeteredSubscription.objects.get(offer=offer).periods.get().hold_minor == 530


def test_what_was_used_lately_is_priced_by_the_offer(market: Market) -> None:
    metered = a_subscription(market)
    send(market, an_event(metered, 1, quantity=5100))
    buyer = browser(market.agent, market.buyer)
    path = f"/offers/{metered.offer.public_id}/cost/"
    asked = shown(buyer, f"{path}?rows=20100")
    assert "CN¥212.00" in asked  # 20,000 rows at 0.01, with 6 % tax
    assert 'class="chart' in asked
    refused = buyer.get(f"{path}?rows=many")
    assert refused.status_code == 422
