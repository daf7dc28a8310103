"""Who may see an auction, who may bid in it, and what time it is for both: the database's clock."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.query import RawQuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from exchange.auctions.errors import BidAboveLimit, BidderRelated
from exchange.auctions.lifecycle import PUBLIC, AuctionState, Kind
from exchange.auctions.models import Auction, Bidder
from exchange.catalog.buyable import RECEIVERS
from exchange.catalog.lifecycle import KEPT_UP
from exchange.catalog.models import Product
from exchange.core.formatting import money_shown
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.rules import rule
from exchange.members import policy, standing
from exchange.members.actors import (
    Actor,
    ActorKind,
    Subject,
    bound_person,
    commit,
    organisation_of,
)
from exchange.members.conflicts import RELATIONS
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.orders.placing import LIMIT
from pricing.money import Money

_MEMBERS_ONLY = gettext_lazy(
    "Auctions are read by admitted members of the exchange in good standing."
)
RUNNING = frozenset({AuctionState.SCHEDULED, AuctionState.OPEN, AuctionState.PAUSED})

NOW = "clock_timestamp()"
# Whether {organisation} holds the auction or gets a part of what a product in it brings, or is related to
# one that does: the conflict of interest that bars from bidding.
INTEREST = f"""
EXISTS (
    SELECT FROM (
        SELECT auction.organiser_id AS id
        UNION SELECT receiver.organisation_id FROM {RECEIVERS} AS receiver
        WHERE receiver.product_id = auction.product_id OR receiver.product_id IN (
            SELECT item.product_id FROM auctions_auctionitem AS item
            WHERE item.auction_id = auction.id
        )
    ) AS party
    WHERE party.id = {{organisation}} OR EXISTS (
        SELECT FROM {RELATIONS} AS relation
        WHERE relation.first_id = party.id AND relation.second_id = {{organisation}}
    )
)
"""  # noqa: S608 - made of constants
ARE_INTERESTED = """
SELECT EXISTS (
    SELECT FROM auctions_bidder AS bidder JOIN auctions_auction AS auction ON auction.id = bidder.auction_id
    WHERE auction.id = %(auction)s AND {interest}
)
""".format(interest=INTEREST.format(organisation="bidder.organisation_id"))
# The clock is read outside the subquery that locks, so after the wait for the lock is over.
LOCK = """
WITH locked AS MATERIALIZED (
    SELECT * FROM auctions_auction WHERE id = %(auction)s FOR NO KEY UPDATE
)
SELECT locked.*, {now} AS now_at FROM locked
"""
ENTER = """
SELECT auction.*,
    EXISTS (
        SELECT FROM auctions_bidder AS bidder
        WHERE bidder.auction_id = auction.id AND bidder.organisation_id = %(organisation)s
    ) AS is_registered,
    {interest} AS is_interested,
    ({limit}) AS limit_minor
FROM auctions_auction AS auction
WHERE auction.public_id = %(auction)s
""".format(
    interest=INTEREST.format(organisation="%(organisation)s"),
    limit=LIMIT.format(rows="orders_buyinglimit", currency="auction.currency"),
)


def now() -> datetime:
    """What time it is for auctions."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW}")
        moment: datetime = cursor.fetchone()[0]
        return moment


def locked(auction_pk: int) -> tuple[Auction, datetime]:
    """The auction, which nobody else moves or bids in until this transaction ends, and what time it
    was once the lock was held."""
    auction: Auction = Auction.objects.raw(LOCK.format(now=NOW), {"auction": auction_pk})[0]
    moment: datetime = auction.now_at  # type: ignore[attr-defined]  # a column of the statement
    return auction, moment


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
    if not _reads_all(actor) and not is_party(auction, actor):
        raise NotAllowed(str(_MEMBERS_ONLY), reason="standing_needed")
    return auction


def _reads_all(actor: Actor) -> bool:
    return actor.oversees or actor.standing in Business.RUNNING.value


def is_party(auction: Auction, actor: Actor, *, is_registered: bool | None = None) -> bool:
    """Whether the actor's organisation holds the auction or registered for it, or the actor oversees
    the exchange: who reads names, amounts and evidence once it is over. `is_registered` where the caller
    has read that."""
    mine = actor.organisation_id
    if actor.oversees or mine == auction.organiser_id:
        return True
    if is_registered is not None:
        return is_registered
    return mine is not None and auction.bidders.filter(organisation_id=mine).exists()


def evidence_seen_by(actor: Actor, auction_id: str) -> Auction:
    """The auction, to those who read what was bid in it, by whom, and what came out for each."""
    auction = auction_seen_by(actor, auction_id)
    if not is_party(auction, actor):
        raise NotAllowed(
            _("Names, amounts and evidence are for those who took part in the auction."),
            reason="parties_only",
        )
    return auction


