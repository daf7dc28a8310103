"""The one clock of all auctions: the database's."""

from datetime import datetime

from django.db import connection

from exchange.auctions.models import Auction
from exchange.auctions.queries import clock_sql


def now() -> datetime:
    """What time it is for auctions."""
    with connection.cursor() as cursor:
        cursor.execute(clock_sql.READ.format(now=clock_sql.NOW))
        moment: datetime = cursor.fetchone()[0]
        return moment


def locked(auction_pk: int) -> tuple[Auction, datetime]:
    """The auction, which nobody else moves or bids in until this transaction ends, and what time it
    was once the lock was held."""
    found: Auction = Auction.objects.raw(
        clock_sql.LOCK.format(now=clock_sql.NOW), {"auction": auction_pk}
    )[0]
    moment: datetime = found.now_at  # type: ignore[attr-defined]  # a column of the statement
    return found, moment
