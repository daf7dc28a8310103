"""The first page: what waits for the organisation acted for, and what the market offers now."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from exchange.auctions.access import auctions_seen_by, running
from exchange.auctions.lifecycle import AuctionState
from exchange.auctions.models import Bidder
from exchange.catalog.disclosure import is_held
from exchange.catalog.lifecycle import Delivery
from exchange.catalog.search import finding
from exchange.catalog.search.requests import FACETS, SearchRequest
from exchange.core import clock
from exchange.core.periods import after_months
from exchange.core.titles import title_of
from exchange.delivery.entitlements import ending_of
from exchange.ledger import months
from exchange.members.actors import Actor, actor_of
from exchange.members.lifecycle import Standing
from exchange.members.models import Admission
from exchange.members.permissions import Permission
from exchange.metering import bills
from exchange.metering.subscriptions import running_periods, subscriptions_of
from exchange.orders.queries import traded_since
from exchange.payments.queries import paid_between
from exchange.web.auctions import cards as auction_cards
from exchange.web.catalogue.cards import Card, card_of
from exchange.web.log.views import Checkpoint, newest_checkpoint
from exchange.web.pages import render_page
from exchange.web.site.tasks import TASKS_MAX, Task, may, tasks_of
from pricing.money import Money

ENDING_WITHIN = timedelta(days=30)
ENDING_MAX = METERS_MAX = 5
TRADED_WITHIN = timedelta(days=30)
TRADES_MAX = 1_000
CARDS_MAX = 4
CARDS_READ = 48  # of which the shown ones are chosen
AUCTIONS_MAX = 4
INDUSTRIES_MAX = 6
# What lies here, as opposed to what is open elsewhere.
HELD = frozenset(one for one in Delivery if is_held(one))


@dataclass(frozen=True)
class Ending:
    """Access that ends soon, or goes on by itself then."""

    title: str
    url: str
    at: datetime
    renews: bool


@dataclass(frozen=True)
class Meter:
    """What a subscription by use costs so far; None where its plan has no price for so much."""

    title: str
    url: str
    cost: Money | None


@dataclass(frozen=True)
class Mine:
    """What concerns the organisation acted for; `is_more` where more waits than is shown."""

    tasks: tuple[Task, ...]
    is_more: bool
    sees_spending: bool
    paid: tuple[Money, ...]
    paid_before: tuple[Money, ...]
    endings: tuple[Ending, ...]
    meters: tuple[Meter, ...]


@dataclass(frozen=True)
class Industry:
    """How many listings it has; `share` of the largest, of a hundred."""

    name: str
    url: str
    count: int
    share: int


@dataclass(frozen=True)
class Market:
    """What is on offer; `is_capped` where there are more listings, `is_busy` more trades than counted."""

    listings: int
    is_capped: bool
    trades: int
    is_busy: bool
    members: int
    running: int
    industries: tuple[Industry, ...]
    cards: tuple[Card, ...]
    auctions: tuple[auction_cards.Card, ...]


@dataclass(frozen=True)
class HomePage:
    is_signed_in: bool
    mine: Mine | None
    market: Market
    checkpoint: Checkpoint | None


def show(request: HttpRequest) -> HttpResponse:
    """The market to everybody, under what waits for the reader."""
    actor, now = actor_of(request), clock.now()
    page = HomePage(
        is_signed_in=request.user.is_authenticated,
        mine=_mine(actor, actor.organisation_id, now) if actor.organisation_id else None,
        market=_market(actor, now),
        checkpoint=newest_checkpoint(),
    )
    return render_page(request, "site/home.html", page)


def _mine(actor: Actor, mine: int, now: datetime) -> Mine:
    tasks = tasks_of(actor, mine, now=now)
    sees_spending = may(actor, Permission.PAYMENT_DOCUMENT_SEE)
    today = timezone.localtime(now).date().replace(day=1)
    begins_at, ends_at = months.bounds(today)
    began_at, _begins_at = months.bounds(after_months(today, -1))
    return Mine(
        tasks=tasks[:TASKS_MAX],
        is_more=len(tasks) > TASKS_MAX,
        sees_spending=sees_spending,
        paid=_paid(mine, begins_at, ends_at) if sees_spending else (),
        paid_before=_paid(mine, began_at, begins_at) if sees_spending else (),
        endings=_endings(mine, now) if may(actor, Permission.ENTITLEMENT_SEE) else (),
        meters=_meters(mine, now) if may(actor, Permission.USAGE_SEE) else (),
    )


def _paid(mine: int, since: datetime, before: datetime) -> tuple[Money, ...]:
    return tuple(paid_between(mine, since=since, before=before))


def _endings(mine: int, now: datetime) -> tuple[Ending, ...]:
    return tuple(
        Ending(
            title=title_of(one.product),
            url=reverse("web:entitlement", args=[one.public_id]),
            at=one.valid_until,
            renews=one.renews,
        )
        for one in ending_of(mine, now=now, until=now + ENDING_WITHIN)[:ENDING_MAX]
        if one.valid_until is not None
    )


def _meters(mine: int, now: datetime) -> tuple[Meter, ...]:
    runs = Q(ends_at=None) | Q(ends_at__gt=now)
    rows = list(subscriptions_of(mine).filter(runs, buyer=mine).order_by("-pk")[:METERS_MAX])
    newest = running_periods(rows)
    costs = bills.running_where_priced(list(newest.values()))
    return tuple(
        Meter(
            title=title_of(one.offer.product),
            url=reverse("web:usage_meter", args=[one.public_id]),
            cost=costs.get(newest[one.pk].pk) if one.pk in newest else None,
        )
        for one in rows
    )


def _market(actor: Actor, now: datetime) -> Market:
    counts = finding.count(SearchRequest())
    trades = traded_since(now - TRADED_WITHIN)[: TRADES_MAX + 1].count()
    return Market(
        listings=counts.total,
        is_capped=counts.is_capped,
        trades=min(trades, TRADES_MAX),
        is_busy=trades > TRADES_MAX,
        members=Admission.objects.filter(standing=Standing.ACTIVE).count(),
        running=running().count(),
        industries=_industries(counts),
        cards=_cards(),
        auctions=_auctions(actor),
    )


def _industries(counts: finding.Counts) -> tuple[Industry, ...]:
    """Those with most listings."""
    found = sorted(counts.facets.get("industry", {}).items(), key=lambda one: (-one[1], one[0]))
    most = found[0][1] if found else 1
    return tuple(
        Industry(
            name=FACETS["industry"].say(code),
            url=f"{reverse('web:catalogue')}?{SearchRequest(chosen={'industry': (code,)}).query()}",
            count=count,
            share=max(1, round(100 * count / most)),
        )
        for code, count in found[:INDUSTRIES_MAX]
    )


def _cards() -> tuple[Card, ...]:
    """New listings: those with a price first, of them what lies here, and of each seller one
    before a second."""
    newest = finding.find(SearchRequest(), limit=CARDS_READ).cards
    held_first = sorted(newest, key=lambda one: one["delivery"] not in HELD)
    seen: Counter[str] = Counter()
    ranked = []
    for place, card in enumerate(map(card_of, held_first)):
        seen[card.seller] += 1
        has_price = card.is_by_use or (card.price is not None and not card.is_free)
        ranked.append((not has_price, seen[card.seller], place, card))
    return tuple(card for *_rank, card in sorted(ranked, key=lambda one: one[:3])[:CARDS_MAX])


def _auctions(actor: Actor) -> tuple[auction_cards.Card, ...]:
    """The next to close of those that run, for who may read auctions."""
    mine = actor.organisation_id
    if mine is None or not may(actor, Permission.AUCTION_SEE):
        return ()
    open_now = auctions_seen_by(actor).filter(state__in=(AuctionState.OPEN, AuctionState.PAUSED))
    rows = list(open_now.order_by("closes_at", "pk")[:AUCTIONS_MAX])
    entered = Bidder.objects.filter(organisation_id=mine, auction__in=rows)
    bid_in = set(entered.values_list("auction_id", flat=True)) if rows else set()
    return tuple(auction_cards.card_of(one, mine, is_bidder=one.pk in bid_in) for one in rows)
