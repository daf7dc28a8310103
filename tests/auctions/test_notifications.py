"""Who hears of bids and awards: each once."""

from datetime import timedelta

import pytest

from exchange.auctions.models import Auction
from exchange.auctions.notifications import notify_outbid
from exchange.journeys import awards
from tests.factories.auctions import END, a_house, clock_at
from tests.factories.notices import told
from tests.factories.orders import DAY

pytestmark = pytest.mark.django_db


def test_who_is_outbid_hears_once_of_each_of_its_bids_and_the_winner_of_its_award() -> None:
    house = a_house()
    with clock_at(DAY):
        auction = house.auction()
        house.bid("ann", auction, 20_000)
        assert notify_outbid(now=DAY) == 1
        assert told("auctions.bid.outbid") == []
        house.bid("ben", auction, 30_000)
        assert [notify_outbid(now=DAY), notify_outbid(now=DAY)] == [1, 0]
        assert told("auctions.bid.outbid") == ["ann"]
        house.bid("ann", auction, 40_000)
        house.bid("ben", auction, 41_000)
        notify_outbid(now=DAY)
    assert told("auctions.bid.outbid") == ["ann", "ann"]
    assert Auction.objects.get().told_version == Auction.objects.get().version
    with clock_at(END + timedelta(hours=1)):
        awards.run_due(now=END + timedelta(hours=1))
    assert told("auctions.award.won") == ["ben"]
