"""Lists paged by key: a page begins below the last key of the one before, however long the list is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

KEY_DIGITS_MAX = 18

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class KeyPage(Generic[Row]):
    """One page, newest first, with the ways to the newest and to the older; empty where there is
    nothing more."""

    rows: tuple[Row, ...]
    newest_url: str
    older_url: str


def key_page(request: HttpRequest, rows: QuerySet[Row], *, size: int) -> KeyPage[Row]:
    """The page of `rows`, by falling primary key, below `?before=`."""
    before = key_from(request.GET.get("before", ""))
    below = rows if before is None else rows.filter(pk__lt=before)
    found = list(below.order_by("-pk")[: size + 1])
    shown = tuple(found[:size])
    return KeyPage(
        rows=shown,
        newest_url=request.path if before is not None else "",
        older_url=f"{request.path}?before={shown[-1].pk}" if len(found) > size else "",
    )


def key_from(text: str) -> int | None:
    """A key of the list; anything else begins the list anew."""
    fits = text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS_MAX
    return int(text) if fits else None
