"""Buyers with a tier pay less, the reason stands with each order, and nobody else's price moves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from exchange.audit import verification
from exchange.audit.findings import Counts
from exchange.core.refusals import NotAllowed, NotFound
from exchange.journeys import checkout
from exchange.members.roles import Role
from exchange.orders import discount_tiers
from exchange.orders.discount_tiers import TierExists, TierRefused
from exchange.orders.errors import TermsChanged
from exchange.orders.lifecycle import PriceGround
from exchange.orders.models import DiscountTier, PriceReason
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_command, a_market, pay
from tests.factories.payments import books_are_sound
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    return market


def grant(market: Market, percent: str = "10", **fields: Any) -> DiscountTier:
    said = {
        "buyer_id": market.buyer.public_id,
        "name": "Gold",
        "percent": Decimal(percent),
        "ground": PriceGround.REAL_NEED,
        "words": "Buys every month for the whole city.",
        **fields,
    }
    return discount_tiers.grant(
        actor=acting(accounts.owner_of(market.seller), market.seller), now=DAY, **said
    )


def test_a_buyer_with_a_tier_pays_less_and_the_reason_stands_with_the_order(market: Market) -> None:
    tier = grant(market)
    offer = market.offer(500)
    terms = checkout.terms_now(actor=market.buying, offer_id=offer.public_id, now=DAY)
    assert terms["deal"]["discount"] == {"tier": "Gold", "percent": "10"}
    assert [line["amount_minor"] for line in terms["price"]["lines"]] == [50_000, -5_000]
    order = market.order(offer)
    assert (order.net_minor, order.tax_minor, order.total_minor) == (45_000, 2_700, 47_700)
    reason = PriceReason.objects.get(order=order)
    assert (reason.ground, reason.words) == ("real_need", f"Gold: {tier.words}")
    pay(order)
    assert books_are_sound()
    found = [one.detail for one in verification.findings(DAY, Counts()) if one.check == "coverage"]
    assert [detail for detail in found if detail.startswith("orders.")] == []


def test_others_pay_what_they_paid_and_so_does_the_buyer_once_it_has_ended(market: Market) -> None:
    tier = grant(market)
    other = accounts.an_organisation(name="Rail")
    assert DiscountTier.objects.filter(buyer=other).exists() is False
    seller = acting(accounts.owner_of(market.seller), market.seller)
    ended = discount_tiers.end(actor=seller, tier_id=tier.public_id, now=DAY + timedelta(hours=1))
    again = discount_tiers.end(actor=seller, tier_id=tier.public_id, now=DAY + timedelta(hours=2))
    assert ended.ended_at == again.ended_at
    order = market.order(market.offer(500))
    assert order.net_minor == 50_000
    assert not PriceReason.objects.exists()


def test_terms_seen_before_the_discount_ended_are_refused_with_what_changed(
    market: Market,
) -> None:
    tier = grant(market)
    offer = market.offer(500)
    command = a_command(market.buying, offer)
    seller = acting(accounts.owner_of(market.seller), market.seller)
    discount_tiers.end(actor=seller, tier_id=tier.public_id, now=DAY)
    with pytest.raises(TermsChanged) as refused:
        checkout.checkout(command, actor=market.buying, now=DAY)
    changes = {row["field"] for row in refused.value.facts["changes"]}  # type: ignore[attr-defined]
    assert "price.net_minor" in changes


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "90.01"}, "percent"),
        ({"name": " "}, "name"),
        ({"words": ""}, "words"),
    ],
)
def test_a_discount_without_measure_or_reason_is_refused(
    market: Market, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(TierRefused) as refused:
        grant(market, **wrong)
    assert refused.value.facts["field"] == field


def test_a_buyer_has_one_tier_and_is_somebody_else(market: Market) -> None:
    grant(market)
    with pytest.raises(TierExists):
        grant(market, "20")
    with pytest.raises(TierRefused):
        grant(market, buyer_id=market.seller.public_id)
    with pytest.raises(NotFound):
        grant(market, buyer_id="org_unknown")
    with pytest.raises(IntegrityError), transaction.atomic():
        DiscountTier.objects.update(percent=Decimal("95.00"))


def test_a_tier_is_granted_by_the_sellers_people_and_ended_by_them_alone(market: Market) -> None:
    tier = grant(market)
    with pytest.raises(NotAllowed):
        discount_tiers.end(actor=market.buying, tier_id=tier.public_id, now=DAY)
    rival = accounts.an_organisation(name="Rival")
    with pytest.raises(NotAllowed):
        discount_tiers.end(
            actor=acting(accounts.owner_of(rival), rival), tier_id=tier.public_id, now=DAY
        )


def test_the_page_grants_lists_and_ends(market: Market) -> None:
    seller: Client = browser(accounts.owner_of(market.seller), market.seller)
    assert "No discounts yet" in shown(seller, "/discount-tiers/")
    form = {
        "buyer": market.buyer.public_id, "name": "Gold", "percent": "12.5",
        "ground": "real_need", "words": "Buys for the whole city.",
    }  # fmt: skip
    assert seller.post("/discount-tiers/", form).status_code == 302
    page = shown(seller, "/discount-tiers/")
    assert "City Gas" in page
    assert "12.5 %" in page
    refused = seller.post("/discount-tiers/", {**form, "buyer": "org_nobody"})
    assert refused.status_code == 422
    offer = market.offer(500)
    buyer = browser(market.agent, market.buyer)
    assert "Discount" in shown(buyer, f"/offers/{offer.public_id}/buy/")
    tier = DiscountTier.objects.get()
    assert seller.post(f"/discount-tiers/{tier.public_id}/end/").status_code == 302
    assert DiscountTier.objects.get().ended_at is not None
