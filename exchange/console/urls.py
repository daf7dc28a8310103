"""The console with all its tables and pages; importing them registers them."""

from exchange.console import (
    admissions,
    books,
    calendar,
    listings,
    log,
    orders,
    people,
    proposals,
    rules,
    work,
)
from exchange.console.sites import console

__all__ = [
    "admissions",
    "books",
    "calendar",
    "console",
    "listings",
    "log",
    "orders",
    "people",
    "proposals",
    "rules",
    "work",
]
