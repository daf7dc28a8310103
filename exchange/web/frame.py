"""The frame around every page: who reads, for whom, in which language, and where the links lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import (
    get_language,
    get_language_info,
    gettext_lazy,
    ngettext,
    pgettext,
)
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_in import acting_membership, memberships_of
from exchange.core import clock
from exchange.members import policy
from exchange.members.actors import actor_of
from exchange.members.permissions import Permission
from exchange.notices import banners
from exchange.notices.banners import Shown
from exchange.notices.inbox import UNREAD_SHOWN_MAX, unread_count

SITE_NAME = "Assay"
LEGAL: Mapping[str, str | Promise] = {
    "terms": gettext_lazy("Terms of use"),
    "privacy": gettext_lazy("Privacy"),
    "imprint": gettext_lazy("Imprint"),
}
# The banners that a reader has closed, by public id.
CLOSED_COOKIE = "closed_banners"


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Menu:
    """Links that belong to one side of the trade, under one word."""

    label: str
    links: tuple[Link, ...]

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    is_current: bool


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Choice:
    public_id: str
    name: str
    is_current: bool


@dataclass(frozen=True)
class Badge:
    """Unread notices: the figure as printed, and the same in words."""

    figure: str
    words: str
    url: str


@dataclass(frozen=True)
class Frame:
    links: tuple[Link, ...]
    menus: tuple[Menu, ...]
    foot: tuple[Link, ...]
    languages: tuple[Language, ...]
    language_name: str
    operator: str
    person: Person | None
    organisations: tuple[Choice, ...] = ()
    acting_for: str = ""
    switch_url: str = ""
    notices: Badge | None = None
    banners: Sequence[Shown] = ()


def site(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    return {"site_name": SITE_NAME, "frame": frame_of(request)}


def frame_of(request: HttpRequest) -> Frame:
    """The request's frame, made once."""
    frame: Frame | None = getattr(request, "assay_frame", None)
    if frame is None:
        frame = _make_frame(request)
        request.assay_frame = frame  # type: ignore[attr-defined]
    return frame


def _make_frame(request: HttpRequest) -> Frame:
    active = get_language() or settings.LANGUAGE_CODE
    languages = tuple(
        Language(code, str(get_language_info(code)["name_local"]), code == active)
        for code, _name in settings.LANGUAGES
    )
    person = _person(request)
    acting = acting_membership(request) if person else None
    return Frame(
        links=links_to(
            request, *_main_links(is_signed_in=person is not None, is_acting=acting is not None)
        ),
        menus=_menus(request) if acting else (),
        foot=(
            *links_to(
                request,
                (_("Latest checkpoint"), "web:log"),
                (_("Check a certificate"), "web:verify"),
                (_("API"), "api:docs"),
                (_("Glossary"), "web:help"),
            ),
            *(Link(str(label), reverse("web:legal", args=[name])) for name, label in LEGAL.items()),
        ),
        languages=languages,
        language_name=next((one.name for one in languages if one.is_current), active),
        operator=settings.EXCHANGE_OPERATOR,
        person=person,
        organisations=tuple(
            Choice(one.organisation.public_id, one.organisation.name, one == acting)
            for one in (memberships_of(request) if person else [])
        ),
        acting_for=acting.organisation.name if acting else "",
        switch_url=reverse("web:organisation_switch"),
        notices=_badge(request) if person else None,
        banners=_banners(request),
    )


def _banners(request: HttpRequest) -> tuple[Shown, ...]:
    """What the exchange announces now, but for what the reader has closed."""
    closed = request.COOKIES.get(CLOSED_COOKIE, "").split(".")
    return tuple(one for one in banners.shown_at(clock.now()) if one.public_id not in closed)


