"""What a bidder may still do with a sealed bid: withdraw it before the close, reveal it after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.auctions import access, sealing
from exchange.auctions.bidding import check_takes_bids
from exchange.auctions.errors import CommitmentDiffers, NothingToReveal, NotWithdrawable
from exchange.auctions.lifecycle import AUCTION, AuctionState
from exchange.auctions.models import Auction, Bid, Reveal
from exchange.auctions.requests import checked_rows
from exchange.audit import log
from exchange.core.lifecycle import checked_reason
from exchange.core.use_case import use_case
from exchange.members.actors import Actor


@use_case()
def withdraw(auction_id: str, *, actor: Actor, reason: str, now: datetime) -> Bid:
    """Withdraw the organisation's sealed bid before the close. The deposit stays until the end.

    A bid in a live auction moved the price for the others: it stands. Raises NotWithdrawable,
    AuctionEnded, AuctionNotOpen.
    """
    entry = access.enter(auction_id, actor=actor, binds=False)
    reason = checked_reason(reason)
    auction, at = access.locked(entry.auction.pk)
    check_takes_bids(auction, at)
    bid = _own_bid(auction, entry.organisation.pk)
    if bid is None:
        raise NotWithdrawable(
            _("There is no sealed bid of your organisation; bids in the open stand.")
        )
    bid.withdrawn_at, bid.withdrawal_reason = at, reason
    bid.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    _record("withdrawn", auction, bid, actor=actor, now=now, personal={"reason": reason})
    return bid


@use_case()
def reveal(
    auction_id: str,
    *,
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    nonce: str,
    now: datetime,
) -> Bid:
    """Reveal a bid that was kept until the close. Raises CommitmentDiffers where it is another one
    than was committed to, NothingToReveal, BidRefused."""
    entry = access.enter(auction_id, actor=actor, binds=False)
    auction, at = access.locked(entry.auction.pk)
    bid = _own_bid(auction, entry.organisation.pk)
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
    _record("revealed", auction, bid, actor=actor, now=now)
    return bid


def _own_bid(auction: Auction, organisation_id: int) -> Bid | None:
    sealed = Bid.objects.filter(
        auction=auction, bidder_id=organisation_id, withdrawn_at=None, amount_minor=None
    )
    return sealed.select_related("bidder").first()


def _record(
    event: str,
    auction: Auction,
    bid: Bid,
    *,
    actor: Actor,
    now: datetime,
    personal: Mapping[str, str] | None = None,
) -> None:
    """Record what became of the bid, and tell open pages."""
    log.record(
        event=f"auctions.bid.{event}",
        actor=actor.name,
        subject=f"bid:{bid.public_id}",
        facts={
            "auction": auction.public_id,
            "bidder": bid.bidder.public_id,
            "commitment": bid.commitment,
        },
        personal=personal,
        at=now,
    )
    auction.version += 1
    auction.save(update_fields=["version"])
    AUCTION.announce(auction)
