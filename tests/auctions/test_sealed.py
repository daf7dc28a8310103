"""Sealed bids: envelopes, commitments, reveals, and every mechanism from bid to order."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from exchange.auctions import envelopes, sealing
from exchange.auctions.errors import (
    AuctionEnded,
    BidExists,
    BidRefused,
    CommitmentDiffers,
    NothingToReveal,
    NotWithdrawable,
)
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction, Award, Bid, Evidence
from exchange.auctions.results import demand_curve, history
from exchange.journeys import awards
from exchange.orders.models import Order
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState
from tests.architecture.lock_order import Recorder
from tests.factories.auctions import END, House, clock_at
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound

PROJECT = Path(__file__).resolve().parents[2]
NONCE = "0f" * 16


def paid(auction: Auction) -> dict[str, tuple[int, int]]:
    """What each winner got and pays."""
    found = Award.objects.filter(auction=auction).select_related("bidder")
    return {one.bidder.name: (one.quantity, one.payment_minor) for one in found}


@pytest.mark.parametrize(
    ("kind", "terms", "expected"),
    [
        (Kind.FIRST_PRICE, {}, {"ann": (1, 10_000)}),
        (Kind.SECOND_PRICE, {}, {"ann": (1, 9_000)}),
        (Kind.UNIFORM_PRICE, {"quantity": 2}, {"ann": (1, 7_000), "ben": (1, 7_000)}),
        (Kind.DISCRIMINATORY, {"quantity": 2}, {"ann": (1, 10_000), "ben": (1, 9_000)}),
        (Kind.MULTIUNIT_VICKREY, {"quantity": 2}, {"ann": (1, 7_000), "ben": (1, 7_000)}),
        (Kind.CLINCHING, {"quantity": 2}, {"ann": (1, 7_000), "ben": (1, 7_000)}),
        (Kind.BOOK_BUILDING, {"quantity": 2}, {"ann": (1, 9_000), "ben": (1, 9_000)}),
        (
            Kind.OPTIMAL_SINGLE_PRICE,
            {},
            {"ann": (1, 7_000), "ben": (1, 7_000), "cem": (1, 7_000)},
        ),
    ],
)
def test_each_mechanism_awards_what_the_library_says(
    house: House, kind: Kind, terms: dict[str, Any], expected: dict[str, tuple[int, int]]
) -> None:
    auction = house.auction(kind, **terms)
    for name, price in (("ann", 10_000), ("ben", 9_000), ("cem", 7_000)):
        house.seal(name, auction, {"price": price})
    assert house.close(auction).state == AuctionState.AWARDED
    assert paid(auction) == expected
    assert Order.objects.count() == len(expected)
    assert books_are_sound()


def test_the_bids_decide_how_exclusive_the_licence_is(house: House) -> None:
    auction = house.auction(Kind.LICENCES, quantity=3)
    for name, values in (
        ("a", [4000, 4000, 4000]), ("b", [3500, 3500, 3500]), ("c", [3000, 3000, 3000]),
        ("sole", [9000]),
    ):  # fmt: skip
        house.seal(name, auction, {"values": values})
    house.close(auction)
    assert paid(auction) == {"a": (1, 3500), "b": (1, 3000), "c": (1, 2500)}


def test_budgets_are_spent_at_one_price(house: House) -> None:
    auction = house.auction(Kind.BUDGET_UNIFORM_PRICE, quantity=10, reserve_minor=100)
    house.seal("ann", auction, {"spend": "2000", "quantity": "10"})
    house.seal("ben", auction, {"spend": "1000", "quantity": "10"})
    house.close(auction)
    assert sum(amount for _units, amount in paid(auction).values()) <= 3000
    assert paid(auction)["ann"][1] == 2000


def test_the_lottery_is_committed_to_before_and_shown_after(house: House) -> None:
    auction = house.auction(Kind.RANDOM_SAMPLING)
    committed = auction.options["commitment"]
    for name in ("ann", "ben", "cem", "dan"):
        house.seal(name, auction, {"price": 5_000})
    house.close(auction)
    document = json.loads(bytes(Evidence.objects.get().document))
    assert document["auction"]["terms"]["commitment"] == committed
    assert sealing.open_text(auction.seed) == document["seed"]


def test_nobody_reads_a_sealed_bid_before_the_close(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    house.seal("ann", auction, {"price": 7_654_321})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM auctions_bid")
        stored = [bytes(v) if isinstance(v, memoryview) else v for v in cursor.fetchone()]
        cursor.execute("SELECT string_agg(convert_from(canonical, 'UTF8'), '') FROM audit_record")
        logged = str(cursor.fetchone()[0])
    assert all(b"7654321" not in value for value in stored if isinstance(value, bytes))
    assert "7654321" not in logged
    [shown] = history(auction, organisation_id=house.organisation("ben").pk, is_party=True)
    assert (shown.amount_minor, shown.price_minor, shown.name) == (None, None, None)
    assert shown.commitment in logged


def test_an_envelope_opens_only_in_its_auction_and_for_its_bidder(house: House) -> None:
    auction, other = house.auction(Kind.FIRST_PRICE), house.auction(Kind.FIRST_PRICE)
    sealer = sealing.Sealer(auction_id=auction.public_id, sealed_key=auction.sealed_key)
    envelope = sealer.seal(bidder="org_a", rows=[{"price": 5}], nonce=NONCE)
    assert sealer.open(envelope, bidder="org_a") == ([{"price": 5}], NONCE)
    assert sealer.open(envelope, bidder="org_b") is None
    assert sealer.open(envelope[:-1] + bytes([envelope[-1] ^ 1]), bidder="org_a") is None
    elsewhere = sealing.Sealer(auction_id=other.public_id, sealed_key=other.sealed_key)
    assert elsewhere.open(envelope, bidder="org_a") is None


def test_a_commitment_that_the_bid_does_not_give_is_refused(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    with pytest.raises(CommitmentDiffers):
        house.seal("ann", auction, {"price": 5_000}, nonce=NONCE, commitment="sha256:" + "0" * 64)
    assert Bid.objects.count() == 0
    receipt = house.seal("ann", auction, {"price": 5_000}, nonce=NONCE)
    expected = sealing.commitment(
        auction_id=auction.public_id,
        bidder=house.organisation("ann").public_id,
        rows=[{"price": 5_000, "quantity": 1}],
        nonce=NONCE,
    )
    assert receipt.bid.commitment == expected


def test_one_sealed_bid_until_it_is_withdrawn(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    house.seal("ann", auction, {"price": 5_000})
    with pytest.raises(BidExists):
        house.seal("ann", auction, {"price": 6_000})
    withdrawn = envelopes.withdraw(
        auction.public_id, actor=house.buyer("ann"), reason="A slip.", now=DAY
    )
    assert withdrawn.withdrawal_reason == "A slip."
    house.seal("ann", auction, {"price": 6_000})
    house.close(auction)
    assert paid(auction) == {"ann": (1, 6_000)}


def test_after_the_close_and_in_the_open_bids_stand(house: House) -> None:
    live, sealed = house.auction(), house.auction(Kind.FIRST_PRICE)
    house.bid("ann", live, 20_000)
    with pytest.raises(NotWithdrawable):
        envelopes.withdraw(live.public_id, actor=house.buyer("ann"), reason="No.", now=DAY)
    house.seal("ann", sealed, {"price": 5_000})
    with clock_at(END), pytest.raises(AuctionEnded):
        envelopes.withdraw(sealed.public_id, actor=house.buyer("ann"), reason="No.", now=DAY)
    assert Bid.objects.filter(withdrawn_at__isnull=False).count() == 0


def _kept(house: House, auction: Auction, name: str, price: int) -> None:
    """A bid of which only the commitment is placed."""
    house.seal(
        name,
        auction,
        commitment=sealing.commitment(
            auction_id=auction.public_id,
            bidder=house.organisation(name).public_id,
            rows=[{"price": price, "quantity": 1}],
            nonce=NONCE,
        ),
    )


def _reveal(house: House, auction: Auction, name: str, price: int) -> None:
    envelopes.reveal(
        auction.public_id, actor=house.buyer(name), rows=[{"price": price}], nonce=NONCE, now=END
    )


def test_a_reveal_must_match_and_who_does_not_reveal_loses_the_deposit(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE, reveal_seconds=600, deposit_minor=1_000)
    _kept(house, auction, "ann", 9_000)
    _kept(house, auction, "ben", 8_000)
    with pytest.raises(NothingToReveal):
        _reveal(house, auction, "ann", 9_000)
    assert house.close(auction).state == AuctionState.REVEALING
    with clock_at(END + timedelta(minutes=1)):
        with pytest.raises(CommitmentDiffers):
            _reveal(house, auction, "ben", 9_500)
        _reveal(house, auction, "ben", 8_000)
        with pytest.raises(NothingToReveal):
            _reveal(house, auction, "ben", 8_000)
    with clock_at(END + timedelta(minutes=10)), pytest.raises(NothingToReveal):
        _reveal(house, auction, "ann", 9_000)
    assert house.close(auction, at=END + timedelta(minutes=10)).state == AuctionState.AWARDED
    assert paid(auction) == {"ben": (1, 8_000)}
    [void] = Evidence.objects.get().voids
    assert void["why"] == "not_revealed"
    lost = deposits.deposit_of(auction.basis, house.organisation("ann").pk)
    assert lost is not None
    assert lost.state == DepositState.FORFEITED
    assert books_are_sound()


def test_a_winner_who_pays_nothing_has_its_deposit_back_without_the_lock_of_the_auction(
    house: House,
) -> None:
    """Who registers holds the accounts of the deposits, and waits for the auction."""
    auction = house.auction(Kind.SECOND_PRICE, deposit_minor=1_000)
    house.seal("ann", auction, {"price": 9_000})
    locks = Recorder()
    with locks.watching():
        house.close(auction)
    assert paid(auction) == {"ann": (1, 0)}
    held = deposits.deposit_of(auction.basis, house.organisation("ann").pk)
    assert held is not None
    assert held.state == DepositState.RELEASED
    waits = {(one.held.table, one.wanted.table) for one in locks.edges}
    assert ("payments_deposit", "ledger_account") in waits
    assert ("auctions_auction", "ledger_account") not in waits
    assert books_are_sound()


def test_a_bid_that_was_exchanged_in_the_database_is_void(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    house.seal("ann", auction, {"price": 5_000})
    house.seal("ben", auction, {"price": 4_000})
    sealer = sealing.Sealer(auction_id=auction.public_id, sealed_key=auction.sealed_key)
    name = house.organisation("ann").public_id
    forged = sealer.seal(bidder=name, rows=[{"price": 9, "quantity": 1}], nonce=NONCE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE auctions_bid SET envelope = %s WHERE bidder_id = %s",
            [forged, house.organisation("ann").pk],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    house.close(auction)
    assert paid(auction) == {"ben": (1, 4_000)}
    assert [void["why"] for void in Evidence.objects.get().voids] == ["commitment_differs"]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Kind.FIRST_PRICE, [{"price": 0}]),
        (Kind.FIRST_PRICE, [{"price": 5}, {"price": 6}]),
        (Kind.FIRST_PRICE, [{"price": 5, "colour": "red"}]),
        (Kind.FIRST_PRICE, [{"price": 10**16}]),
        (Kind.LICENCES, [{"values": "many"}]),
    ],
)
def test_a_bid_of_the_wrong_form_is_refused(
    house: House, kind: Kind, rows: list[dict[str, Any]]
) -> None:
    auction = house.auction(kind)
    with pytest.raises(BidRefused):
        house.seal("ann", auction, *rows)
    assert Bid.objects.count() == 0


def test_the_evidence_is_cleared_again_outside_to_the_same_outcome(
    house: House, tmp_path: Path
) -> None:
    auction = house.auction(Kind.SECOND_PRICE, reserve_minor=5_000)
    house.seal("ann", auction, {"price": 10_000})
    house.seal("ben", auction, {"price": 9_000})
    house.close(auction)
    file = tmp_path / "evidence.json"
    file.write_bytes(bytes(Evidence.objects.get().document))
    words = [sys.executable, "-m", "pricing", "clear"]
    said = subprocess.run([*words, file], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "Cleared again: the same bytes." in said.stdout
    forged = json.loads(file.read_bytes())
    forged["outcome"]["price"] = 1
    file.write_text(json.dumps(forged))
    refused = subprocess.run([*words, file], cwd=PROJECT, capture_output=True, check=False)
    assert refused.returncode == 2


def test_without_bids_nothing_is_sold(house: House) -> None:
    auction = house.auction(Kind.FIRST_PRICE)
    assert house.close(auction).state == AuctionState.FAILED
    assert awards.run_due(now=END) == 0
    assert Evidence.objects.count() == 0


def test_the_demand_curve_shows_where_it_cleared(house: House) -> None:
    auction = house.auction(Kind.UNIFORM_PRICE, quantity=3)
    house.seal("ann", auction, {"price": 10_000, "quantity": 2}, {"price": 4_000})
    house.seal("ben", auction, {"price": 9_000})
    assert demand_curve(auction) is None
    house.close(auction)
    curve = demand_curve(auction)
    assert curve is not None
    assert curve.points == [(10_000, 2), (9_000, 3), (4_000, 4)]
    assert (curve.price_minor, curve.sold, curve.supply) == (4_000, 3, 3)
