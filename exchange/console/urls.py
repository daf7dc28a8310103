"""The console with all its tables and pages; importing them registers them."""

from exchange.console import (
    admissions,
    auctions,
    bank,
    books,
    calendar,
    disposals,
    fairness,
    listings,
    log,
    orders,
    people,
    proposals,
    rules,
    settlement,
    wallets,
    work,
)
from exchange.console.sites import console

__all__ = [
    "admissions",
    "auctions",
    "bank",
    "books",
    "calendar",
    "console",
    "disposals",
    "fairness",
    "listings",
    "log",
    "orders",
    "people",
    "proposals",
    "rules",
    "settlement",
    "wallets",
    "work",
]
