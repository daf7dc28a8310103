"""Offers whose seller approves each buyer: asked for on terms that stay, never bought directly."""

import pytest
from django.test import Client

from exchange.catalog.models import Offer
from exchange.journeys import checkout
from exchange.members.roles import Role
from exchange.negotiation import deciding
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.orders.errors import ApprovalNeeded
from exchange.orders.models import Order
from tests.factories import accounts, listings
from tests.factories.listings import a_listing, an_offer
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_command, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def offer(market: Market) -> Offer:
    product = a_listing(seller=market.seller, price_minor=None, refund_policy="inspection")
    return an_offer(product, price_minor=50_000, period="P1M", needs_approval=True)


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


def test_the_seller_says_so_when_the_offer_is_made(market: Market) -> None:
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    product = listings.a_listing(seller=market.seller, price_minor=None)
    form = {
        "name": "Approved buyers", "kind": "subscription", "price": "90", "currency": "CNY",
        "period": "P1M", "history": "all", "future": "all", "needs_approval": "on",
    }  # fmt: skip
    seller, path = browser(owner, market.seller), f"/sell/{product.public_id}/offers/"
    assert seller.post(path, form).status_code == 302
    assert Offer.objects.get(product=product).needs_approval
    refused = seller.post(path, {**form, "kind": "free", "price": "0", "period": ""})
    assert refused.status_code == 422
    assert refused.context["page"].form.errors == {
        "needs_approval": ["This is only for: One payment, Subscription. Leave it out."]
    }


def test_it_is_asked_for_and_not_bought(market: Market, offer: Offer, buyer: Client) -> None:
    page = shown(buyer, f"/products/{offer.product.public_id}/")
    assert "Ask for it" in page
    assert f"/offers/{offer.public_id}/buy/" not in page
    command = a_command(market.buying, offer, seen={"price": {"total_minor": 53_000}})
    with pytest.raises(ApprovalNeeded):
        checkout.checkout(command, actor=market.buying, now=DAY)
    assert buyer.get(f"/offers/{offer.public_id}/buy/").status_code == 409
    assert not Order.objects.exists()


def test_the_request_keeps_the_terms_of_its_moment_and_the_seller_approves(
    market: Market, offer: Offer, buyer: Client
) -> None:
    path = f"/offers/{offer.public_id}/request/"
    assert "The seller approves each buyer" in shown(buyer, path)
    assert buyer.post(path, {"words": "For our forecasts."}).status_code == 302
    opened = Negotiation.objects.get()
    assert (opened.origin, opened.turn, opened.state) == ("subscription", "seller", "requested")
    assert opened.due_at is not None
    terms = newest_proposal(opened).document["terms"]
    assert (terms["price_minor"], terms["period"]) == ("50000", "P1M")
    assert buyer.post(path, {"words": ""}).status_code == 422  # it is being asked already
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    agreed = deciding.accept(
        opened.public_id,
        actor=acting(owner, market.seller),
        answers=newest_proposal(opened).document_hash,
        now=opened.created_at,
    )
    assert agreed.state == "accepted"
    assert agreed.contract is not None


def test_an_offer_for_everybody_is_not_asked_for(market: Market, buyer: Client) -> None:
    offer = market.offer(500)
    assert buyer.get(f"/offers/{offer.public_id}/request/").status_code == 404
