"""Watching products and keeping searches: a person's own, told to nobody."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.catalog.models import Product, SavedSearch, Watch
from exchange.catalog.models.interest import NAME_CHARS_MAX
from exchange.catalog.search import words
from exchange.catalog.search.wishes import Wish
from exchange.core.refusals import Invalid, NotFound, Refusal

WATCHES_MAX = 500
SEARCHES_MAX = 50


class ListFull(Refusal):
    """The person keeps as many as one may; one must go before another comes."""

    code = "list_full"


class NothingToSave(Invalid):
    """A saved search needs a word or a chosen facet."""

    code = "nothing_to_save"


@transaction.atomic
def watch(*, user_id: int, product: Product, now: datetime) -> Watch:
    """Follow a product. Following it again changes nothing. Raises ListFull."""
    User.objects.select_for_update().get(pk=user_id)
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


@transaction.atomic
def save_search(*, user_id: int, name: str, wish: Wish, now: datetime) -> SavedSearch:
    """Keep a search. The same search again is the one that is kept; its name changes.

    Raises NothingToSave, or ListFull.
    """
    if wish.is_empty:
        raise NothingToSave(
            _("Type a word or choose a filter first; then the search can be saved.")
        )
    User.objects.select_for_update().get(pk=user_id)
    name = " ".join(name.split())[:NAME_CHARS_MAX] or wish.text or _("Saved search")
    kept = SavedSearch.objects.filter(user_id=user_id, text=wish.text, facets=wish.facets).first()
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
        text=wish.text,
        facets=wish.facets,
        terms=words.query(wish.text),
        at=now,
    )


def delete_search(*, user_id: int, search_id: str) -> None:
    """Forget a saved search. Raises NotFound for somebody else's."""
    deleted, _rows = SavedSearch.objects.filter(user_id=user_id, public_id=search_id).delete()
    if not deleted:
        raise NotFound(_("There is no such saved search."))
