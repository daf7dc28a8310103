"""Bidding at the same moment: the lock and the clock decide, nothing is lost, nothing is won twice."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from exchange.auctions import access, bidding, scheduling
from exchange.auctions.errors import BidTooLow
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.mechanism import english_terms
from exchange.auctions.models import Auction, AuctionStep, Award, Bid, Bidder, Evidence
from exchange.auctions.requests import BidRequest
from exchange.journeys import awards, checkout
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.orders import licence_windows
from exchange.orders.models import LicenceWindow, Order
from exchange.orders.terms import terms_document
from exchange.payments.models import Deposit
from pricing.mechanisms.bids import Bid as PricedBid
from pricing.mechanisms.english import english
from tests.factories import accounts, listings
from tests.factories.auctions import END, House, a_house, clock_at
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, a_command
from tests.factories.payments import books_are_sound
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
BIDDERS = 8


@pytest.fixture
def house() -> Iterator[House]:
    with clock_at(DAY):
        yield a_house()


def bid_by(actor: Actor, auction: Auction, amount_minor: int) -> Callable[[], object]:
    command = BidRequest(currency="CNY", amount_minor=amount_minor)
    return lambda: bidding.place(auction.public_id, command, actor=actor, now=DAY)


def test_eight_bidders_at_once_leave_the_standing_that_their_order_gives(house: House) -> None:
    auction = house.auction(deposit_minor=1_000)
    names = [f"bidder {number}" for number in range(BIDDERS)]
    actors = [house.buyer(name) for name in names]

    def many(actor: Actor, first: int) -> Callable[[], object]:
        def deed() -> None:
            for round_number in range(5):
                try:
                    bid_by(actor, auction, first + 40_000 * round_number)()
                except BidTooLow:
                    continue

        return deed

    came = at_once(*(many(actor, 20_000 + 1_000 * at) for at, actor in enumerate(actors)))
    assert came == ["done"] * BIDDERS
    auction.refresh_from_db()
    taken = list(Bid.objects.filter(auction=auction).order_by("seq"))
    assert [bid.seq for bid in taken] == list(range(1, auction.bids_count + 1))
    assert [bid.received_at for bid in taken] == sorted(bid.received_at for bid in taken)
    registered = len({bid.bidder_id for bid in taken})
    assert Deposit.objects.count() == Bidder.objects.count() == registered
    replayed = english(
        english_terms(auction),
        [
            PricedBid(str(b.bidder_id), b.amount_minor or 0, time=b.clock_micros, seq=b.seq)
            for b in taken
        ],
    )
    assert (replayed.leader, replayed.price, replayed.top) == (
        str(auction.leader_id), auction.price_minor, auction.top_minor,
    )  # fmt: skip
    assert books_are_sound()


def test_two_members_of_one_organisation_at_once_place_one_deposit_and_both_bids_are_ruled(
    house: House,
) -> None:
    auction = house.auction(deposit_minor=1_000)
    first = house.buyer("ann")
    organisation = house.organisation("ann")
    person = accounts.a_member(organisation)
    a_role(organisation, person, Role.BUYER_AGENT)
    second = acting(person, organisation)
    came = at_once(bid_by(first, auction, 30_000), bid_by(second, auction, 30_000))
    assert came == ["bid_below_minimum", "done"]
    assert (Bid.objects.count(), Bidder.objects.count(), Deposit.objects.count()) == (1, 1, 1)


def test_two_members_seal_at_once_and_one_bid_stands(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    house.seal("ben", auction, {"price": 5_000})
    actor = house.buyer("ann")
    command = BidRequest(currency="CNY", rows=({"price": 6_000},))

    def seal() -> object:
        return bidding.place(auction.public_id, command, actor=actor, now=DAY)

    assert at_once(seal, seal) == ["bid_exists", "done"]


def test_two_closers_award_once(house: House) -> None:
    auction = house.auction(deposit_minor=1_000)
    house.bid("ann", auction, 20_000)
    house.bid("ben", auction, 30_000)

    def sweep() -> object:
        return awards.run_due(now=END)

    with clock_at(END):
        assert at_once(sweep, sweep, sweep) == ["done"] * 3
        awards.run_due(now=END)
    assert (Award.objects.count(), Order.objects.count(), Evidence.objects.count()) == (1, 1, 1)
    moves = list(AuctionStep.objects.order_by("number").values_list("transition", flat=True))
    assert moves == ["draft", "schedule", "open", "close", "award"]
    assert books_are_sound()


@pytest.fixture
def real_clock(house: House) -> Iterator[None]:
    """The database's own clock, set after the house's and so taken back before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "NOW", "clock_timestamp()")
        yield


