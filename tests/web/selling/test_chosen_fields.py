"""Forms that show the fields of the chosen kind, and ask for those."""

import re

from django.test import Client

from exchange.catalog.models import Offer
from tests.factories.catalog import Stall
from tests.web.selling.test_sell_pages import page

DATA_WHEN = re.compile(r'data-when="([^"]+)"')


def test_each_field_says_for_which_choice_it_stands(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    shown = page(seller, f"/sell/{product.public_id}/offers/")
    assert DATA_WHEN.findall(shown) == [
        "kind=one_off subscription", "kind=one_off subscription", "kind=subscription",
        "kind=free one_off", "history=last", "kind=one_off subscription",
    ]  # fmt: skip
    assert "Only for: One payment, Subscription." in shown
    price = shown.split('name="price"')[0].rsplit("<label", 1)[1]
    assert "(optional)" not in price
    licence = page(seller, f"/sell/{product.public_id}/licence/")
    assert "template=custom" in DATA_WHEN.findall(licence)
    at_the_desk = page(seller, f"/desk/products/{product.public_id}/prices/")
    assert "kind=subscription" in DATA_WHEN.findall(at_the_desk)


def test_a_free_offer_needs_no_price_and_a_paid_one_does(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    address = f"/sell/{product.public_id}/offers/"
    offer = {"name": "All of it", "history": "all", "future": "all"}
    assert seller.post(address, {**offer, "kind": "free"}).status_code == 302
    made = Offer.objects.get()
    assert (made.kind, made.price_minor, made.currency) == ("free", 0, "CNY")
    answer = seller.post(address, {**offer, "kind": "subscription", "currency": "CNY"})
    assert answer.context["page"].form.errors == {
        "price": ["This field is required."],
        "period": ["This field is required."],
    }
