"""Keeping the entry of a product what the product is."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search.entries import entry_of


class Change(StrEnum):
    """What an indexing found that readers may want to know."""

    LISTED = "listed"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"


_FIELDS = [field.name for field in SearchEntry._meta.fields if not field.primary_key]


@transaction.atomic
def index(product: Product, *, at: datetime) -> Change | None:
    """Make the entry anew, or take it away when the product is not listed; say what changed.

    Two indexings of one product queue on its row, so that the later one sees all.
    """
    fresh = (
        Product.objects.select_for_update(of=("self",)).select_related("seller").get(pk=product.pk)
    )
    before = SearchEntry.objects.filter(pk=fresh.pk).values_list("card", flat=True).first()
    entry = entry_of(fresh, at=at)
    if entry is None:
        SearchEntry.objects.filter(pk=fresh.pk).delete()
        return Change.WITHDRAWN if before is not None else None
    SearchEntry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["product"], update_fields=_FIELDS
    )
    if before is None:
        return Change.LISTED
    revision = entry.card["revision"]
    return Change.REVISED if revision and revision != before.get("revision") else None
