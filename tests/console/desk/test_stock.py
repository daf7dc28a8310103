"""Offers, revisions, meters and people of the seller, as lists of the desk."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Organisation
from exchange.catalog.models import Offer, Revision
from exchange.metering.models import MeteredSubscription
from tests.console.desk.lists import rows_of, the_list
from tests.factories import accounts, listings
from tests.factories.orders import Market
from tests.metering.test_usage_plans import a_subscription
from tests.web.buyers import shown

pytestmark = pytest.mark.django_db

TABLES = (
    "catalog_offer", "catalog_revision", "metering_meteredsubscription", "accounts_membership",
)  # fmt: skip
QUERIES_MAX = 13


def stocked(market: Market) -> None:
    """A product with a revision and an offer, a second offer, a meter, a colleague."""
    product = market.offer(100).product
    listings.a_revision(product, document=listings.a_document(listings.a_column("load")))
    listings.an_offer(product, price_minor=5_000, period="P1M", name="By the month")
    a_subscription(market)
    accounts.a_member(market.seller)


def test_each_list_holds_own_rows_alone_and_leads_to_their_pages(
    market: Market, owner: Client, competitor: Organisation
) -> None:
    a_subscription(replace(market, seller=competitor))
    for table in TABLES[:3]:
        assert "Nothing here yet" in shown(owner, the_list(table)), table
        assert rows_of(owner, table) == [], table
    stocked(market)
    mine = market.seller
    pages: dict[str, list[str]] = {
        "catalog_offer": [
            reverse("desk:catalog_product_change", args=[one.product.public_id])
            for one in Offer.objects.filter(product__seller=mine)
        ],
        "catalog_revision": [
            reverse("desk:catalog_product_change", args=[one.product.public_id])
            for one in Revision.objects.filter(product__seller=mine)
        ],
        "metering_meteredsubscription": [
            reverse("web:usage_meter", args=[one.public_id])
            for one in MeteredSubscription.objects.filter(seller=mine)
        ],
        "accounts_membership": [
            reverse("web:organisation", args=[mine.public_id])
            for _one in Membership.objects.filter(organisation=mine)
        ],
    }
    for table, addresses in pages.items():
        page = shown(owner, the_list(table))
        assert addresses, table
        assert [address for address in addresses if f'href="{address}"' not in page] == [], table
        assert len(rows_of(owner, table)) == len(addresses), table
        assert owner.get(addresses[0]).status_code == 200, table


def test_they_are_searched_and_filtered(market: Market, owner: Client) -> None:
    stocked(market)
    assert [row["name"] for row in rows_of(owner, "catalog_offer", q="by the mo")] == [
        "By the month"
    ]
    assert rows_of(owner, "catalog_offer", state__exact="withdrawn") == []
    assert len(rows_of(owner, "metering_meteredsubscription", q=market.buyer.name[:4])) == 1
    assert rows_of(owner, "metering_meteredsubscription", ends_at__isempty="0") == []
    assert {row["role"] for row in rows_of(owner, "accounts_membership", role__exact="owner")} == {
        "owner"
    }


def test_no_list_is_counted_and_each_asks_the_same_however_long_it_is(
    market: Market, owner: Client
) -> None:
    stocked(market)

    def statements_of(table: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(the_list(table)).status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    few = {table: len(statements_of(table)) for table in TABLES}
    stocked(market)
    for table, number in few.items():
        statements = statements_of(table)
        assert [sql for sql in statements if "COUNT(*)" in sql] == [], table
        assert len(statements) == number <= QUERIES_MAX, table
