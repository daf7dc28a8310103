"""The pages of a dispute: what each side reads, and what it does from there."""

import pytest
from django.test import Client
from django.utils import timezone

from exchange.disputes import opening
from exchange.disputes.models import Dispute
from exchange.members.roles import Role
from exchange.orders.models import Order
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import a_role
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    return market


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


@pytest.fixture
def seller(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


def opened(market: Market) -> Dispute:
    order = market.delivered(at=timezone.now())
    return opening.open_dispute(
        order.public_id,
        kind="below_quality",
        remedy="part",
        wanted=Money(5_300, "CNY"),
        reason="<b>Half</b> of the rows are missing.",
        actor=market.buying,
        now=timezone.now(),
    )


def test_a_dispute_is_opened_on_the_page_of_the_order(market: Market, buyer: Client) -> None:
    order = market.delivered(at=timezone.now())
    address = f"/orders/{order.public_id}/object/"
    said = {"kind": "below_quality", "remedy": "part", "wanted": "", "reason": "Gaps."}
    missing = buyer.post(address, said)
    assert missing.status_code == 422
    assert "Say how much you ask back." in missing.content.decode()
    too_much = buyer.post(address, {**said, "wanted": "106.00"})
    assert too_much.status_code == 422
    assert not Dispute.objects.exists()
    answer = buyer.post(address, {**said, "wanted": "53.00"})
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/disputes/{dispute.public_id}/"
    assert dispute.wanted_minor == 5_300
    assert dispute.public_id in shown(buyer, f"/orders/{order.public_id}/")


def test_the_seller_reads_the_claim_and_what_it_would_give_and_answers(
    market: Market, buyer: Client, seller: Client
) -> None:
    dispute = opened(market)
    address = f"/disputes/{dispute.public_id}/"
    page = shown(seller, address)
    assert "&lt;b&gt;Half" in seller.get(address).content.decode()
    assert "Your turn" in page
    assert "CN¥49.00" in page  # of the 53.00, what the seller gives beside fee and tax
    assert "CN¥49.00" not in shown(buyer, address)
    assert "Your answer" not in shown(buyer, address)
    assert seller.post(f"{address}answer/", {"reason": "All were there."}).status_code == 302
    assert "All were there." in shown(buyer, address)
    assert "Under review by the exchange" in shown(buyer, "/disputes/")


def test_agreeing_ends_it_for_both_with_the_amount(
    market: Market, buyer: Client, seller: Client
) -> None:
    dispute = opened(market)
    address = f"/disputes/{dispute.public_id}/"
    assert buyer.post(f"{address}agree/").status_code == 403
    assert seller.post(f"{address}agree/").status_code == 302
    for client in (buyer, seller):
        page = shown(client, address)
        assert "Refunded in part" in page
        assert "CN¥53.00" in page
    assert Order.objects.get().state == "closed"
    assert "Credit note" in shown(buyer, f"/orders/{dispute.order.public_id}/")
    for client, address in (
        (Client(), f"/products/{dispute.order.product.public_id}/"),
        (seller, "/disputes/"),
    ):
        page = shown(client, address)
        assert "100.0" in page
        assert "of 1 trade; 1 lost" in page
