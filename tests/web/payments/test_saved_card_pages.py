"""The page of saved cards: a card is saved on the provider's page, made the default, removed."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.orders import limits
from exchange.orders.models import Order
from exchange.payments.models import SavedCard
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, filled, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


def save(buyer: Client, card: str = "good") -> SavedCard:
    """From the button over the provider's page and back to the list."""
    opened = buyer.post("/wallet/cards/add/")
    asked = SavedCard.objects.latest("pk")
    assert opened["Location"] == f"/payments/{asked.public_id}/test-card/"
    assert "Save this card" in shown(buyer, opened["Location"])
    back = buyer.post(opened["Location"], {"card": card})
    assert back["Location"] == f"/wallet/cards/{asked.public_id}/back/"
    assert buyer.get(back["Location"])["Location"] == "/wallet/cards/"
    asked.refresh_from_db()
    return asked


def test_a_card_is_saved_made_the_default_and_removed(buyer: Client) -> None:
    assert "/wallet/cards/" in shown(buyer, "/wallet/")
    assert "No card is saved." in shown(buyer, "/wallet/cards/")
    first, second = save(buyer), save(buyer)
    page = shown(buyer, "/wallet/cards/")
    assert page.count("Visa •••• 4242") == 2
    assert page.count("12/2034") == 2
    assert buyer.post(f"/wallet/cards/{second.public_id}/default/").status_code == 302
    second.refresh_from_db()
    assert second.is_default
    assert buyer.post(f"/wallet/cards/{second.public_id}/remove/").status_code == 302
    first.refresh_from_db()
    assert first.is_default
    page = shown(buyer, "/wallet/cards/")
    assert "The card is removed. Nothing is charged to it any more." in page
    assert page.count("Visa •••• 4242") == 1


def test_a_refused_card_says_why_and_is_not_listed(buyer: Client) -> None:
    save(buyer, "no_funds")
    page = shown(buyer, "/wallet/cards/")
    assert "The card has not enough money." in page
    assert "Visa" not in page


def test_others_see_and_change_nothing_of_it(market: Market, buyer: Client) -> None:
    card = save(buyer)
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "Visa" not in shown(seller, "/wallet/cards/")
    for act in ("default", "remove"):
        assert seller.post(f"/wallet/cards/{card.public_id}/{act}/").status_code == 404
    assert seller.get(f"/wallet/cards/{card.public_id}/back/").status_code == 404
    assert seller.get(f"/payments/{card.public_id}/test-card/").status_code == 404


def test_without_a_provider_no_card_is_saved(buyer: Client, settings: Settings) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert "Save a card" not in shown(buyer, "/wallet/cards/")
    assert buyer.post("/wallet/cards/add/").status_code == 503


SAVE = "Save the card that I pay with for the next payments"
IS_SAVED = "The card is saved for the next payments."


def is_ticked(page: str) -> bool:
    return "checked" in page.split('name="save_card"')[1].split(">")[0]


def test_the_card_of_an_order_is_saved_where_its_buyer_ticks_that(
    market: Market, buyer: Client
) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    assert SAVE in shown(buyer, path)
    ordered = buyer.post(path, filled(buyer, path, method="card", save_card="on"))
    page = buyer.get(ordered["Location"])["Location"]
    assert IS_SAVED in shown(buyer, page)
    back = buyer.post(page, {"card": "good"})
    assert buyer.get(back["Location"]).status_code == 302
    money.settle_down()
    assert "Visa •••• 4242" in shown(buyer, "/wallet/cards/")


def test_the_page_of_a_payment_has_the_choice_made_and_unmade(
    market: Market, buyer: Client
) -> None:
    payment = money.payment_of(market.order(market.offer(100)))
    page = f"/payments/{payment.public_id}/"
    go = reverse("web:payment_card", args=[payment.public_id])
    assert SAVE in shown(buyer, page)
    ticked = buyer.post(go, filled(buyer, page, save_card="on"))
    assert IS_SAVED in shown(buyer, ticked["Location"])
    assert buyer.post(go).status_code == 302  # without the choice it stays
    assert IS_SAVED in shown(buyer, ticked["Location"])
    assert is_ticked(shown(buyer, page))
    unticked = buyer.post(go, filled(buyer, page))
    assert IS_SAVED not in shown(buyer, unticked["Location"])
    assert not is_ticked(shown(buyer, page))


def test_who_was_not_asked_at_the_checkout_is_asked_before_paying(
    market: Market, buyer: Client
) -> None:
    limits.set_limit(actor=market.leading, limit=Money(500, "CNY"), now=DAY)
    path = f"/offers/{market.offer(100).public_id}/buy/"
    assert SAVE not in shown(buyer, path)  # a second person confirms, and nothing is paid yet
    buyer.post(path, filled(buyer, path, method="card"))
    order = Order.objects.get()
    leader = browser(accounts.owner_of(market.buyer), market.buyer)
    leader.post(f"/orders/{order.public_id}/confirm/")
    payment = money.payment_of(order)
    pay, page = f"/orders/{order.public_id}/pay/", f"/payments/{payment.public_id}/"
    for asked in (buyer, leader):
        assert asked.get(pay)["Location"] == page
        assert SAVE in shown(asked, page)
    go = reverse("web:payment_card", args=[payment.public_id])
    ticked = leader.post(go, filled(leader, page, save_card="on"))
    assert IS_SAVED in shown(leader, ticked["Location"])
    assert (
        leader.get(pay)["Location"] == ticked["Location"]
    )  # once it is open, there is nothing to ask


def test_a_colleague_who_pays_is_asked_and_who_ordered_is_not(
    market: Market, buyer: Client
) -> None:
    order = market.order(market.offer(100))
    payment = money.payment_of(order)
    leader = browser(accounts.owner_of(market.buyer), market.buyer)
    pay = f"/orders/{order.public_id}/pay/"
    assert leader.get(pay)["Location"] == f"/payments/{payment.public_id}/"
    assert buyer.get(pay)["Location"] == f"/payments/{payment.public_id}/test-card/"


def test_without_a_provider_no_card_of_an_order_is_saved(
    market: Market, buyer: Client, settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert SAVE not in shown(buyer, f"/offers/{market.offer(100).public_id}/buy/")
