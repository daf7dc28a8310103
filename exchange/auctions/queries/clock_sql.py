"""The clock that decides whether a bid is in time, and rows locked before it is read."""

NOW = "clock_timestamp()"
READ = "SELECT {now}"
# The clock is read outside the subquery that locks, so after the wait for the lock is over.
LOCK = """
WITH locked AS MATERIALIZED (
    SELECT * FROM auctions_auction WHERE id = %(auction)s FOR NO KEY UPDATE
)
SELECT locked.*, {now} AS now_at FROM locked
"""
