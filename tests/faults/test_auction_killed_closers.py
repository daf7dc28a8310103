"""A closer that dies at any point leaves an auction that the next one finishes, once."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from exchange.auctions import awards as room_awards
from exchange.auctions import clearing
from exchange.auctions.lifecycle import AUCTION, AuctionState
from exchange.auctions.models import Award, Bid, Evidence
from exchange.journeys import awards
from exchange.orders.models import Order
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState
from exchange.payments.models import Deposit
from tests.factories.auctions import END, House, a_house, clock_at
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound

pytestmark = [
    pytest.mark.fault,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
KILLED = 77
# Where the closer dies: in which module or lifecycle, at which call, before or after it.
POINTS = [
    (AUCTION, "transition", "before"),
    (AUCTION, "transition", "after"),
    (clearing, "open_bids", "after"),
    (clearing, "_keep_evidence", "after"),
    (clearing, "_keep_awards", "after"),
    (clearing, "clear", "after"),
    (awards, "settle", "before"),
    (deposits, "_release_batch", "before"),
    (deposits, "_release_batch", "after"),
    (room_awards, "reserve_offer", "after"),
    (awards, "place_agreed", "after"),
    (awards, "place_order", "after"),
    (awards, "settle", "after"),
]


def dying(call: Callable[..., Any], when: str) -> Callable[..., Any]:
    def wrapped(*given: Any, **named: Any) -> Any:
        if when == "after":
            call(*given, **named)
        os._exit(KILLED)

    return wrapped


def close_and_die(module: Any, name: str, when: str) -> int:
    """Close in a process of its own that dies at the point; its exit code."""
    connections.close_all()  # the child must not share a connection with us
    child = os.fork()
    if child == 0:
        setattr(module, name, dying(getattr(module, name), when))
        awards.run_due(now=END)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize(
    ("module", "name", "when"), POINTS, ids=[f"{when}-{name}" for _m, name, when in POINTS]
)
def test_a_closer_killed_anywhere_loses_no_bid_and_awards_once(
    module: Any, name: str, when: str
) -> None:
    with clock_at(DAY):
        house: House = a_house()
        auction = house.auction(deposit_minor=1_000)
        house.bid("ann", auction, 20_000)
        house.bid("ben", auction, 30_000)
    with clock_at(END):
        assert close_and_die(module, name, when) == KILLED
        awards.run_due(now=END)
    # Who died while it cleared had claimed the auction until a moment.
    later = END + clearing.CLAIM
    with clock_at(later):
        awards.run_due(now=later)
        awards.run_due(now=later)
    auction.refresh_from_db()
    assert auction.state == AuctionState.AWARDED
    assert auction.settled_at is not None
    assert (Bid.objects.count(), Evidence.objects.count()) == (2, 1)
    award, order = Award.objects.get(), Order.objects.get()
    assert (award.bidder.name, award.order) == ("ben", order)
    assert order.net_minor == 20_500
    states = dict(Deposit.objects.values_list("organisation__name", "state"))
    assert states == {"ann": DepositState.RELEASED, "ben": DepositState.APPLIED}
    assert books_are_sound()
