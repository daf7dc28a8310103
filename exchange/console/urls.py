"""The console with all its tables and pages; importing them registers them."""

from exchange.console import (
    admissions,
    asset_sales,
    auctions,
    bank,
    books,
    calendar,
    fairness,
    identities,
    listings,
    log,
    orders,
    payments,
    people,
    proposals,
    rules,
    wallets,
    work,
)
from exchange.console.sites import console

__all__ = [
    "admissions",
    "asset_sales",
    "auctions",
    "bank",
    "books",
    "calendar",
    "console",
    "fairness",
    "identities",
    "listings",
    "log",
    "orders",
    "payments",
    "people",
    "proposals",
    "rules",
    "wallets",
    "work",
]
