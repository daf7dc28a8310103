"""Pages are frozen dataclasses; their templates ask the database nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import is_dataclass
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from exchange.web.context import frame_of


class TemplateAsked(Exception):
    """A template asked the database while it was drawn."""


def _refuse(_execute: Callable[..., Any], sql: str, *_arguments: object) -> NoReturn:
    raise TemplateAsked(f"Put this into the page before rendering: {sql[:300]}")


def no_queries() -> AbstractContextManager[object]:
    """Refuse queries on this thread's connection where settings.TEMPLATES_MAY_NOT_ASK says so."""
    if not settings.TEMPLATES_MAY_NOT_ASK:
        return nullcontext()
    return connection.execute_wrapper(_refuse)


def render_page(
    request: HttpRequest, template: str, page: object, *, status: int = 200
) -> HttpResponse:
    """Draw `template` with `page`, a frozen dataclass. Raises TemplateAsked in tests and dev."""
    if not is_dataclass(page):
        raise TypeError("A page is a frozen dataclass.")
    # What the frame around every page needs is read now: who signs in, what the session remembers.
    frame_of(request)
    len(get_messages(request))
    with no_queries():
        drawn = render_to_string(template, {"page": page}, request=request)
    return HttpResponse(drawn, status=status)
