"""Slow twins of the pricing library, written from definitions: enumeration and exact fractions.

Each module holds the twins of one part of `pricing` and its `COMPARISONS`. A twin imports nothing of the
library but its plain values (bids, plans, refusals), so that an error is not made twice. All of this
runs without Django and without a test runner: `python -m pricing selfcheck` uses it too.
"""
