"""The entry of a product follows the product; whoever waits for it is told, by outbox."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from accounts.ids import new_id
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import spelling
from exchange.catalog.search.entries import entry_of
from exchange.core import clock, outbox

TOPIC = "catalog.product.indexed"


class Change(StrEnum):
    """What an indexing found that readers may want to know."""

    LISTED = "listed"
    REVISED = "revised"
    PRICED = "priced"
    WITHDRAWN = "withdrawn"


PRICE = ("price_minor", "currency", "period")
_FIELDS = [field.name for field in SearchEntry._meta.fields if not field.primary_key]


@transaction.atomic
def index_product(*, product: Product) -> None:
    """Bring the product's entry up to date, in the transaction of the change.

    Offers begin and end by the clock, so the present decides which of them count. Telling watchers
    and savers of searches is outbox work.
    """
    change = _index(product, at=clock.now())
    if change is not None:
        outbox.emit(
            topic=TOPIC,
            key=new_id("evt"),
            payload={"product": product.public_id, "change": str(change)},
        )


def follow(product: Product) -> None:
    """Bring the search up to date with a product that was ever listed."""
    if product.listed_at is not None or product.state == ListingState.LISTED:
        index_product(product=product)


def _index(product: Product, *, at: datetime) -> Change | None:
    """Make the entry anew, or take it away when the product is not listed; say what changed.

    Two indexings of one product queue on its row, so that the later one sees all.
    """
    rows = Product.objects.select_for_update(of=("self",), no_key=True).select_related("seller")
    fresh = rows.get(pk=product.pk)
    before = SearchEntry.objects.filter(pk=fresh.pk).values_list("card", flat=True).first()
    entry = entry_of(fresh, at=at)
    if entry is None:
        SearchEntry.objects.filter(pk=fresh.pk).delete()
        return Change.WITHDRAWN if before is not None else None
    SearchEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["product"], update_fields=_FIELDS
    )
    spelling.learn(str(entry.text_terms))
    if before is None:
        return Change.LISTED
    revision = entry.card["revision"]
    if revision and revision != before.get("revision"):
        return Change.REVISED
    return Change.PRICED if _has_another_price(before, entry.card) else None


def _has_another_price(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the least that is asked at once was known before and is another now."""
    prices = [[card.get(name) for name in PRICE] for card in (before, after)]
    return None not in (prices[0][0], prices[1][0]) and prices[0] != prices[1]
