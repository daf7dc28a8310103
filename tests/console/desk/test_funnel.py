"""From views to samples to purchases, on the first page of the desk, on a product's page and as columns."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from exchange.catalog import visits
from exchange.catalog.models import Product, ProductDay
from exchange.catalog.visits import Visit
from exchange.console.desk.funnel import funnel_of
from exchange.core import clock
from exchange.members.actors import NOBODY
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.listings import a_listing
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    monkeypatch.setattr(clock, "now", lambda: DAY)
    return a_market()


@pytest.fixture
def owner(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


def a_product_with_visits(market: Market) -> Product:
    """Seen four times, twice of them 29 days ago, sampled twice, bought once; before that seen once."""
    offer = market.offer(100)
    product = offer.product
    for days in (0, 0, 29, 29, 30):
        visits.count(product, Visit.VIEW, actor=NOBODY, now=DAY - timedelta(days=days))
    for _time in range(2):
        visits.count(product, Visit.SAMPLE, actor=NOBODY, now=DAY)
    money.pay_by_card(market, market.order(offer))
    market.order(offer)  # never paid
    return product


def numbers(product: Product) -> list[int]:
    funnel = funnel_of(Product.objects.filter(pk=product.pk), now=DAY)
    return [stage.number for stage in funnel.stages]


def test_thirty_days_are_counted_today_among_them(market: Market) -> None:
    product = a_product_with_visits(market)
    assert numbers(product) == [4, 2, 1]
    funnel = funnel_of(Product.objects.filter(pk=product.pk), now=DAY)
    assert [stage.share for stage in funnel.stages] == ["", "50 for 100 views", "25 for 100 views"]
    later = funnel_of(Product.objects.filter(pk=product.pk), now=DAY + timedelta(days=30))
    assert [stage.number for stage in later.stages] == [0, 0, 0]


def test_nothing_seen_is_nothing_and_no_share(market: Market) -> None:
    product = market.offer(100).product
    assert numbers(product) == [0, 0, 0]
    funnel = funnel_of(Product.objects.filter(pk=product.pk), now=DAY)
    assert [stage.share for stage in funnel.stages] == ["", "", ""]


def test_the_desk_shows_it_of_all_of_one_and_in_columns(market: Market, owner: Client) -> None:
    product = a_product_with_visits(market)
    other = a_listing(seller=accounts.an_organisation(name="Rival"))
    visits.count(other, Visit.VIEW, actor=NOBODY, now=DAY)
    first = owner.get(reverse("desk:index"))
    assert [one.number for one in first.context["funnel"].stages] == [4, 2, 1]
    assert "From views to purchases: the last 30 days" in first.content.decode()
    page = shown(owner, reverse("desk:catalog_product_change", args=[product.public_id]))
    assert "25 for 100 views" in page
    table = owner.get(reverse("desk:catalog_product_changelist"))
    (row,) = table.context["cl"].result_list
    assert (row.views_lately, row.samples_lately, row.purchases_lately) == (4, 2, 1)
    assert ProductDay.objects.count() == 4
