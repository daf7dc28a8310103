"""Telling those who wait for a product: watchers, and whose saved search it fits. Outbox work."""

from django.urls import reverse
from django.utils import timezone

from exchange.catalog.models import Product, Watch
from exchange.catalog.queries import interest
from exchange.catalog.search.indexing import Change
from exchange.core.actions.outbox import Lease
from exchange.core.titles import Title
from exchange.notices.actions.tell import tell


def tell_of_change(lease: Lease) -> None:
    """What the indexing of a product found, to all whom it concerns, each once."""
    product = Product.objects.get(public_id=lease.payload["product"])
    change = Change(lease.payload["change"])
    if change is Change.LISTED:
        _tell_searchers(product)
    _tell_watchers(product, change, event=lease.key)


def _tell_searchers(product: Product) -> None:
    after = 0
    while batch := interest.searches_fitting(product, after=after):
        for saved in batch:
            tell(
                user_ids=[saved.user_id],
                kind="catalog.search.matched",
                facts={"product": Title.of(product), "search": saved.name},
                url=reverse("web:product", args=[product.public_id]),
                dedupe=f"search:{saved.public_id}:{product.public_id}",
                now=timezone.now(),
            )
        after = batch[-1].pk


def _tell_watchers(product: Product, change: Change, *, event: str) -> None:
    revision = product.revisions.order_by("-number").values_list("number", flat=True).first()
    is_revised = change is Change.REVISED and revision is not None
    tell(
        user_ids=Watch.objects.filter(product=product).values_list("user_id", flat=True),
        kind="catalog.product.revised" if is_revised else "catalog.product.changed",
        facts={"product": Title.of(product), **({"revision": revision} if is_revised else {})},
        url=reverse(
            "web:product" if change is not Change.WITHDRAWN else "web:watchlist",
            args=[product.public_id] if change is not Change.WITHDRAWN else [],
        ),
        dedupe=f"watch:{product.public_id}:{event}",
        now=timezone.now(),
    )
