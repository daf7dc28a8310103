"""Where a person is signed in, and ending what they no longer use or never began."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import sign_in
from exchange.web.pages import key_from, render_page
from exchange.web.views import form_view


@dataclass(frozen=True)
class SessionRow:
    """A session by the key of its row; `client` is its browser and system."""

    key: int
    client: str
    address: str
    begun_at: datetime
    is_current: bool


@dataclass(frozen=True)
class SessionsPage:
    sessions: tuple[SessionRow, ...]
    has_others: bool


# Browsers call themselves by those that they descend from, too: the first that fits is the one.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox",
    "FxiOS/": "Firefox", "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "CrOS": "ChromeOS",
    "Mac OS X": "macOS", "Linux": "Linux",
}  # fmt: skip


def client_shown(user_agent: str) -> str:
    """`Firefox, Windows`; of a program that is none of the known browsers, what it calls itself."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system))) if browser else user_agent


@form_view
def show(request: HttpRequest) -> HttpResponse:
    """The sessions of who is signed in. A post ends the one that `session` names, else all but this one."""
    if request.method == "POST":
        return _end(request)
    own = request.session.session_key
    rows = tuple(
        SessionRow(
            key=session.pk,
            client=client_shown(session.user_agent),
            address=session.ip,
            begun_at=session.created_at,
            is_current=session.session_key == own,
        )
        for session in sign_in.sessions_of(request)
    )
    page = SessionsPage(rows, has_others=any(not row.is_current for row in rows))
    return render_page(request, "accounts/sessions.html", page)


def _end(request: HttpRequest) -> HttpResponse:
    named = request.POST.get("session", "")
    only = key_from(named)
    ended = 0 if named and only is None else sign_in.end_other_sessions(request, only=only)
    if ended:
        said = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", ended)
        messages.success(request, said % {"count": ended})
    else:
        messages.info(request, _("There was no other session to end."))
    return redirect("web:sessions")
