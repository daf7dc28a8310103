"""Watches, saved searches, reviews and demands as pages and flows read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import DemandState
from exchange.catalog.models import Demand, Product, Review, SavedSearch, SearchEntry, Watch
from exchange.catalog.search import finding_sql
from exchange.core.refusals import NotFound

REVIEWS_MAX = 50
FITTING_BATCH = 1000


@dataclass(frozen=True)
class Opinion:
    """The reviews of a product in figures. `stars` is the mean, None where there is none."""

    count: int
    stars: float | None


def demand_named(public_id: str) -> Demand:
    """The request of an address. Raises NotFound."""
    found = Demand.objects.select_related("organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such request for data."))
    return found


def open_demands(*, before: int | None = None, limit: int) -> list[Demand]:
    """The board, newest first."""
    rows = (
        Demand.objects.filter(state=DemandState.OPEN)
        .select_related("organisation")
        .annotate(answer_count=Count("answers"))
        .order_by("-id")
    )
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def review_named(public_id: str) -> Review:
    """The review of an address with its product. Raises NotFound."""
    found = Review.objects.select_related("product").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such review."))
    return found


def reviews_of(product: Product) -> list[Review]:
    """The newest reviews."""
    rows = Review.objects.filter(product=product).select_related("organisation")
    return list(rows.order_by("-id")[:REVIEWS_MAX])


def opinion_of(product: Product) -> Opinion:
    """How many reviews, and their mean."""
    figures = Review.objects.filter(product=product).aggregate(
        number=Count("id"), mean=Avg("stars")
    )
    mean = figures["mean"]
    return Opinion(count=figures["number"], stars=None if mean is None else float(mean))


def is_watched(product: Product, *, user_id: int) -> bool:
    """Whether the person follows the product."""
    return Watch.objects.filter(product=product, user_id=user_id).exists()


def cards_watched(user_id: int) -> list[Mapping[str, Any]]:
    """The cards of what a person watches and is listed now, newest watch first."""
    rows = SearchEntry.objects.filter(product__watches__user_id=user_id)
    return list(rows.order_by("-product__watches__id").values_list("card", flat=True))


def titles_unlisted(user_id: int) -> list[Product]:
    """What a person watches and is not listed at the moment."""
    return list(
        Product.objects.filter(watches__user_id=user_id, search_entry=None).order_by("-watches__id")
    )


def searches_of(user_id: int) -> list[SavedSearch]:
    """What a person keeps, newest first."""
    return list(SavedSearch.objects.filter(user_id=user_id).order_by("-id"))


def searches_fitting(product: Product, *, after: int = 0) -> Sequence[SavedSearch]:
    """Saved searches that the product's entry fits, in order of id, the next batch after `after`.

    The database compares the words, this the facets. Empty when there are no more; a batch in which
    no facet fits is passed over.
    """
    facets = set(
        SearchEntry.objects.filter(product=product).values_list("facets", flat=True).first() or ()
    )
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                finding_sql.SEARCHES_FITTING,
                {"product": product.pk, "after": after, "limit": FITTING_BATCH},
            )
            rows = cursor.fetchall()
        fitting = [pk for pk, wanted in rows if fits(wanted, facets)]
        if fitting or len(rows) < FITTING_BATCH:
            return list(
                SavedSearch.objects.filter(pk__in=fitting).select_related("user").order_by("id")
            )
        after = rows[-1][0]


def fits(wanted: Sequence[str], facets: set[str]) -> bool:
    """Whether one value of every wanted facet is there."""
    by_name: dict[str, set[str]] = {}
    for value in wanted:
        by_name.setdefault(value.partition(":")[0], set()).add(value)
    return all(values & facets for values in by_name.values())
