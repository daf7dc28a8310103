"""Pages are frozen dataclasses; their templates ask the database nothing."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, is_dataclass
from typing import Any, Generic, NoReturn, TypeVar

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models import Model, QuerySet
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from exchange.web.frame import frame_of

KEY_DIGITS_MAX = 18
Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")
Other = TypeVar("Other")


class TemplateAsked(Exception):
    """A template asked the database while it was drawn."""


def _refuse(_execute: Callable[..., Any], sql: str, *_arguments: object) -> NoReturn:
    raise TemplateAsked(f"Put this into the page before rendering: {sql[:300]}")


def no_queries() -> AbstractContextManager[object]:
    """Refuse queries on this thread's connection where settings.TEMPLATES_MAY_NOT_ASK says so."""
    if not settings.TEMPLATES_MAY_NOT_ASK:
        return nullcontext()
    return connection.execute_wrapper(_refuse)


def own_address(request: HttpRequest, wanted: str, *, otherwise: str = "/") -> str:
    """Where to go back to, as a form says it: only to this site."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise


def render_page(
    request: HttpRequest,
    template: str,
    page: object,
    *,
    status: int = 200,
    around: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Draw `template` with `page`, a frozen dataclass, and what a layout of another site needs `around` it.
    Raises TemplateAsked in tests and dev."""
    if not is_dataclass(page):
        raise TypeError("A page is a frozen dataclass.")
    # What the frame around every page needs is read now: who signs in, what the session remembers.
    frame_of(request)
    len(get_messages(request))
    with no_queries():
        drawn = render_to_string(template, {**(around or {}), "page": page}, request=request)
    return HttpResponse(drawn, status=status)


@dataclass(frozen=True)
class KeyPage(Generic[Shown]):
    """One page, newest first, with the ways to the newest and to the older; empty where there is
    nothing more."""

    rows: tuple[Shown, ...]
    newest_url: str = ""
    older_url: str = ""

    def shown_as(self, shown: Callable[[Shown], Other]) -> "KeyPage[Other]":
        """The same page with something made of each row."""
        return KeyPage(tuple(map(shown, self.rows)), self.newest_url, self.older_url)


def key_page(
    request: HttpRequest, rows: QuerySet[Row], *, size: int, show: str = ""
) -> KeyPage[Row]:
    """The page of `rows`, by falling primary key, below `?before=`; its ways keep the tab `show`."""

    def below(*, before: int | None, limit: int) -> list[Row]:
        found = rows if before is None else rows.filter(pk__lt=before)
        return list(found.order_by("-pk")[:limit])

    page = key_page_of(request, below, size=size)
    if not show:
        return page
    newest = f"{request.path}?show={show}" if page.newest_url else ""
    return KeyPage(page.rows, newest, page.older_url and f"{page.older_url}&show={show}")


def key_page_of(
    request: HttpRequest, below: Callable[..., Sequence[Row]], *, size: int
) -> KeyPage[Row]:
    """The page of what `below(before=, limit=)` finds, by falling primary key."""
    before = key_from(request.GET.get("before", ""))
    found = below(before=before, limit=size + 1)
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


class FormRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
