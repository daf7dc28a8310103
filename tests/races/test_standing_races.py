"""A suspension at the same moment as an act that binds: either the act came first and is stopped where it
runs, or it is refused; never a deadlock, and nothing new afterwards."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from exchange.asset_sales import rounds
from exchange.asset_sales.lifecycle import AssetSaleState
from exchange.auctions import moderation, parties, scheduling
from exchange.auctions.lifecycle import AuctionState
from exchange.auctions.models import Auction, Bid
from exchange.catalog import review
from exchange.catalog.lifecycle import ListingState
from exchange.journeys import awards, checkout
from exchange.members import admission, proposals, standing
from exchange.members.actors import system_actor
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import Admission, Proposal
from exchange.orders.models import Order
from exchange.payments import payout_holds, payouts, settlement
from exchange.payments.models import Payout
from tests.factories import auctions, members, orders, payments
from tests.factories.asset_sales import a_state_house
from tests.factories.auctions import clock_at
from tests.factories.catalog import BECAUSE, a_stall
from tests.factories.members import Exchange
from tests.factories.orders import DAY
from tests.payments.test_payouts import sold
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def proposed(
    exchange: Exchange, held: Admission, name: AdmissionTransition = AdmissionTransition.SUSPEND
) -> Proposal:
    return proposals.propose(
        held.public_id, transition=name, actor=exchange.proposer, reason="A grave breach.", now=DAY
    )


def approving(exchange: Exchange, proposal: Proposal) -> Callable[[], object]:
    actor = exchange.approver
    return lambda: proposals.approve(proposal.public_id, actor=actor, now=DAY)


def restricting(exchange: Exchange, held: Admission) -> Callable[[], object]:
    actor = exchange.proposer
    return lambda: admission.restrict(held.public_id, actor=actor, reason="A doubt.", now=DAY)


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_a_checkout_beside_a_suspension_came_before_it_or_is_refused(side: str) -> None:
    market = orders.a_market()
    offer = market.offer(100)
    proposal = proposed(market.exchange, members.newest(getattr(market, side)))
    command = orders.a_command(market.buying, offer, at=DAY)
    actor = market.buying
    outcomes = at_once(
        lambda: checkout.checkout(command, actor=actor, now=DAY),
        approving(market.exchange, proposal),
    )
    assert outcomes in (
        ["done", "done"], ["done", "party_not_in_standing"], ["done", "product_withdrawn"],
    )  # fmt: skip
    assert Order.objects.count() == outcomes.count("done") - 1


@pytest.mark.parametrize("who", ["bidder", "organiser"])
def test_bids_beside_a_suspension_end_or_are_refused(who: str) -> None:
    with clock_at(DAY + timedelta(minutes=1)):
        house = auctions.a_house()
        auction = house.auction()
        house.bid("A", auction, 20_000)
        house.buyer("B")
        organisation = house.seller if who == "organiser" else house.organisation("B")
        proposal = proposed(house.exchange, members.newest(organisation))
        outcomes = at_once(
            lambda: house.bid("B", auction, 50_000),
            lambda: house.bid("A", auction, 60_000),
            approving(house.exchange, proposal),
        )
        assert "done" in outcomes
        assert not any("deadlock" in one for one in outcomes)
        found = Auction.objects.get(pk=auction.pk)
        if who == "organiser":
            assert found.state == AuctionState.PAUSED
        else:
            assert not Bid.objects.filter(bidder=organisation, withdrawn_at=None).exists()
            assert found.leader_id == house.organisation("A").pk


def test_a_payout_run_beside_a_suspension_pays_before_it_or_not_at_all() -> None:
    market = orders.a_market()
    payments.an_account(market)
    proposal = proposed(market.exchange, members.newest(market.seller))
    clock = system_actor("clock")
    outcomes = at_once(
        lambda: payouts.run_payouts(run_date=DAY.date(), currency="CNY", actor=clock, now=DAY),
        approving(market.exchange, proposal),
    )
    assert outcomes == ["done", "done"]
    later = payouts.run_payouts(
        run_date=(DAY + timedelta(days=1)).date(), currency="CNY", actor=clock, now=DAY
    )
    assert later is not None
    assert later.payouts_count == 0
    assert not Payout.objects.filter(run=later).exists()


def test_a_payout_run_beside_a_hold_pays_before_it_or_not_at_all() -> None:
    """What the run promised first is not asked for any more."""
    market = orders.a_market()
    payments.an_account(market)
    sold(market)
    at = DAY + timedelta(days=30)
    settlement.clear_due(actor=system_actor("clock"), now=at)
    cashier = market.exchange.cashier
    outcomes = at_once(
        lambda: payouts.run_payouts(
            run_date=at.date(), currency="CNY", actor=system_actor("clock"), now=at
        ),
        lambda: payout_holds.hold(
            market.seller.public_id, currency="CNY", actor=cashier,
            reason="Its papers are looked at.", now=at,
        ),
    )  # fmt: skip
    assert outcomes == ["done", "done"]
    payments.work()
    assert set(Payout.objects.values_list("state", flat=True)) <= {"refused"}


class Between:
    """Puts a decision on a standing between two statements of an act that is under way: the act stops
    before `function` until the decision is made; for a second where that waits for the act."""

    def __init__(self, patch: pytest.MonkeyPatch, module: object, function: str) -> None:
        self.reached, self.decided = threading.Event(), threading.Event()
        self.acting = threading.local()
        goes_on = getattr(module, function)

        def stopping(*args: Any, **kwargs: Any) -> Any:
            if getattr(self.acting, "is_it", False):
                self.reached.set()
                self.decided.wait(1.0)
            return goes_on(*args, **kwargs)

        patch.setattr(module, function, stopping)

    def play(self, act: Callable[[], object], decide: Callable[[], object]) -> list[str]:
        """What both came to, sorted."""

        def acts() -> None:
            self.acting.is_it = True
            act()

        def decides() -> None:
            assert self.reached.wait(10.0)
            try:
                decide()
            finally:
                self.decided.set()

        return at_once(acts, decides)


def test_an_auction_that_is_resumed_beside_a_restriction_of_its_organiser_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = DAY + timedelta(minutes=1)
    with clock_at(at):
        house = auctions.a_house()
        auction = house.auction()
        awards.run_due(now=at)
        operator = house.exchange.proposer
        moderation.pause(auction.public_id, actor=operator, reason="A look at it.", now=at)
        restrict = restricting(house.exchange, members.newest(house.seller))
        outcomes = Between(monkeypatch, parties, "go_on").play(
            lambda: moderation.resume(auction.public_id, actor=operator, reason="Well.", now=at),
            restrict,
        )
    assert outcomes == ["done", "done"]
    assert Auction.objects.get(pk=auction.pk).state == AuctionState.PAUSED


def test_a_state_asset_sale_that_is_resumed_beside_a_suspension_of_its_seller_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = a_state_house()
    asset_sale = house.filed()
    house.announce(asset_sale, 1_000_000)
    operator = house.exchange.proposer
    rounds.suspend(asset_sale.public_id, actor=operator, reason="A look at it.", now=DAY)
    proposal = proposed(house.exchange, members.newest(asset_sale.seller))
    outcomes = Between(monkeypatch, rounds, "_go_on").play(
        lambda: rounds.resume(asset_sale.public_id, actor=operator, reason="Well.", now=DAY),
        approving(house.exchange, proposal),
    )
    assert outcomes == ["done", "done"]
    asset_sale.refresh_from_db()
    assert asset_sale.state == AssetSaleState.SUSPENDED


def test_a_draft_that_is_announced_while_its_organiser_leaves_ends_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with clock_at(DAY):
        house = auctions.a_house()
        draft = scheduling.draft(house.command(), actor=house.selling, now=DAY)
        selling = house.selling
        leaving = proposed(house.exchange, members.newest(house.seller), AdmissionTransition.EXIT)
        outcomes = Between(monkeypatch, standing, "hold").play(
            lambda: scheduling.announce(draft.public_id, actor=selling, now=DAY),
            approving(house.exchange, leaving),
        )
    assert outcomes == ["done", "done"]
    assert Auction.objects.get(pk=draft.pk).state == AuctionState.CANCELLED


def test_a_listing_that_is_resumed_while_its_seller_leaves_comes_off_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stall = a_stall()
    product, operator = stall.list(), stall.reviewing
    review.suspend(product.public_id, actor=operator, said=BECAUSE, now=DAY)
    leaving = proposed(stall.exchange, members.newest(stall.seller), AdmissionTransition.EXIT)
    outcomes = Between(monkeypatch, standing, "hold").play(
        lambda: review.resume(product.public_id, actor=operator, said=BECAUSE, now=DAY),
        approving(stall.exchange, leaving),
    )
    assert outcomes == ["done", "done"]
    product.refresh_from_db()
    assert product.state == ListingState.DELISTED
