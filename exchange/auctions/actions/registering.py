"""Who takes part in an auction."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.auctions.errors import AuctionNotOpen
from exchange.auctions.models import Auction, Bidder
from exchange.auctions.states import AuctionState

REGISTERING = frozenset({AuctionState.SCHEDULED, AuctionState.OPEN, AuctionState.PAUSED})


def register_bidder(
    *, auction: Auction, organisation_id: int, deposit_ref: str, now: datetime
) -> Bidder:
    """Give the organisation its number in a locked auction; registered before, it keeps it.

    Raises AuctionNotOpen where nobody can take part any more.
    """
    known = Bidder.objects.filter(auction=auction, organisation_id=organisation_id).first()
    if known is not None:
        return known
    if auction.state not in REGISTERING:
        raise AuctionNotOpen(
            _("Nobody can register for this auction any more."), state=auction.state
        )
    auction.bidders_count += 1
    auction.save(update_fields=["bidders_count"])
    return Bidder.objects.create(
        auction=auction,
        organisation_id=organisation_id,
        number=auction.bidders_count,
        deposit_ref=deposit_ref,
        registered_at=now,
    )
