"""What a bidder may still do with a sealed bid: withdraw it before the close, reveal it after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.auctions import sealing
from exchange.auctions.actions import bids
from exchange.auctions.actions.steps import check_reason, topic_of
from exchange.auctions.errors import CommitmentDiffers, NothingToReveal, NotWithdrawable
from exchange.auctions.models import Auction, Bid, Reveal
from exchange.auctions.queries import clock
from exchange.auctions.rows import checked_rows
from exchange.auctions.states import AuctionState
from exchange.core.actions import live
from exchange.flows.auction_entry import Entry, enter
from exchange.flows.auction_recording import record_bid
from exchange.members.actors import Actor


@transaction.atomic
def withdraw(*, actor: Actor, auction_id: str, reason: str, now: datetime) -> Bid:
    """Withdraw the organisation's sealed bid before the close. The deposit stays until the end.

    A bid in a live auction moved the price for the others: it stands. Raises NotWithdrawable,
    AuctionEnded, AuctionNotOpen.
    """
    entry = enter(actor=actor, auction_id=auction_id)
    why = check_reason(reason)
    auction, at = clock.locked(entry.auction.pk)
    bids.check_takes_bids(auction, at)
    bid = _own_bid(auction, entry)
    if bid is None:
        raise NotWithdrawable(
            _("There is no sealed bid of your organisation; bids in the open stand.")
        )
    bid.withdrawn_at, bid.withdrawal_reason = at, why
    bid.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    _touch(auction)
    record_bid(
        "withdrawn",
        bid_id=bid.public_id,
        auction=auction,
        bidder=entry.organisation.public_id,
        actor=actor.name,
        now=now,
        facts={"commitment": bid.commitment},
        personal={"reason": why},
    )
    return bid


@transaction.atomic
def reveal(
    *,
    actor: Actor,
    auction_id: str,
    rows: Sequence[Mapping[str, Any]],
    nonce: str,
    now: datetime,
) -> Bid:
    """Reveal a bid that was kept until the close. Raises CommitmentDiffers where it is another one
    than was committed to, NothingToReveal, BidRefused."""
    entry = enter(actor=actor, auction_id=auction_id)
    auction, at = clock.locked(entry.auction.pk)
    bid = _own_bid(auction, entry)
    in_time = auction.reveal_until is not None and at < auction.reveal_until
    waits = bid is not None and bid.envelope is None and not hasattr(bid, "reveal")
    if auction.state != AuctionState.REVEALING or not in_time or not waits or bid is None:
        raise NothingToReveal(
            _("No bid of your organisation waits to be revealed now."), state=auction.state
        )
    content = checked_rows(auction, rows)
    given = sealing.commitment(
        auction_id=auction.public_id,
        bidder=entry.organisation.public_id,
        rows=content,
        nonce=nonce,
    )
    if given != bid.commitment:
        raise CommitmentDiffers(
            _("This is not the bid that was committed to."), expected=bid.commitment, given=given
        )
    Reveal.objects.create(bid=bid, content=content, nonce=nonce, at=at)
    _touch(auction)
    record_bid(
        "revealed",
        bid_id=bid.public_id,
        auction=auction,
        bidder=entry.organisation.public_id,
        actor=actor.name,
        now=now,
        facts={"commitment": bid.commitment},
    )
    return bid


def _own_bid(auction: Auction, entry: Entry) -> Bid | None:
    mine = Bid.objects.filter(
        auction=auction, bidder=entry.organisation, withdrawn_at=None, amount_minor=None
    )
    return mine.first()


def _touch(auction: Auction) -> None:
    auction.version += 1
    auction.save(update_fields=["version"])
    live.announce(topic=topic_of(auction), version=auction.version)