def auctions_seen_by(actor: Actor) -> QuerySet[Auction]:
    """All announced auctions and the own organisation's drafts; to who takes no part in the exchange only
    its own and those it bids in; ("-pk") is a steady key."""
    auctions = Auction.objects.select_related("organiser", "product").order_by("-pk")
    if actor.oversees:
        return auctions
    mine = actor.organisation_id or 0
    own = Q(organiser_id=mine) | Q(
        pk__in=Bidder.objects.filter(organisation_id=mine).values("auction")
    )
    if not _reads_all(actor):
        return auctions.filter(own)
    return auctions.filter(Q(state__in=sorted(PUBLIC)) | Q(organiser_id=mine))


def running() -> QuerySet[Auction]:
    """Those that are announced and have not closed; how many there are is no secret."""
    return Auction.objects.filter(state__in=RUNNING)


def auctions_of_product(product_pk: int, *, actor: Actor) -> QuerySet[Auction]:
    """Announced auctions of a product that have not ended, the next to close first; none for who may not
    read auctions."""
    if not _reads_all(actor):
        return Auction.objects.none()
    return Auction.objects.filter(product_id=product_pk, state__in=RUNNING).order_by("closes_at")


def may_run(auction: Auction) -> bool:
    """Whether organiser and products of a locked auction let it take bids. A product that its seller paused
    does: bidders rely on what was announced."""
    items = auction.items.values("product_id")
    sold = Q(pk=auction.product_id) | Q(pk__in=items)
    missing = Product.objects.filter(sold).exclude(state__in=KEPT_UP)
    parties = {auction.organiser_id}
    return not missing.exists() and standing.are(parties, Business.NEW) == parties


@dataclass(frozen=True)
class Entry:
    """An organisation that may bid, and the auction as it was before the lock.

    `by_id` is the person who is bound to have wanted the bid; `limit_minor` what one person of the
    organisation may spend alone.
    """

    auction: Auction
    organisation: Organisation
    by_id: int
    actor: Actor
    is_registered: bool
    limit_minor: int | None


def enter(auction_id: str, *, actor: Actor, binds: bool = True) -> Entry:
    """Let the actor's organisation in: everything that is asked before the auction is locked. What
    `binds` asks the standing of both parties. Raises NotFound, NotAllowed, BidderRelated,
    PartyNotInStanding."""
    organisation_id = organisation_of(actor)
    rows: RawQuerySet[Any] = Auction.objects.raw(
        ENTER, {"auction": auction_id, "organisation": organisation_id}
    )
    auction = next(iter(rows), None)
    if auction is None or auction.state not in PUBLIC:
        raise NotFound(_("There is no such auction."))
    if auction.organiser_id in actor.own or auction.is_interested:
        raise _barred()
    _require(actor, auction, organisation_id, binds=binds)
    if binds:
        standing.hold(auction.organiser_id, organisation_id)
    return Entry(
        auction=auction,
        organisation=Organisation.objects.get(pk=organisation_id),
        by_id=bound_person(actor),
        actor=actor,
        is_registered=auction.is_registered,
        limit_minor=auction.limit_minor,
    )


def _barred() -> BidderRelated:
    return BidderRelated(
        _(
            "Who holds the auction or gets a part of what it brings cannot bid in it, nor can who"
            " shares a person with one of them or is related to one."
        )
    )


def check_bidders(auction: Auction) -> None:
    """Raise BidderRelated where a bidder of a locked auction gets a part of what it brings, or is tied to
    who does."""
    with connection.cursor() as cursor:
        cursor.execute(ARE_INTERESTED, {"auction": auction.pk})
        if cursor.fetchone()[0]:
            raise _barred()


def _require(actor: Actor, auction: Auction, organisation_id: int, *, binds: bool) -> None:
    """Buyers bid; in a procurement sellers do. Who has bid keeps its word under a restriction, too."""
    if not binds:
        policy.require(actor, Permission.AUCTION_ANSWER, Subject(organisation_id=organisation_id))
        return
    if auction.kind == Kind.PROCUREMENT:
        policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=organisation_id))
        return
    subject = Subject(organisation_id=auction.organiser_id, engaged=frozenset({organisation_id}))
    policy.require(actor, Permission.AUCTION_BID, subject)


def check_limit(entry: Entry, net_minor: int, *, now: datetime) -> None:
    """A bid binds at once, so nobody bids alone beyond what they may buy alone, and no program beyond
    the limit of its key, tax included."""
    limit = entry.limit_minor
    if limit is None and entry.actor.kind is not ActorKind.KEY:
        return
    vat = rule(key="fee.vat_rate", at=now).as_decimal()
    total = math.ceil(net_minor + net_minor * vat)
    currency = entry.auction.currency
    if limit is not None and total > limit:
        raise BidAboveLimit(
            _(
                "With tax the bid is %(total)s; one person of your organisation may spend %(limit)s alone."
                " Bid less, or ask for a higher limit under “Buying limit”."
            )
            % {
                "total": money_shown(Money(total, currency)),
                "limit": money_shown(Money(limit, currency)),
            },
            limit_minor=limit,
            currency=currency,
        )
    commit(
        entry.actor,
        subject=f"auction:{entry.auction.public_id}",
        amount=Money(total, currency),
        now=now,
    )
