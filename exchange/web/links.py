"""Which page shows a thing that a notice speaks of."""

from functools import partial

from django.urls import reverse

from exchange.notices import notify

PAGES = {
    "announcement": "web:announcement",
    "auction": "web:auction",
    "demand": "web:demand",
    "invitation": "web:invitation",  # by its token
    "negotiation": "web:negotiation",
    "listing": "web:sell_product",
    "metered": "web:usage_meter",
    "order": "web:order",
    "product": "web:product",
}
# Things that are looked at among others, on one page.
LISTS = {
    "payout": "web:payouts",
    "watchlist": "web:watchlist",
}


def declare() -> None:
    """Tell the notices where their things are looked at."""
    for thing, page in PAGES.items():
        notify.declare_page(thing, partial(_path, page))
    for thing, page in LISTS.items():
        notify.declare_page(thing, partial(_list, page))


def _path(page: str, public_id: str) -> str:
    return reverse(page, args=[public_id])


def _list(page: str, _public_id: str) -> str:
    return reverse(page)
