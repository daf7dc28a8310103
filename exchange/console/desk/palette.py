"""What the box of the menu (Ctrl-K) finds beside pages and tables: the seller's own products, the orders that
it sold, and who buys from it."""

from collections.abc import Iterator

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import ngettext
from unfold.dataclasses import SearchResult

from exchange.catalog.models import Product
from exchange.console.desk.site import desk
from exchange.core.inputs import is_shown, plain
from exchange.core.titles import title_of
from exchange.orders.models import Order

SUGGESTED = 8
BUYERS_SUGGESTED = 4
PART_OF_NUMBER_CHARS_MIN = 4


def suggest(request: HttpRequest, text: str) -> Iterator[SearchResult]:
    """The newest few of each kind; by number whole, or by its beginning or end."""
    typed = plain(text)
    if not is_shown(typed):
        return
    yield from _products(request, typed)
    yield from _buyers(request, typed)
    yield from _orders(request, typed)


def _products(request: HttpRequest, typed: str) -> Iterator[SearchResult]:
    meant = _of_number(typed) | Q(title__icontains=typed) | Q(title_zh__icontains=typed)
    table = desk.get_model_admin(Product)
    for row in table.get_queryset(request).filter(meant).order_by("-pk")[:SUGGESTED]:
        yield SearchResult(str(row), row.get_state_display(), table.address(row), "storefront")


def _orders(request: HttpRequest, typed: str) -> Iterator[SearchResult]:
    meant = _of_number(typed) | Q(buyer__name__icontains=typed)
    table = desk.get_model_admin(Order)
    rows = table.get_queryset(request).select_related("buyer").filter(meant)
    for row in rows.order_by("-pk")[:SUGGESTED]:
        said = f"{row.public_id} · {row.buyer.name} · {row.get_state_display()}"
        yield SearchResult(title_of(row), said, table.address(row), "shopping_cart")


def _buyers(request: HttpRequest, typed: str) -> Iterator[SearchResult]:
    """Each leads to its orders."""
    table = desk.get_model_admin(Order)
    rows = table.get_queryset(request).filter(buyer__name__icontains=typed)
    named = rows.order_by().values_list("buyer__name").annotate(count=Count("pk"))
    for name, count in named.order_by("-count", "buyer__name")[:BUYERS_SUGGESTED]:
        said = ngettext("%(count)d order", "%(count)d orders", count) % {"count": count}
        yield SearchResult(name, said, f"{table.address()}?{urlencode({'q': name})}", "group")


def _of_number(typed: str) -> Q:
    whole = Q(public_id=typed)
    if len(typed) < PART_OF_NUMBER_CHARS_MIN or not typed.isascii():
        return whole
    return whole | Q(public_id__startswith=typed) | Q(public_id__endswith=typed)


desk.finder = suggest
