"""Who may bid in an auction: everything that is asked before the auction is locked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.query import RawQuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.auctions.errors import BidAboveLimit, BidderRelated
from exchange.auctions.models import Auction
from exchange.auctions.states import PUBLIC, Kind
from exchange.core.queries.rules import rule
from exchange.core.refusals import NotAllowed, NotFound
from exchange.flows import auction_entry_sql
from exchange.members import policy
from exchange.members.actors import Actor, ActorKind, Subject, organisation_of
from exchange.members.permissions import Permission


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


def enter(*, actor: Actor, auction_id: str) -> Entry:
    """Let the actor's organisation in. Raises NotFound, NotAllowed, BidderRelated.

    Two queries, whatever there is to ask.
    """
    mine = organisation_of(actor)
    key_id = actor.name.partition(":")[2] if actor.kind is ActorKind.KEY else ""
    found: RawQuerySet[Any] = Auction.objects.raw(
        auction_entry_sql.ENTER, {"auction": auction_id, "organisation": mine, "key": key_id}
    )
    seen = next(iter(found), None)
    if seen is None or seen.state not in PUBLIC:
        raise NotFound(_("There is no such auction."))
    if seen.organiser_id == mine or seen.is_related:
        raise BidderRelated(
            _("Who holds the auction, or is related to its holder, cannot bid in it.")
        )
    _permit(actor, seen, mine)
    return Entry(
        auction=seen,
        organisation=Organisation.objects.get(pk=mine),
        by_id=_bound(actor, seen.key_made_by),
        actor=actor,
        is_registered=seen.is_registered,
        limit_minor=seen.limit_minor,
    )


def check_limit(entry: Entry, net_minor: int, now: datetime) -> None:
    """A bid binds at once, so nobody bids alone beyond what they may buy alone, tax included."""
    limit = entry.limit_minor
    if limit is None:
        return
    vat = rule(key="fee.vat_rate", at=now).as_decimal()
    if net_minor + net_minor * vat > limit:
        raise BidAboveLimit(
            _("The bid with tax is above what one person of your organisation may spend alone."),
            limit_minor=limit,
            currency=entry.auction.currency,
        )


def _permit(actor: Actor, auction: Auction, mine: int) -> None:
    """Buyers bid; in a procurement sellers do."""
    if auction.kind == Kind.PROCUREMENT:
        policy.require(actor, Permission.QUOTE_MAKE, Subject(organisation_id=mine))
        return
    subject = Subject(organisation_id=auction.organiser_id, engaged=frozenset({mine}))
    policy.require(actor, Permission.AUCTION_BID, subject)


def _bound(actor: Actor, key_made_by: int | None) -> int:
    """The person who answers for the bid: of a program the one who made its key."""
    by_id = key_made_by if actor.kind is ActorKind.KEY else actor.user_id
    if by_id is None:
        raise NotAllowed(_("This needs the agreement of a person."), reason="person_needed")
    return by_id
