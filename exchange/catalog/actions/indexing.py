"""After every change of a listing: the search follows, and whoever waits for it is told."""

from django.db import transaction
from django.utils import timezone

from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.search import indexing
from exchange.core.actions import outbox
from exchange.core.ids import new_id

TOPIC = "catalog.product.indexed"


@transaction.atomic
def index_product(*, product: Product) -> None:
    """Bring the product's entry up to date, in the transaction of the change.

    Offers begin and end by the clock, so the present decides which of them count. Telling watchers
    and savers of searches is outbox work.
    """
    change = indexing.index(product, at=timezone.now())
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
