"""Top-ups by card and saved cards over the API: asked for, their pages opened, listed, removed."""

import pytest
from django.test import Client

from exchange.payments import saved_cards, wallets
from exchange.payments.gateway.sandbox import cards
from exchange.payments.models import CardTopUp, SavedCard
from tests.api.callers import post, signed_in, with_key
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import Market, a_market

pytestmark = pytest.mark.django_db
TOP_UPS, CARDS = "/api/v1/wallet/top-ups", "/api/v1/wallet/cards"
ASKED = {"currency": "CNY", "amount_minor": 50_000}


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return signed_in(market.agent)


def test_a_top_up_is_started_once_and_read_until_it_is_paid(market: Market, buyer: Client) -> None:
    started = post(buyer, TOP_UPS, ASKED)
    again = post(buyer, TOP_UPS, ASKED)
    assert (started.status_code, started.json()["state"]) == (201, "waiting")
    assert again["Idempotent-Replayed"] == "true"
    top_up = CardTopUp.objects.get()
    assert again.json()["id"] == started.json()["id"] == top_up.public_id
    page = post(buyer, f"{TOP_UPS}/{top_up.public_id}/page", key=None)
    assert page.json()["url"].startswith("http")
    top_up.refresh_from_db()
    cards.pay(top_up.provider_ref or "", card_code="good")
    money.settle_down()
    program = with_key(market.buyer, "payments:read")
    read = program.get(f"{TOP_UPS}/{top_up.public_id}").json()
    assert (read["state"], read["amount_minor"]) == ("received", 50_000)
    assert [row["id"] for row in program.get(TOP_UPS).json()["items"]] == [top_up.public_id]
    assert wallets.available_in(market.buyer, "CNY").minor == 50_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"currency": "XXX", "amount_minor": 1}, 422, "fields_invalid"),
        ({"currency": "CNY", "amount_minor": 0}, 422, "fields_invalid"),
        ({"currency": "CNY", "amount_minor": 10.5}, 422, "fields_invalid"),
        ({"currency": "CHF", "amount_minor": 100}, 422, "currency_not_offered"),
    ],
)
def test_what_cannot_be_paid_in_is_refused_and_leaves_nothing(
    buyer: Client, settings: object, body: dict[str, object], status: int, code: str
) -> None:
    settings.EXCHANGE_CURRENCIES = ("CNY", "EUR")  # type: ignore[attr-defined]  # pytest-django types none of ours
    refused = post(buyer, TOP_UPS, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not CardTopUp.objects.exists()


def test_a_card_is_asked_for_saved_made_the_default_and_removed(
    market: Market, buyer: Client
) -> None:
    first = money.save_card(market)
    asked = post(buyer, CARDS)
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    card = SavedCard.objects.get(public_id=asked.json()["id"])
    assert post(buyer, f"{CARDS}/{card.public_id}/page", key=None).json()["url"]
    card.refresh_from_db()
    cards.pay(card.provider_ref or "", card_code="good")
    money.settle_down()
    made = post(buyer, f"{CARDS}/{card.public_id}/default", key="key-2").json()
    assert (made["is_default"], made["brand"], made["last4"]) == (True, "visa", "4242")
    gone = post(buyer, f"{CARDS}/{card.public_id}/remove", key="key-3").json()
    assert gone["state"] == "removed"
    assert saved_cards.default_of(market.buyer.pk) == first
    listed = with_key(market.buyer, "payments:read").get(CARDS).json()["items"]
    assert [row["state"] for row in listed] == ["removed", "saved"]
    assert "customer" not in str(listed)


def test_cards_and_top_ups_of_another_organisation_do_not_exist(
    market: Market, buyer: Client
) -> None:
    card = money.save_card(market)
    top_up = post(buyer, TOP_UPS, ASKED).json()["id"]
    stranger = signed_in(accounts.owner_of(market.seller))
    assert stranger.get(TOP_UPS).json()["items"] == []
    assert stranger.get(CARDS).json()["items"] == []
    for path in (f"{TOP_UPS}/{top_up}/page", f"{CARDS}/{card.public_id}/remove"):
        assert post(stranger, path).status_code == 404
    assert stranger.get(f"{TOP_UPS}/{top_up}").status_code == 404
    card.refresh_from_db()
    assert card.state == "saved"


def test_a_program_reads_and_starts_nothing(market: Market) -> None:
    program = with_key(market.buyer, "payments:read")
    assert post(program, TOP_UPS, ASKED).status_code == 403
    assert post(program, CARDS).status_code == 403
    assert with_key(market.buyer, "orders:read").get(TOP_UPS).status_code == 403
