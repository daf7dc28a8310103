"""While an exclusive licence is being auctioned nobody gets another one beside it."""

from django.utils.translation import gettext as _

from exchange.auctions.queries.auctions import exclusive_sale_of
from exchange.catalog.models import Product
from exchange.trading.errors import LicenceExcluded


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
