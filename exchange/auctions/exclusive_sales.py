"""While an exclusive licence is being auctioned, or held, nobody gets another one beside it."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.auctions.lifecycle import ENDED, PUBLIC, AuctionState
from exchange.auctions.models import Auction
from exchange.catalog.models import Product
from exchange.orders.errors import LicenceExcluded
from exchange.orders.models import LicenceWindow


def exclusive_sale_of(product_pk: int) -> Auction | None:
    """The announced auction of an exclusive licence that has not come to its end: while it runs, and
    after it until its award is an order."""
    unsettled = Q(state__in=sorted(PUBLIC - ENDED)) | Q(
        state=AuctionState.AWARDED, settled_at__isnull=True
    )
    return Auction.objects.filter(unsettled, product_id=product_pk, exclusive=True).first()


def check_no_exclusive_sale(product: Product) -> None:
    """Raise LicenceExcluded while an exclusive auction of the product runs or waits to be settled.

    Call it with the product held still: an announcement waits for that.
    """
    running = exclusive_sale_of(product.pk)
    if running is not None:
        raise LicenceExcluded(
            _("An exclusive licence of this product is being auctioned."),
            product=product.public_id,
            auction=running.public_id,
            until=running.closes_at.isoformat(),
        )


def is_kept_exclusive(product: Product, *, now: datetime) -> bool:
    """Whether the shop sells no licence now: an exclusive one is being auctioned, or held."""
    held = LicenceWindow.objects.filter(
        product=product, exclusive=True, freed_at=None, during__contains=now
    )
    return exclusive_sale_of(product.pk) is not None or held.exists()
