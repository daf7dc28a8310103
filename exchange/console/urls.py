"""The console with all its tables and pages; importing them registers them."""

from exchange.console import (
    admissions,
    books,
    calendar,
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
    "log",
    "orders",
    "people",
    "proposals",
    "rules",
    "work",
]
