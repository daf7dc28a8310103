"""Envelopes and commitments hold for every bid; no other bid gives the same commitment."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exchange.auctions import sealing
from exchange.auctions.requests import worth_of
from exchange.core.inputs import AMOUNT_MINOR_MAX

PRICES = st.integers(min_value=1, max_value=AMOUNT_MINOR_MAX)
UNITS = st.fixed_dictionaries({"price": PRICES, "quantity": st.integers(1, 1000)})
ROWS = st.lists(UNITS, min_size=1, max_size=5)
NAMES = st.text(alphabet="abcdefghjkmnpqrstvwxyz0123456789_", min_size=1, max_size=31)
NONCES = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)
KEY = sealing.new_key()


@given(rows=ROWS, bidder=NAMES, other=NAMES, nonce=NONCES)
def test_what_was_sealed_opens_for_its_bidder_alone(
    rows: list[dict[str, Any]], bidder: str, other: str, nonce: str
) -> None:
    sealer = sealing.Sealer(auction_id="auc_1", sealed_key=KEY)
    envelope = sealer.seal(bidder=bidder, rows=rows, nonce=nonce)
    assert sealer.open(envelope, bidder=bidder) == (rows, nonce)
    if other != bidder:
        assert sealer.open(envelope, bidder=other) is None


@given(rows=ROWS, other=ROWS, bidder=NAMES, nonce=NONCES)
def test_another_bid_gives_another_commitment(
    rows: list[dict[str, Any]], other: list[dict[str, Any]], bidder: str, nonce: str
) -> None:
    def of(content: list[dict[str, Any]], auction: str = "auc_1") -> str:
        return sealing.commitment(auction_id=auction, bidder=bidder, rows=content, nonce=nonce)

    assert of(rows) == of([dict(reversed(row.items())) for row in rows])
    assert of(rows) != of(rows, "auc_2")
    assert (of(rows) == of(other)) == (rows == other)


@given(rows=ROWS)
def test_the_worth_of_a_bid_is_the_most_that_it_can_cost(rows: list[dict[str, Any]]) -> None:
    assert worth_of(rows) == sum(row["price"] * row["quantity"] for row in rows)
    assert worth_of([*rows, {"price": 1}]) == worth_of(rows) + 1
