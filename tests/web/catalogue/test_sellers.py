"""A seller's own page: what everybody reads of it, and of whom nothing is said."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from exchange.catalog.models import SavedSearch
from exchange.journeys import acceptance
from exchange.members import proposals
from exchange.members.lifecycle import AdmissionTransition
from exchange.orders import reviews
from tests.factories import accounts, auctions
from tests.factories.listings import a_listing
from tests.factories.members import newest
from tests.factories.orders import DAY, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
QUERIES_MAX = 14


def titles(page: str) -> list[str]:
    return re.findall(r'listing-title"><a href="[^"]+">([^<]+)<', page)


def test_everybody_reads_who_a_seller_is_and_what_it_has_listed(client: Client) -> None:
    market = a_market()
    order = market.delivered(100, title="Gas loads")
    a_listing(title="Foreign")
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    reviews.write_review(
        actor=market.buying, product_id=order.product.public_id, order_id=order.public_id,
        stars=4, text="Complete.", now=DAY,
    )  # fmt: skip
    page = shown(client, f"/sellers/{market.seller.public_id}/")
    assert titles(page) == ["Gas loads"]
    for said in (
        "Pipeline Data", "Private enterprise", "China", "Member since", "Admitted as",
        "★ 4.0", "1 review", "1 listing", "Disputes for each hundred trades",
        f'data-copy="{market.seller.public_id}"',
    ):  # fmt: skip
        assert said in page, said
    # Nothing that is a person's, and not what identifies the organisation elsewhere.
    for kept in (accounts.owner_of(market.seller).email, str(market.seller.credit_code)):
        assert kept not in page


def test_of_who_has_nothing_listed_nothing_is_said(client: Client) -> None:
    market = a_market()
    market.offer(100)
    address = f"/sellers/{market.seller.public_id}/"
    assert client.get(address).status_code == 200
    suspended = newest(market.seller)
    proposal = proposals.propose(
        suspended.public_id, transition=AdmissionTransition.SUSPEND,
        actor=market.exchange.proposer, reason="As decided.", now=DAY,
    )  # fmt: skip
    proposals.approve(proposal.public_id, actor=market.exchange.approver, now=DAY)
    answers = [
        client.get(path)
        for path in (address, f"/sellers/{market.buyer.public_id}/", "/sellers/org_unknown/")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all("There is no such seller." in answer.content.decode() for answer in answers)


def test_the_listings_of_a_seller_come_in_pages_and_a_foreign_place_begins_anew(
    client: Client,
) -> None:
    seller = accounts.an_organisation()
    for number in range(23):
        a_listing(seller=seller, title=f"Meter {number}")
    a_listing(title="Foreign")
    address = f"/sellers/{seller.public_id}/"
    first = shown(client, address)
    following = re.search(r'rel="next nofollow" href="([^"]+)"', first)
    assert following is not None
    second = shown(client, following.group(1))
    assert (len(titles(first)), len(titles(second))) == (20, 3)
    assert not set(titles(first)) & set(titles(second))
    assert titles(shown(client, f"{address}?place=nonsense")) == titles(first)


def test_a_page_of_a_seller_asks_the_same_whatever_it_has_listed(client: Client) -> None:
    seller = accounts.an_organisation()
    a_listing(seller=seller)
    address = f"/sellers/{seller.public_id}/"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _number in range(12):
        a_listing(seller=seller)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= QUERIES_MAX


def test_the_catalogue_narrows_to_a_seller_by_name_and_the_search_is_kept(client: Client) -> None:
    seller = accounts.an_organisation(name="Grid & Sons")
    a_listing(seller=seller, title="Loads")
    a_listing(title="Foreign")
    page = shown(client, f"/catalogue/?seller={seller.public_id}")
    assert titles(page) == ["Loads"]
    assert "Seller: Grid & Sons" in page
    # It is no list of all sellers: the address alone chooses one.
    assert 'id="facet-seller"' not in page
    reader = accounts.an_organisation()
    saving = browser(accounts.owner_of(reader), reader)
    saving.post(f"/searches/?seller={seller.public_id}", {"name": "Grid"})
    kept = [f"seller:{seller.public_id}", "lies:here"]  # without open data elsewhere
    assert SavedSearch.objects.get().facets == kept


def test_product_card_and_auction_lead_to_their_seller() -> None:
    house = auctions.a_house()
    with auctions.clock_at(auctions.END - timedelta(minutes=1)):
        auction = house.auction()
        product = auction.product
        assert product is not None
        link = f'href="/sellers/{product.seller.public_id}/"'
        guest, seller = Client(), browser(accounts.owner_of(product.seller), product.seller)
        for client, path in (
            (guest, f"/products/{product.public_id}/"),
            (guest, "/catalogue/"),
            (seller, reverse("web:auction", args=[auction.public_id])),
            (seller, reverse("web:auctions") + "?show=coming"),
        ):
            assert link in shown(client, path), path


def test_a_chinese_reader_reads_it_in_chinese(client: Client) -> None:
    seller = a_market().seller
    a_listing(seller=seller)
    client.cookies["django_language"] = "zh-hans"
    page = shown(client, f"/sellers/{seller.public_id}/")
    assert "成员自" in page
    assert "Member since" not in page