@pytest.mark.usefixtures("real_clock")
def test_a_bid_that_waits_for_the_lock_past_the_end_is_late(house: House) -> None:
    """By the real clock: the bid came in time, but the auction was locked until after the end."""
    opened_at = access.now()
    closes_at = opened_at + timedelta(seconds=2)
    auction = house.auction(opens_at=opened_at, closes_at=closes_at)
    house.bid("ann", auction, 20_000)
    held, waiting = threading.Event(), bid_by(house.buyer("ben"), auction, 30_000)

    def hold() -> None:
        with transaction.atomic():
            access.locked(auction.pk)
            held.set()
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_sleep(extract(epoch FROM %s - clock_timestamp()))",
                    [closes_at + timedelta(milliseconds=1)],
                )

    def bid() -> None:
        held.wait(timeout=20)
        waiting()

    assert at_once(hold, bid) == ["bid_after_close", "done"]
    awards.run_due(now=DAY)
    auction.refresh_from_db()
    assert (auction.bids_count, auction.state) == (1, AuctionState.AWARDED)


def test_a_bid_while_the_auction_closes_is_in_the_evidence_or_refused(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    house.seal("ann", auction, {"price": 5_000})
    actor = house.buyer("ben")
    command = BidRequest(currency="CNY", rows=({"price": 6_000},))
    just_before = END - timedelta(microseconds=1)

    def close() -> object:
        return awards.run_auction(auction.pk, now=END)

    def bid() -> object:
        return bidding.place(auction.public_id, command, actor=actor, now=DAY)

    with clock_at(just_before):
        assert at_once(bid, close) == ["done", "done"]
    with clock_at(END):
        assert at_once(bid, close)[0] in ("bid_after_close", "bid_exists")
    auction.refresh_from_db()
    assert auction.state == AuctionState.AWARDED
    assert Award.objects.get().bidder == house.organisation("ben")


def test_of_an_exclusive_award_and_a_purchase_at_once_one_stands(house: House) -> None:
    auction = house.auction(exclusive=True)
    house.bid("ann", auction, 20_000)
    offer = listings.an_offer(house.product, price_minor=5_000)
    buyer = house.buyer("ben")
    command = a_command(buyer, offer, seen=terms_document(offer=offer, at=END))

    def buy() -> object:
        return checkout.checkout(command, actor=buyer, now=END)

    def close() -> object:
        return awards.run_auction(auction.pk, now=END)

    with clock_at(END):
        came = at_once(buy, close)
    assert came == ["done", "licence_excluded"]
    assert LicenceWindow.objects.filter(freed_at=None).count() == 1
    assert Order.objects.count() == 1


def test_who_writes_a_window_twice_beside_an_exclusive_one_is_no_deadlock(house: House) -> None:
    """The exclusive one waits before it has written anything that the other would then wait for."""
    for name in ("ann", "ben"):
        auction = house.auction()
        house.bid(name, auction, 20_000)
        house.close(auction)
    first, second = Order.objects.order_by("pk")
    for order, days_ago in ((first, 900), (second, 500)):
        start = DAY - timedelta(days=days_ago)
        during = DateTimeTZRange(start, start + timedelta(days=300))
        LicenceWindow.objects.filter(order=order).update(during=during)
    LicenceWindow.objects.filter(order=second).update(exclusive=True)
    has_begun = threading.Event()

    def begin_and_extend() -> None:
        with transaction.atomic():
            licence_windows.begin(order=first, now=END)
            has_begun.set()
            await_a_waiting_lock()
            licence_windows.extend(first, until=END + timedelta(days=10))

    def begin_alone() -> None:
        assert has_begun.wait(timeout=20)
        with transaction.atomic():
            licence_windows.begin(order=second, now=END)

    assert at_once(begin_and_extend, begin_alone) == ["done", "licence_excluded"]
    assert LicenceWindow.objects.get(order=first).during.upper == END + timedelta(days=10)
    assert LicenceWindow.objects.get(order=second).during.upper < DAY


def await_a_waiting_lock() -> None:
    """Until another connection of this database waits for somebody."""
    for _number in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE NOT l.granted AND a.datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("Nobody waits.")


def test_of_an_exclusive_announcement_and_a_purchase_at_once_one_stands(house: House) -> None:
    command = house.command(exclusive=True)
    drafted = scheduling.draft(command, actor=house.selling, now=DAY)
    offer = listings.an_offer(house.product, price_minor=5_000)
    buyer = house.buyer("ben")
    bought = a_command(buyer, offer)

    def buy() -> object:
        return checkout.checkout(bought, actor=buyer, now=DAY)

    def announce() -> object:
        return scheduling.announce(drafted.public_id, actor=house.selling, now=DAY)

    came = at_once(buy, announce)
    assert came in (["auction_refused", "done"], ["done", "licence_excluded"])
    announced = Auction.objects.exclude(state=AuctionState.DRAFT).exists()
    assert Order.objects.exists() is not announced
