"""A person's notifications, and which of them come by mail besides."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from exchange.core.refusals import NotAllowed
from exchange.notices import inbox
from exchange.notices import inbox as reading
from exchange.notices.inbox import Preference
from exchange.notices.wording import line_of
from exchange.web.pages import key_from, render_page

NOTICES_PER_PAGE = 25


@dataclass(frozen=True)
class Line:
    text: str
    at: datetime
    url: str
    is_unread: bool


@dataclass(frozen=True)
class NoticesPage:
    lines: tuple[Line, ...]
    has_unread: bool
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class PreferencesPage:
    preferences: tuple[Preference, ...]


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The inbox, newest first, below `?before=`."""
    before = key_from(request.GET.get("before", ""))
    mine = _person(request).pk
    found = reading.notices_of(mine, before=before, limit=NOTICES_PER_PAGE + 1)
    shown = found[:NOTICES_PER_PAGE]
    here = reverse("web:notices")
    page = NoticesPage(
        lines=tuple(
            Line(
                text=line_of(one.kind, one.facts),
                at=one.at,
                url=reverse("web:notice", args=[one.public_id]),
                is_unread=one.read_at is None,
            )
            for one in shown
        ),
        has_unread=any(one.read_at is None for one in shown),
        newer_url=here if before is not None else "",
        older_url=f"{here}?{urlencode({'before': shown[-1].pk})}"
        if len(found) > NOTICES_PER_PAGE
        else "",
    )
    return render_page(request, "notices/inbox.html", page)


@login_required
@require_GET
def open_notice(request: HttpRequest, notice_id: str) -> HttpResponse:
    """Mark the notice as read and go where it leads."""
    notice = inbox.read_notice(user_id=_person(request).pk, notice_id=notice_id, now=timezone.now())
    return redirect(notice.url)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    inbox.read_all(user_id=_person(request).pk, now=timezone.now())
    return redirect("web:notices")


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Which kinds come by mail besides."""
    mine = _person(request).pk
    if request.method == "POST":
        inbox.choose_mail(user_id=mine, kinds=frozenset(request.POST.getlist("mail")))
        messages.success(request, _("Your choice is kept."))
        return redirect("web:notices_preferences")
    page = PreferencesPage(preferences=tuple(reading.preferences_of(mine)))
    return render_page(request, "notices/preferences.html", page)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed(_("Sign in first."))
    return request.user
