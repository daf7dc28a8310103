"""Buying over the API: terms, an order on their hash, answers that are safe to ask for again."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.sign_in import SESSION_KEY
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from tests.api.callers import post, signed_in, with_key
from tests.factories.orders import Market, a_market, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    client = signed_in(market.agent)
    session = client.session
    session[SESSION_KEY] = market.buyer.public_id
    session.save()
    return client


def terms_of(client: Client, offer: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/offers/{offer}/terms")
    assert answer.status_code == 200
    return dict(answer.json())


def bought(client: Client, offer: str, **said: Any) -> Any:
    terms = terms_of(client, offer)
    command = {"offer": offer, "terms_hash": terms["terms_hash"], "payment_method": "card", **said}
    return post(client, "/api/v1/orders", command, key=said.get("key", "order-1"))


def test_the_terms_come_with_their_hash_and_price(market: Market, buyer: Client) -> None:
    shown = terms_of(buyer, market.offer(100).public_id)
    assert (shown["net_minor"], shown["tax_minor"], shown["total_minor"]) == (10_000, 600, 10_600)
    assert shown["payment_methods"] == ["card", "bank_transfer", "wallet"]
    assert shown["terms"]["format"] == "assay.terms/1"


def test_an_order_is_placed_once_under_its_key(market: Market, buyer: Client) -> None:
    offer = market.offer(100).public_id
    first, again = bought(buyer, offer), bought(buyer, offer)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    order = Order.objects.get()
    assert first.json()["id"] == order.public_id
    assert first.json()["state"] == "contract_signed"


def test_changed_terms_answer_with_the_difference(market: Market, buyer: Client) -> None:
    offer = market.offer(100)
    seen = terms_of(buyer, offer.public_id)
    offer.product.refund_policy = "none"
    offer.product.save(update_fields=["refund_policy"])
    command = {
        "offer": offer.public_id,
        "terms_hash": seen["terms_hash"],
        "terms": seen["terms"],
        "payment_method": "card",
    }
    answer = post(buyer, "/api/v1/orders", command)
    assert (answer.status_code, answer.json()["code"]) == (409, "terms_changed")
    assert answer.json()["changes"] == [
        {"field": "refund_policy", "seen": "inspection", "now": "none"}
    ]
    assert not Order.objects.exists()


def test_the_whole_road_from_terms_to_closed(market: Market, buyer: Client) -> None:
    order_id = bought(buyer, market.offer(100).public_id).json()["id"]
    pay(Order.objects.get(), at=timezone.now())
    read = buyer.get(f"/api/v1/orders/{order_id}").json()
    assert (read["state"], read["turn"]) == ("delivered", "buyer")
    assert [step["transition"] for step in read["steps"]][-1] == "deliver"
    accepted = post(buyer, f"/api/v1/orders/{order_id}/accept", key="accept-1")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "closed")
    again = post(buyer, f"/api/v1/orders/{order_id}/accept", key="accept-2")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


def test_objecting_writing_and_cancelling(market: Market, buyer: Client) -> None:
    first = bought(buyer, market.offer(100).public_id, key="1").json()["id"]
    pay(Order.objects.get(), at=timezone.now())
    objected = post(buyer, f"/api/v1/orders/{first}/object", {"reason": "Bad rows."}, key="2")
    assert objected.json()["state"] == "objected"
    said = post(buyer, f"/api/v1/orders/{first}/messages", {"text": "See line 7."}, key="3")
    assert said.status_code == 201
    listed = buyer.get(f"/api/v1/orders/{first}/messages").json()["items"]
    assert [message["text"] for message in listed] == ["See line 7."]
    second = bought(buyer, market.offer(50).public_id, key="4").json()["id"]
    assert post(buyer, f"/api/v1/orders/{second}/cancel", key="5").json()["state"] == "cancelled"
    ids = [row["id"] for row in buyer.get("/api/v1/orders?side=buyer").json()["items"]]
    assert ids == [second, first]
    assert buyer.get("/api/v1/orders?side=seller").json()["items"] == []


def test_a_key_reads_orders_and_binds_nobody(market: Market, buyer: Client) -> None:
    offer = market.offer(100).public_id
    order_id = bought(buyer, offer).json()["id"]
    key = with_key(market.buyer, "orders:read")
    assert key.get(f"/api/v1/orders/{order_id}").json()["id"] == order_id
    assert len(key.get("/api/v1/orders").json()["items"]) == 1
    refused = post(key, f"/api/v1/orders/{order_id}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_for_keys")
    assert Order.objects.get().state == OrderState.CONTRACT_SIGNED
    other = with_key(market.buyer, "ledger:read")
    assert other.get("/api/v1/orders").json()["code"] == "wrong_scope"


def test_an_order_without_a_key_of_idempotency_is_refused(market: Market, buyer: Client) -> None:
    offer = market.offer(100).public_id
    command = {"offer": offer, "terms_hash": terms_of(buyer, offer)["terms_hash"]}
    answer = post(buyer, "/api/v1/orders", command, key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Order.objects.exists()
