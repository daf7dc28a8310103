"""Which page shows a thing that a notice speaks of."""

from functools import partial

from django.urls import reverse

from exchange.notices import links

PAGES = {
    "demand": "web:demand",
    "order": "web:order",
}


def declare() -> None:
    """Tell the notices where their things are looked at."""
    for thing, page in PAGES.items():
        links.declare(thing, partial(_path, page))


def _path(page: str, public_id: str) -> str:
    return reverse(page, args=[public_id])
