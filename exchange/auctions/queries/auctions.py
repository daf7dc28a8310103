"""Auctions as those see them who may know of them."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.auctions.models import Auction
from exchange.auctions.states import ENDED, PUBLIC, AuctionState, Kind
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission


def subject_of(auction: Auction, *, seen_by: Actor | None = None) -> Subject:
    """The auction as policy knows things: the organiser's; once announced, everybody may come."""
    guests = frozenset[int]()
    if auction.state in PUBLIC and seen_by is not None and seen_by.organisation_id is not None:
        guests = frozenset({seen_by.organisation_id})
    return Subject(
        organisation_id=auction.organiser_id,
        engaged=guests - {auction.organiser_id},
        made_by=frozenset({auction.created_by_id}),
    )


def auction_seen_by(actor: Actor, auction_id: str) -> Auction:
    """The auction with organiser and product. Raises NotFound to those who may not know of it."""
    auction = (
        Auction.objects.filter(public_id=auction_id)
        .select_related("organiser", "product", "leader", "created_by")
        .first()
    )
    if auction is None:
        raise NotFound(_("There is no such auction."))
    policy.require(actor, Permission.AUCTION_SEE, subject_of(auction, seen_by=actor))
    return auction


def auctions_seen_by(actor: Actor) -> QuerySet[Auction]:
    """All announced auctions and the own organisation's drafts; ("-pk") is a steady key."""
    rows = Auction.objects.select_related("organiser", "product").order_by("-pk")
    if actor.oversees:
        return rows
    return rows.filter(Q(state__in=sorted(PUBLIC)) | Q(organiser_id=actor.organisation_id or 0))


def auctions_of_product(product_pk: int) -> QuerySet[Auction]:
    """Announced auctions of a product that have not ended, the next to close first."""
    running = (AuctionState.SCHEDULED, AuctionState.OPEN, AuctionState.PAUSED)
    return Auction.objects.filter(product_id=product_pk, state__in=running).order_by("closes_at")


def exclusive_sale_of(product_pk: int) -> Auction | None:
    """The announced auction of an exclusive licence that has not come to its end: while it runs, and
    after it until its award is an order."""
    unsettled = Q(state__in=sorted(PUBLIC - ENDED)) | Q(
        state=AuctionState.AWARDED, settled_at__isnull=True
    )
    return Auction.objects.filter(unsettled, product_id=product_pk, exclusive=True).first()


def auctions_bid_in(organisation_id: int) -> QuerySet[Auction]:
    """Auctions for which the organisation registered, newest first."""
    mine = Auction.objects.filter(bidders__organisation_id=organisation_id)
    return mine.select_related("organiser", "product").order_by("-pk")


def due(*, at: datetime, limit: int) -> list[int]:
    """Primary keys of auctions for which the clock, or unfinished work, has something to do."""
    waiting = Q(settled_at__isnull=True) & (
        Q(state=AuctionState.SCHEDULED, opens_at__lte=at)
        | Q(state=AuctionState.OPEN, closes_at__lte=at)
        | Q(state=AuctionState.REVEALING, reveal_until__lte=at)
        | Q(
            state__in=[
                AuctionState.CLOSED,
                AuctionState.AWARDED,
                AuctionState.FAILED,
                AuctionState.CANCELLED,
            ]
        )
    )
    found = Auction.objects.filter(waiting).order_by("closes_at")
    return list(found.values_list("pk", flat=True)[:limit])


def is_procurement(auction: Auction) -> bool:
    """Whether the organiser buys and the bidders sell."""
    return auction.kind == Kind.PROCUREMENT
