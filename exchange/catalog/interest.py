"""Watching products and keeping searches: a person's own, told to nobody but them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.catalog.models import Product, SavedSearch, SearchEntry, Watch
from exchange.catalog.models.interest import NAME_CHARS_MAX
from exchange.catalog.search import finding, synonyms
from exchange.catalog.search.indexing import Change
from exchange.catalog.search.requests import LOCAL, PRICE, PriceRange, SearchRequest
from exchange.core import clock
from exchange.core.outbox import Lease
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.notices import notify
from exchange.notices.notify import tell
from pricing.money import Money

WATCHES_MAX = 500
SEARCHES_MAX = 50
FITTING_BATCH = 1000


class ListFull(Refusal):
    """The person keeps as many as one may; one must go before another comes."""

    code = "list_full"


class NothingToSave(Invalid):
    """A saved search needs a word or a chosen facet."""

    code = "nothing_to_save"


@use_case()
def watch(*, user_id: int, product: Product, now: datetime) -> Watch:
    """Follow a product. Following it again changes nothing. Raises ListFull."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    kept = Watch.objects.filter(user_id=user_id, product=product).first()
    if kept is not None:
        return kept
    if Watch.objects.filter(user_id=user_id).count() >= WATCHES_MAX:
        raise ListFull(
            _("You watch %(limit)d products already. Take one off your list first.")
            % {"limit": WATCHES_MAX},
            limit=WATCHES_MAX,
        )
    return Watch.objects.create(user_id=user_id, product=product, at=now)


def unwatch(*, user_id: int, product: Product) -> None:
    """No longer follow it."""
    Watch.objects.filter(user_id=user_id, product=product).delete()


@use_case()
def save_search(*, user_id: int, name: str, command: SearchRequest, now: datetime) -> SavedSearch:
    """Keep a search. The same search again is the one that is kept; its name changes.

    Raises NothingToSave, or ListFull.
    """
    if command.is_empty:
        raise NothingToSave(
            _("Type a word or choose a filter first; then the search can be saved.")
        )
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    name = " ".join(name.split())[:NAME_CHARS_MAX] or command.text or _("Saved search")
    kept = SavedSearch.objects.filter(
        user_id=user_id, text=command.text, facets=command.facets
    ).first()
    if kept is not None:
        kept.name = name
        kept.save(update_fields=["name"])
        return kept
    if SavedSearch.objects.filter(user_id=user_id).count() >= SEARCHES_MAX:
        raise ListFull(
            _("You keep %(limit)d searches already. Delete one first.") % {"limit": SEARCHES_MAX},
            limit=SEARCHES_MAX,
        )
    return SavedSearch.objects.create(
        user_id=user_id,
        name=name[:NAME_CHARS_MAX],
        text=command.text,
        facets=command.facets,
        terms=synonyms.query(command.text),
        at=now,
    )


def delete_search(*, user_id: int, search_id: str) -> None:
    """Forget a saved search. Raises NotFound for somebody else's."""
    deleted, _rows = SavedSearch.objects.filter(user_id=user_id, public_id=search_id).delete()
    if not deleted:
        raise NotFound(_("There is no such saved search."))


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
    entry = SearchEntry.objects.filter(product=product).first()
    if entry is None:
        return ()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                finding.SEARCHES_FITTING,
                {"product": product.pk, "after": after, "limit": FITTING_BATCH},
            )
            rows = cursor.fetchall()
        fitting = [pk for pk, wanted in rows if fits(wanted, entry)]
        if fitting or len(rows) < FITTING_BATCH:
            return list(
                SavedSearch.objects.filter(pk__in=fitting).select_related("user").order_by("id")
            )
        after = rows[-1][0]


def fits(wanted: Sequence[str], entry: SearchEntry) -> bool:
    """Whether the entry has one value of every wanted facet, and what else a saved search keeps."""
    facets = {*entry.facets, *([LOCAL] if entry.is_local else [])}
    by_name: dict[str, set[str]] = {}
    for value in wanted:
        by_name.setdefault(value.partition(":")[0], set()).add(value)
    prices = [PriceRange.read(value) for value in by_name.pop(PRICE, ())]
    return all(values & facets for values in by_name.values()) and all(
        price.holds(entry.price_order, facets) for price in prices
    )


def notify_of_change(lease: Lease) -> None:
    """What the indexing of a product found, to all whom it concerns, each once."""
    product = Product.objects.get(public_id=lease.payload["product"])
    change = Change(lease.payload["change"])
    if change is Change.LISTED:
        _tell_searchers(product)
    _tell_watchers(product, change, event=lease.key)


def _tell_searchers(product: Product) -> None:
    after = 0
    while batch := searches_fitting(product, after=after):
        for saved in batch:
            tell(
                user_ids=[saved.user_id],
                kind="catalog.search.matched",
                facts={"product": product, "search": saved.name},
                url=notify.path("product", product.public_id),
                dedupe=f"search:{saved.public_id}:{product.public_id}",
                now=clock.now(),
            )
        after = batch[-1].pk


def _tell_watchers(product: Product, change: Change, *, event: str) -> None:
    kind, facts = _in_notice(product, change)
    tell(
        user_ids=Watch.objects.filter(product=product).values_list("user_id", flat=True),
        kind=kind,
        facts={"product": product, **facts},
        url=notify.path(
            "watchlist" if change is Change.WITHDRAWN else "product", product.public_id
        ),
        dedupe=f"watch:{product.public_id}:{event}",
        now=clock.now(),
    )


def _in_notice(product: Product, change: Change) -> tuple[str, dict[str, object]]:
    """The kind of notice about a change, and what it says of it beside the product."""
    if change is Change.REVISED:
        number = product.revisions.order_by("-number").values_list("number", flat=True).first()
        if number is not None:
            return "catalog.product.revised", {"revision": number}
    if change is Change.PRICED:
        card = SearchEntry.objects.filter(product=product).values_list("card", flat=True).first()
        if card is not None and card["price_minor"] is not None:
            price = Money(card["price_minor"], card["currency"])
            return "catalog.product.priced", {"price": price}
    return "catalog.product.changed", {}
