"""The page of saved cards: a card is saved on the provider's page, made the default, removed."""

import pytest
from django.test import Client
from pytest_django import Settings

from exchange.payments.models import SavedCard
from tests.factories import accounts
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser, shown

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
