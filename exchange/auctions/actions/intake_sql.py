"""One statement that writes a bid and how its auction stands after it."""

from django.db import connection

from exchange.auctions.models import Auction, Bid

WRITE = """
WITH written AS (
    INSERT INTO auctions_bid (
        public_id, auction_id, bidder_id, by_id, actor, seq, received_at, clock_micros,
        amount_minor, quantity, price_after_minor, commitment, envelope, record_id,
        withdrawal_reason
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')
    RETURNING id
), stands AS (
    UPDATE auctions_auction SET
        leader_id = %s, top_minor = %s, second_minor = %s, price_minor = %s, taken = %s,
        bids_count = %s, last_bid_at = %s, closes_at = %s, version = %s
    WHERE id = %s
)
SELECT id FROM written
"""


def write(bid: Bid, auction: Auction) -> None:
    """Write the bid, and of the locked auction what a bid may change."""
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            [
                bid.public_id, auction.pk, bid.bidder_id, bid.by_id, bid.actor, bid.seq,
                bid.received_at, bid.clock_micros, bid.amount_minor, bid.quantity,
                bid.price_after_minor, bid.commitment,
                None if bid.envelope is None else bytes(bid.envelope), bid.record_id,
                auction.leader_id, auction.top_minor, auction.second_minor, auction.price_minor,
                auction.taken, auction.bids_count, auction.last_bid_at, auction.closes_at,
                auction.version, auction.pk,
            ],
        )  # fmt: skip
        bid.pk = cursor.fetchone()[0]
