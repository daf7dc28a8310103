"""A suspension at the same moment as an act that binds: either the act came first and is stopped where it
runs, or it is refused; never a deadlock, and nothing new afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from exchange.auctions.lifecycle import AuctionState
from exchange.auctions.models import Auction, Bid
from exchange.journeys import checkout
from exchange.members import proposals
from exchange.members.actors import system_actor
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import Admission, Proposal
from exchange.orders.models import Order
from exchange.payments import payouts
from exchange.payments.models import Payout
from tests.factories import auctions, members, orders, payments
from tests.factories.auctions import clock_at
from tests.factories.members import Exchange
from tests.factories.orders import DAY
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def proposed(exchange: Exchange, held: Admission) -> Proposal:
    return proposals.propose(
        held.public_id, transition=AdmissionTransition.SUSPEND, actor=exchange.proposer,
        reason="A grave breach.", now=DAY,
    )  # fmt: skip


def approving(exchange: Exchange, proposal: Proposal) -> Callable[[], object]:
    actor = exchange.approver
    return lambda: proposals.approve(proposal.public_id, actor=actor, now=DAY)


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
