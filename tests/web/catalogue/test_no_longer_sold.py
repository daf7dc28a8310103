"""The address of a product that was taken off the list for good."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from tests.factories import accounts
from tests.factories.listings import a_draft, a_listing, taken_off
from tests.factories.orders import a_market


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def take_off(product: Product, state: ListingState) -> str:
    """The address of the product, which is in that state now."""
    return reverse("web:product", args=[taken_off(product, state=state).public_id])


@pytest.mark.parametrize("state", [ListingState.DELISTED, ListingState.ARCHIVED])
def test_what_is_no_longer_sold_says_so_where_it_was_public(
    client: Client, db: None, state: ListingState
) -> None:
    seller = accounts.an_organisation(name="Grid House")
    product = a_listing(title="Meter readings of 2019", seller=seller, price_minor=100)
    a_listing(title="Meter readings of 2020", price_minor=100)
    address = take_off(product, state)
    for reader in (client, signed_in(accounts.a_user())):
        answer = reader.get(address)
        page = re.sub(r"\s+", " ", answer.content.decode())
        assert answer.status_code == 410
        assert "No longer sold. It was offered by Grid House." in page
        assert re.findall(r'listing-title"><a [^>]+>([^<]+)<', page) == ["Meter readings of 2020"]
        assert "/buy/" not in page
    sample = reverse("web:product_sample", args=[product.public_id, "tbl_1"])
    assert client.get(sample).status_code == 404
    assert signed_in(accounts.owner_of(seller)).get(address).status_code == 200


def test_what_was_never_public_is_not_there(client: Client, db: None) -> None:
    draft, archived = a_draft(title="Secret plans"), a_draft(title="Secret plans")
    taken_off(archived, state=ListingState.ARCHIVED)
    for product in (draft, archived):
        answer = client.get(reverse("web:product", args=[product.public_id]))
        assert answer.status_code == 404
        assert "Secret plans" not in answer.content.decode()


def test_what_is_suspended_is_not_there_for_strangers(client: Client, db: None) -> None:
    product = a_listing(title="Doubtful")
    answer = client.get(take_off(product, ListingState.SUSPENDED))
    assert (answer.status_code, "Doubtful" in answer.content.decode()) == (404, False)


def test_a_buyer_is_led_to_what_it_has(db: None) -> None:
    market = a_market()
    order = market.delivered()
    page = signed_in(market.agent).get(take_off(order.product, ListingState.DELISTED))
    assert page.status_code == 410
    shown = page.content.decode()
    assert "Your organisation has this already." in shown
    assert reverse("web:purchases") in shown