def ways_on(request: HttpRequest) -> tuple[Link, ...]:
    """Where most people who lost their way wanted to go: a seller's products, a buyer's orders; for a
    guest what is open to all, and the sign-in."""
    catalogue = (_("Catalogue"), "web:catalogue")
    if _person(request) is None:
        return links_to(request, catalogue, (_("Sign in"), "account_login"))
    if acting_membership(request) is None:
        return links_to(request, catalogue, (_("Organisations"), "web:organisations"))
    return links_to(
        request,
        catalogue,
        (_("My products"), "web:sell"),
        (_("Orders"), "web:orders"),
        (_("Purchases"), "web:purchases"),
        (_("Roles"), "web:team"),
    )


def _badge(request: HttpRequest) -> Badge:
    unread = unread_count(request.user.pk) if request.user.pk else 0
    is_more = unread > UNREAD_SHOWN_MAX
    figure = f"{UNREAD_SHOWN_MAX}+" if is_more else str(unread or "")
    words = (
        ngettext("%(count)s unread notice", "%(count)s unread notices", unread) % {"count": figure}
        if unread
        else _("Notices")
    )
    return Badge(figure, words, reverse("web:notices"))


def _main_links(*, is_signed_in: bool, is_acting: bool) -> list[tuple[str, str]]:
    first = [(_("Catalogue"), "web:catalogue")]
    if is_acting:  # auctions are for members: a guest would be asked to sign in
        return [*first, (_("Auctions"), "web:auctions"), (_("Orders"), "web:orders")]
    first.append((_("Announcements"), "web:announcements"))
    if is_signed_in:
        first.append((_("Organisations"), "web:organisations"))
    return [*first, (_("Transparency log"), "web:log"), (_("Help"), "web:help")]


def _menus(request: HttpRequest) -> tuple[Menu, ...]:
    """What somebody who acts for an organisation goes to, by what they are about to do."""
    wanted = {
        pgettext("menu", "Buy"): (
            (_("Purchases"), "web:purchases"),
            (_("Negotiations"), "web:negotiations"),
            (_("Contracts"), "web:contracts"),
            (_("Disputes"), "web:disputes"),
            (_("Metered usage"), "web:usage"),
            (_("Announcements"), "web:announcements"),
            (_("Wallet"), "web:wallet"),
            (_("Watchlist"), "web:watchlist"),
            (_("Requested data"), "web:demands"),
            (_("Invoices"), "web:invoices"),
            (_("Buying limit"), "web:buying_limit"),
        ),
        pgettext("menu", "Sell"): (
            (_("My products"), "web:sell"),
            (_("Files"), "web:files"),
            (_("State-asset sales"), "web:asset_sales"),
            (_("Earnings"), "web:earnings"),
            (_("Payouts"), "web:payouts"),
        ),
        pgettext("menu", "Organisation"): (
            (_("Organisations"), "web:organisations"),
            (_("Admission"), "web:admission"),
            (_("Roles"), "web:team"),
            (_("Books"), "web:books"),
            (_("Transparency log"), "web:log"),
            (_("Help"), "web:help"),
        ),
    }
    menus = (Menu(label, links_to(request, *pages)) for label, pages in wanted.items())
    return tuple(menu for menu in menus if menu.links)


def links_to(request: HttpRequest, *wanted: tuple[str, str]) -> tuple[Link, ...]:
    """Links to the named routes, leaving out those this deployment does not serve."""
    found = []
    for label, name in wanted:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        is_current = request.path == url or (url != "/" and request.path.startswith(url))
        found.append(Link(label, url, is_current))
    return tuple(found)


def _person(request: HttpRequest) -> Person | None:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    wanted = [
        (_("Profile"), "web:profile"),
        (_("E-mail addresses"), "account_email"),
        (_("Password"), "account_change_password"),
        (_("Two-factor authentication"), "mfa_index"),
    ]
    if not acting_membership(request):
        wanted.insert(0, (_("Watchlist"), "web:watchlist"))
    if policy.allowed(actor_of(request), Permission.CONSOLE_OPEN).allowed:
        wanted.append((_("Console"), "console:index"))
    return Person(str(user), user.email, links_to(request, *wanted))
