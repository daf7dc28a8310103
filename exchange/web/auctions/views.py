"""Auctions: the list, one auction, its evidence, and what its organiser does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from exchange.auctions import moderation
from exchange.auctions.access import auction_seen_by, auctions_seen_by, evidence_seen_by
from exchange.auctions.models import Auction, Bidder
from exchange.auctions.results import evidence_of
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of
from exchange.members.permissions import Permission
from exchange.web.auctions.cards import TABS, Card, card_of
from exchange.web.auctions.pages import auction_page
from exchange.web.auctions.views_bidding import empty_form, tried
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.panels import Tab, tabs_of
from exchange.web.views import acting, attachment, get_view, post_view, version_of

AUCTIONS_PER_PAGE = 25
EXTENSION = timedelta(hours=1)


@dataclass(frozen=True)
class AuctionsPage:
    chosen: str
    tabs: tuple[Tab, ...]
    cards: KeyPage[Card]
    may_procure: bool
    may_sell: bool


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """Auctions that are open, coming or over, newest first."""
    actor, mine = acting(request, Permission.AUCTION_SEE)
    chosen = request.GET.get("show", "open")
    chosen = chosen if chosen in TABS else "open"
    rows: QuerySet[Auction] = auctions_seen_by(actor).filter(state__in=TABS[chosen])
    found = key_page(request, rows, size=AUCTIONS_PER_PAGE, show=chosen)
    entered = Bidder.objects.filter(organisation_id=mine, auction__in=found.rows)
    bid_in = set(entered.values_list("auction_id", flat=True))
    names = {"open": pgettext("auction", "Open"), "coming": _("Coming"), "ended": _("Ended")}
    asking = Subject(organisation_id=None, engaged=frozenset({mine}))
    page = AuctionsPage(
        chosen=chosen,
        tabs=tabs_of(request.path, names, chosen=chosen),
        cards=found.shown_as(lambda one: card_of(one, mine, is_bidder=one.pk in bid_in)),
        may_procure=policy.allowed(actor, Permission.QUOTE_ASK, asking).allowed,
        may_sell=policy.allowed(
            actor, Permission.OFFER_MAKE, Subject(organisation_id=mine)
        ).allowed,
    )
    return render_page(request, "auctions/list.html", page)


@get_view
def show(request: HttpRequest, auction_id: str) -> HttpResponse:
    """One auction, live."""
    actor = actor_of(request)
    auction = auction_seen_by(actor, auction_id)
    page = auction_page(auction, actor, form=empty_form(auction, actor))
    return render_page(request, "auctions/auction.html", page)


@require_safe
def version(request: HttpRequest, auction_id: str) -> HttpResponse:
    """The number that grows with each change, for pages that follow the auction."""
    actor = actor_of(request)
    return version_of(auction_seen_by(actor, auction_id).version, actor=actor)


@get_view
def download_evidence(request: HttpRequest, auction_id: str) -> HttpResponse:
    """The evidence, byte for byte as its hash in the log says."""
    auction = evidence_seen_by(actor_of(request), auction_id)
    document = bytes(evidence_of(auction).document)
    return attachment(document, name=f"{auction.public_id}-evidence.json")


@post_view
def act(request: HttpRequest, auction_id: str, name: str) -> HttpResponse:
    """Pause, resume, extend or cancel, with a reason."""
    acts = {
        "pause": moderation.pause,
        "resume": moderation.resume,
        "cancel": moderation.cancel,
        "extend": _extend,
    }
    if name not in acts:
        raise NotFound(_("There is no such step."))
    actor, reason = actor_of(request), request.POST.get("reason", "")
    act = partial(acts[name], auction_id, actor=actor, reason=reason, now=clock.now())
    said = _("Done. Everybody who has the page open sees it.")
    return tried(request, actor, auction_id, act, said=said)


def _extend(auction_id: str, *, actor: Actor, reason: str, now: datetime) -> Auction:
    closes_at = auction_seen_by(actor, auction_id).closes_at + EXTENSION
    return moderation.extend(auction_id, actor=actor, closes_at=closes_at, reason=reason, now=now)
