"""Who may open the sellers' desk, and what stands on its first page."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from exchange.members.roles import Kind, Role
from tests.console.conftest import SignedIn
from tests.factories import accounts, members
from tests.factories.catalog import Stall
from tests.factories.orders import a_market
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db

PAGES = ["desk:index", "desk:catalog_product_changelist", "desk:catalog_product_csv"]


def test_everybody_who_belongs_to_a_selling_organisation_enters(
    stall: Stall, seller: Client, colleague: Client
) -> None:
    finance = accounts.a_member(stall.seller)
    members.a_role(stall.seller, finance, Role.FINANCE)
    owner = accounts.owner_of(stall.seller)
    for client in (seller, colleague, browser(finance, stall.seller), browser(owner, stall.seller)):
        for page in PAGES:
            assert client.get(reverse(page)).status_code == 200, page


def test_for_everybody_else_the_desk_does_not_exist(stall: Stall, signed_in: SignedIn) -> None:
    buyer = accounts.an_organisation(name="City Gas")
    stall.exchange.admit(buyer, Kind.BUYER)
    outside = accounts.an_organisation(name="Outsider")
    flagged = accounts.a_user()
    flagged.is_staff = flagged.is_superuser = True
    flagged.save()
    for client in (
        browser(accounts.owner_of(buyer), buyer),
        browser(accounts.owner_of(outside), outside),
        browser(stall.exchange.first, stall.exchange.organisation),
        signed_in(flagged),
    ):
        for page in PAGES:
            assert client.get(reverse(page)).status_code == 404, page


def test_who_is_not_signed_in_is_sent_to_the_one_sign_in() -> None:
    for page in PAGES:
        address = reverse(page)
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_login')}?next={address}"


def test_a_seller_does_not_open_the_console_by_the_desk(seller: Client) -> None:
    assert seller.get(reverse("console:index")).status_code == 404


def test_the_first_page_says_what_waits(stall: Stall, seller: Client) -> None:
    stall.draft()
    stall.draft()
    stall.list()
    tiles = {tile.title: tile for tile in seller.get(reverse("desk:index")).context["queues"]}
    assert {title: tile.figure for title, tile in tiles.items()} == {
        "Products to correct": "0",
        "Orders that wait for you": "0",
        "Requests that wait for you": "0",
        "Questions that wait for you": "0",
        "Disputes that wait for you": "0",
        "Drafts": "2",
        "With the exchange": "0",
        "On the list": "1",
    }
    assert tiles["Drafts"].link == f"{reverse(PAGES[1])}?state__exact=draft"


def test_the_desk_leads_to_the_pages_and_they_lead_to_it(seller: Client) -> None:
    assert f'href="{reverse(PAGES[1])}"' in seller.get(reverse("web:sell")).content.decode()
    desk = seller.get(reverse(PAGES[1])).content.decode()
    for page in ("web:sell", "web:sell_new", "desk:sell_new"):
        assert f'href="{reverse(page)}"' in desk
    assert "/console/" not in desk


def test_its_pages_keep_to_the_policy_of_admin_sites(stall: Stall, seller: Client) -> None:
    product = reverse("desk:catalog_product_change", args=[stall.draft().public_id])
    for address in (*map(reverse, PAGES[:2]), product):
        answer = seller.get(address)
        assert "script-src 'self' 'unsafe-eval'" in answer["Content-Security-Policy"]
        html = answer.content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == [], address
        assert re.findall(r"\son(?:click|change|submit|load)=", html) == [], address


def test_the_box_of_the_menu_finds_own_products(stall: Stall, seller: Client, rival: Any) -> None:
    mine = stall.draft(title="Pressure of the ring main")
    found = seller.get(reverse("desk:search"), {"s": "ring main"}).content.decode()
    assert reverse("desk:catalog_product_change", args=[mine.public_id]) in found
    other = browser(accounts.owner_of(rival), rival)
    assert mine.public_id not in other.get(reverse("desk:search"), {"s": "ring"}).content.decode()


def test_the_box_of_the_menu_finds_own_orders_by_number_and_their_buyers(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    order = market.order(market.offer(100))
    owner = browser(accounts.owner_of(market.seller), market.seller)
    for text in (order.public_id, order.public_id[:8], order.public_id[-6:], "city gas"):
        found = owner.get(reverse("desk:search"), {"s": text}).content.decode()
        assert f'href="{reverse("web:order", args=[order.public_id])}"' in found, text
    assert f'href="{reverse("desk:orders_order_changelist")}?q=City+Gas"' in found
    assert "1 order" in found
    other = accounts.an_organisation(name="Rival")
    market.exchange.admit(other, Kind.SELLER)
    rival = browser(accounts.owner_of(other), other)
    for text in (order.public_id, "city gas"):
        found = rival.get(reverse("desk:search"), {"s": text}).content.decode()
        assert reverse("web:order", args=[order.public_id]) not in found
        assert f"{reverse('desk:orders_order_changelist')}?q=City+Gas" not in found


def test_the_desk_speaks_chinese(seller: Client) -> None:
    seller.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    html = seller.get(reverse(PAGES[1])).content.decode()
    assert "卖方工作台" in html
    assert '<html lang="zh-hans"' in html
