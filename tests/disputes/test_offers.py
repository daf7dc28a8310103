"""Settling a dispute by an offer: made, taken, declined, lapsing, and carried out down to the minor unit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.disputes import offers, opening
from exchange.disputes.models import Dispute
from exchange.disputes.offers import OfferGone, OfferRefused, OffersFull, OfferStands
from exchange.journeys import disputes
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.models import Order
from exchange.payments.models import Refund
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.members import a_role, minutes
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    return market


@pytest.fixture
def dispute(market: Market) -> Dispute:
    """An order of 100 yuan and 6 of tax, disputed for all of it."""
    return opening.open_dispute(
        market.delivered(100).public_id,
        kind="below_quality",
        reason="Gaps.",
        actor=market.buying,
        now=DAY,
    )


def offered(dispute: Dispute, actor: Actor, minor: int = 5_300) -> int:
    made = offers.offer(
        dispute.public_id, actor=actor, refund=Money(minor, "CNY"), reason="Half.", now=DAY
    )
    assert made.offer_number is not None
    return made.offer_number


def test_an_offer_that_is_taken_ends_the_dispute_with_its_amount(
    market: Market, dispute: Dispute
) -> None:
    number = offered(dispute, market.selling)
    standing = Dispute.objects.get()
    assert (standing.state, standing.turn, standing.due_at) == (
        "opened", "respondent", dispute.due_at,
    )  # fmt: skip
    assert Notice.objects.filter(kind="disputes.offer.made", user=market.agent).exists()
    for other in (market.selling, market.exchange.proposer):
        with pytest.raises((NotAllowed, NotFound)):
            disputes.take_offer(dispute.public_id, actor=other, number=number, now=DAY)
    disputes.take_offer(dispute.public_id, actor=market.buying, number=number, now=DAY)
    ended = Dispute.objects.get()
    assert (ended.state, ended.outcome, ended.refund_minor) == ("ended", "part_refunded", 5_300)
    assert (ended.offer_by, ended.offer_minor) == ("", None)
    assert Refund.objects.get().amount_minor == 5_300
    assert Order.objects.get().state == "closed"
    assert money.held(dispute.order) == 0
    with pytest.raises(OfferGone):
        disputes.take_offer(dispute.public_id, actor=market.buying, number=number, now=DAY)


def test_the_buyer_offers_too_and_all_of_it_is_a_refund_in_full(
    market: Market, dispute: Dispute
) -> None:
    number = offered(dispute, market.buying, 10_600)
    with pytest.raises(OfferStands):
        offered(dispute, market.selling, 100)
    disputes.take_offer(dispute.public_id, actor=market.selling, number=number, now=DAY)
    assert Dispute.objects.get().outcome == "refunded"
    assert Order.objects.get().state == "refunded"


def test_an_offer_is_declined_or_lapses_and_another_takes_its_place(
    market: Market, dispute: Dispute
) -> None:
    first = offered(dispute, market.selling)
    offers.decline(dispute.public_id, actor=market.buying, number=first, now=DAY)
    second = offered(dispute, market.selling, 6_000)
    with pytest.raises(OfferGone):  # what was shown was the first
        disputes.take_offer(dispute.public_id, actor=market.buying, number=first, now=DAY)
    until = Dispute.objects.get().offer_until
    assert until is not None
    with pytest.raises(OfferGone):  # whether or not the clock has acted
        disputes.take_offer(dispute.public_id, actor=market.buying, number=second, now=until)
    Dispute.objects.update(due_at=until + timedelta(days=1))
    assert disputes.run_due(now=until) == 1
    assert disputes.run_due(now=until) == 0
    assert Dispute.objects.get().offer_number is None
    assert Order.objects.get().state == "objected"


def test_what_an_offer_may_be(
    market: Market, dispute: Dispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    for refund in (Money(0, "CNY"), Money(10_601, "CNY"), Money(100, "EUR")):
        with pytest.raises(OfferRefused):
            offers.offer(
                dispute.public_id, actor=market.selling, refund=refund, reason="So.", now=DAY
            )
    monkeypatch.setattr(offers, "OFFERS_MAX", 1)
    number = offered(dispute, market.selling)
    offers.decline(dispute.public_id, actor=market.buying, number=number, now=DAY)
    with pytest.raises(OffersFull):
        offered(dispute, market.selling)
    disputes.concede(dispute.public_id, actor=market.selling, now=DAY + minutes(1))
    with pytest.raises(IllegalTransition):
        offered(dispute, market.selling)


def test_a_settlement_is_offered_and_accepted_on_the_page(market: Market) -> None:
    dispute = opening.open_dispute(
        market.delivered(at=timezone.now()).public_id,
        kind="below_quality",
        reason="Gaps.",
        actor=market.buying,
        now=timezone.now(),
    )
    buyer = browser(market.agent, market.buyer)
    seller = browser(owner_of(market.seller), market.seller)
    address = f"/disputes/{dispute.public_id}/"
    assert "Offer a settlement" in shown(seller, address)
    assert seller.post(f"{address}offers/", {"refund": "", "reason": "x"}).status_code == 422
    too_much = seller.post(
        f"{address}offers/", {"kind": "refund", "refund": "106.01", "reason": "x"}
    )
    assert too_much.status_code == 422
    assert "at most" in too_much.content.decode()
    said = {"kind": "refund", "refund": "30.00", "reason": "A third is missing."}
    assert seller.post(f"{address}offers/", said).status_code == 302
    assert "Accept the offer" not in shown(seller, address)
    page = shown(buyer, address)
    assert "Refund to the buyer: CN¥30.00" in page
    assert "A third is missing." in page
    number = Dispute.objects.get().offer_number
    assert buyer.post(f"{address}offers/{number}/accept/").status_code == 302
    assert "The offer is accepted" in shown(buyer, address)
    assert "CN¥30.00" in shown(seller, address)
