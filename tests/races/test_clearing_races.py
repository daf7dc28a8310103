"""Winners are computed while nobody's lock is held, by one worker at a time, and never lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from exchange.auctions import clearing, scheduled
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction, Award, Evidence
from exchange.auctions.requests import ItemRequest
from exchange.journeys import awards
from pricing.mechanisms import evidence
from tests.factories import listings
from tests.factories.auctions import END, House, a_house, clock_at
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound
from tests.factories.sharing import answered, part, proposed
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
SOON = 20
really_clear = evidence.clear


@pytest.fixture
def house() -> Iterator[House]:
    with clock_at(DAY):
        yield a_house()


def test_who_bids_and_agrees_to_a_part_at_once_does_one_of_them(house: House) -> None:
    auction = house.auction()
    share = part(house.organisation("ann"), "30")
    made = proposed(house.product, "70", share)
    outcomes = at_once(lambda: house.bid("ann", auction, 20_000), lambda: answered(made, [share]))
    assert sorted(outcomes) == ["bidder_related", "done"]


def packages(house: House) -> Auction:
    second = listings.a_listing(seller=house.seller, price_minor=None, title="Flow readings")
    items = [house.product.public_id, second.public_id]
    auction = house.auction(Kind.PACKAGES, items=tuple(map(ItemRequest, items)))
    house.seal("ann", auction, {"items": items, "price": 8_000})
    house.seal("ben", auction, {"items": items[:1], "price": 2_000})
    return auction


def test_no_lock_is_held_while_winners_are_computed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    auction = packages(house)
    computing, go_on, came = threading.Event(), threading.Event(), list[object]()

    def slowly(document: object) -> dict[str, Any]:
        came.append(connection.in_atomic_block)
        computing.set()
        assert go_on.wait(SOON)
        return really_clear(document)

    monkeypatch.setattr(evidence, "clear", slowly)

    def work() -> None:
        try:
            came.append(awards.run_auction(auction.pk, now=END))
        finally:
            connection.close()

    with clock_at(END):
        worker = threading.Thread(target=work)
        worker.start()
        assert computing.wait(SOON)
        with transaction.atomic():
            held = Auction.objects.select_for_update(nowait=True).get(pk=auction.pk)
        assert held.state == AuctionState.CLOSED
        assert held.clearing_until is not None
        assert held.clearing_until > END
        assert auction.pk not in scheduled.due(limit=10)
        assert scheduled.advance(auction.pk, now=END) is False  # a second worker leaves it alone
        go_on.set()
        worker.join(SOON)
    assert came == [False, True]
    auction.refresh_from_db()
    assert (auction.state, auction.clearing_until) == (AuctionState.AWARDED, None)
    assert Evidence.objects.count() == 1
    assert books_are_sound()


def test_a_worker_that_dies_while_computing_is_followed_by_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    auction = packages(house)
    with monkeypatch.context() as patch, clock_at(END):
        patch.setattr(evidence, "clear", lambda _document: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            awards.run_auction(auction.pk, now=END)
        assert auction.pk not in scheduled.due(limit=10)
    later = END + clearing.CLAIM + timedelta(seconds=1)
    with clock_at(later):
        assert auction.pk in scheduled.due(limit=10)
        awards.run_due(now=later)
    auction.refresh_from_db()
    assert auction.state == AuctionState.AWARDED
    assert Award.objects.values("bidder").distinct().count() == 1


def test_who_was_taken_for_dead_and_comes_back_awards_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    auction = packages(house)
    later = END + clearing.CLAIM + timedelta(seconds=1)

    def meanwhile(document: object) -> dict[str, Any]:
        monkeypatch.undo()
        with clock_at(later):
            assert awards.run_auction(auction.pk, now=later)
        return really_clear(document)

    with clock_at(END):
        monkeypatch.setattr(evidence, "clear", meanwhile)
        awards.run_auction(auction.pk, now=END)
    assert Evidence.objects.count() == 1
    auction.refresh_from_db()
    assert auction.state == AuctionState.AWARDED
