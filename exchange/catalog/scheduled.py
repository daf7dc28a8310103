"""What the clock does to offers: those in whose place others have begun end, and the search is made anew of
what has begun or ended, so that cards and the order by price are those of the moment.

Nothing waits for it: what can be bought at which price is a matter of the offers' own dates (`buyable`).
"""

from datetime import datetime

from exchange.catalog.lifecycle import LISTING, OfferState
from exchange.catalog.models import Offer, SearchEntry
from exchange.catalog.offers import end_replaced
from exchange.catalog.search.indexing import index_product
from exchange.core.scheduled import BATCH_MAX, attempts
from exchange.core.use_case import use_case
from exchange.members.actors import system_actor

CLOCK = system_actor("clock")


def run_due(*, now: datetime) -> int:
    """Do what is due, each product in a transaction of its own; return for how many."""
    replaced = Offer.objects.filter(state=OfferState.ACTIVE, replaced_at__lte=now)
    products = list(replaced.order_by("replaced_at").values_list("product_id", flat=True))
    ended = attempts("catalog.offer", _first(products), lambda key: _end_of(key, now=now))
    done = sum(1 for count in ended if count)
    stale = SearchEntry.objects.filter(stale_at__lte=now).order_by("stale_at")
    keys = list(stale.values_list("pk", flat=True)[:BATCH_MAX])
    anew = attempts("catalog.search", keys, lambda key: _made_anew(key, now=now))
    return done + sum(1 for was_stale in anew if was_stale)


def _first(products: list[int]) -> list[int]:
    return list(dict.fromkeys(products))[:BATCH_MAX]


@use_case()
def _end_of(key: int, *, now: datetime) -> int:
    return end_replaced(LISTING.lock_key(key), actor=CLOCK, now=now)


@use_case()
def _made_anew(key: int, *, now: datetime) -> bool:
    """Whether the entry was stale still, once its product is locked."""
    product = LISTING.lock_key(key)
    if not SearchEntry.objects.filter(pk=key, stale_at__lte=now).exists():
        return False
    index_product(product=product)
    return True
