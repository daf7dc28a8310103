"""A person's notifications, and which of them come by mail besides."""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.core import clock
from exchange.core.refusals import NotAllowed
from exchange.notices import inbox
from exchange.notices.inbox import Preference
from exchange.notices.models import Notice
from exchange.notices.notify import line_of
from exchange.web.pages import KeyPage, key_page_of, render_page
from exchange.web.views import form_view, get_view, post_view

NOTICES_PER_PAGE = 25


@dataclass(frozen=True)
class NoticesPage:
    """Each notice with its line of text."""

    notices: KeyPage[tuple[Notice, str]]
    has_unread: bool


@dataclass(frozen=True)
class PreferencesPage:
    preferences: tuple[Preference, ...]


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """The inbox, newest first, below `?before=`."""
    found = key_page_of(
        request, partial(inbox.notices_of, _person(request).pk), size=NOTICES_PER_PAGE
    )
    page = NoticesPage(
        notices=found.shown_as(lambda notice: (notice, line_of(notice.kind, notice.facts))),
        has_unread=any(notice.read_at is None for notice in found.rows),
    )
    return render_page(request, "notices/inbox.html", page)


@get_view
def open_notice(request: HttpRequest, notice_id: str) -> HttpResponse:
    """Mark the notice as read and go where it leads."""
    notice = inbox.read_notice(user_id=_person(request).pk, notice_id=notice_id, now=clock.now())
    return redirect(notice.url)


@post_view
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    inbox.read_all(user_id=_person(request).pk, now=clock.now())
    return redirect("web:notices")


@form_view
def preferences(request: HttpRequest) -> HttpResponse:
    """Which kinds come by mail besides."""
    mine = _person(request).pk
    if request.method == "POST":
        inbox.choose_mail(user_id=mine, kinds=frozenset(request.POST.getlist("mail")))
        messages.success(request, _("Your choice is kept."))
        return redirect("web:notices_preferences")
    page = PreferencesPage(preferences=tuple(inbox.preferences_of(mine)))
    return render_page(request, "notices/preferences.html", page)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed(_("Sign in first."))
    return request.user
