"""Which revisions of a product a purchase of an offer includes on the day of the contract."""

from django.db.models import Prefetch

from exchange.catalog.models import Offer, Revision, RevisionTable
from exchange.catalog.states import History, RevisionState

HISTORY_MAX = 100


def covered_revisions(offer: Offer) -> list[Revision]:
    """The published revisions that the offer's history rule covers, newest first, with their tables.

    `all` (at most HISTORY_MAX), the `last` history_count, or the newest alone.
    """
    count = {History.ALL: HISTORY_MAX, History.LAST: offer.history_count or 1}.get(
        History(offer.history), 1
    )
    tables = RevisionTable.objects.select_related("table__parquet").order_by("position")
    published = offer.product.revisions.filter(state=RevisionState.PUBLISHED).order_by("-number")
    return list(published.prefetch_related(Prefetch("tables", queryset=tables))[:count])
