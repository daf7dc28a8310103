"""A price that begins later, as its seller plans it and as buyers read of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from exchange.catalog import review
from exchange.catalog.models import Offer, Product
from exchange.core import clock
from exchange.core.formatting import moment_shown
from tests.factories.catalog import Stall
from tests.web.selling.test_sell_pages import page


def plan(stall: Stall, seller: Client) -> tuple[Product, Offer, Offer]:
    """A listed product at 100, and 200 in its place in forty days."""
    product = stall.list()
    before = Offer.objects.get()
    at = clock.now() + timedelta(days=40)
    answer = seller.post(
        f"/sell/{product.public_id}/offers/",
        {
            "name": "Dearer", "kind": "one_off", "price": "200", "currency": "CNY", "history": "all",
            "future": "none", "supersedes": before.public_id, "valid_from": f"{at:%Y-%m-%dT%H:%M}",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    return product, before, Offer.objects.exclude(pk=before.pk).get()


def accepted(stall: Stall, seller: Client, product: Product) -> None:
    seller.post(f"/sell/{product.public_id}/check/")
    review.accept_change(product.public_id, actor=stall.reviewing, now=clock.now())


def test_buyers_read_the_price_to_come_and_pay_that_of_today(stall: Stall, seller: Client) -> None:
    product, before, after = plan(stall, seller)
    offers = f"/sell/{product.public_id}/offers/"
    begins = moment_shown(after.valid_from, zone=False)
    assert "It begins <time" in page(seller, offers)
    assert begins in page(seller, offers)
    guest = Client()
    assert "CN¥212.00" not in page(guest, f"/products/{product.public_id}/")
    accepted(stall, seller, product)
    shown = page(guest, f"/products/{product.public_id}/")
    assert "CN¥106.00" in shown
    told = re.search(r"<p class=\"notice\" data-then>(.*?)</p>", shown, re.DOTALL)
    assert told is not None
    assert begins in told[1]
    assert "CN¥212.00" in told[1]
    assert f"/offers/{before.public_id}/buy/" in shown
    assert f"/offers/{after.public_id}/buy/" not in shown
    assert "takes its place" in page(seller, offers)


@pytest.mark.parametrize("back", ["", "product"])
def test_a_planned_price_is_taken_back(stall: Stall, seller: Client, back: str) -> None:
    product, before, after = plan(stall, seller)
    accepted(stall, seller, product)
    address = f"/sell/{product.public_id}/offers/{after.public_id}/withdraw/"
    answer = seller.post(address, {"back": back}, follow=True)
    assert "was taken back before it began" in answer.content.decode()
    before.refresh_from_db()
    assert before.replaced_at is None
    assert "data-then" not in page(Client(), f"/products/{product.public_id}/")
