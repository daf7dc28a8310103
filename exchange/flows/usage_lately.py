"""What a buyer used lately of a product, to say what that would have cost by use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.delivery.queries.fetched import fetched_since
from exchange.metering.queries.lately import used_since

LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Lately:
    """Quantities by meter, and whether a meter counted them (else they are what was fetched)."""

    used: Mapping[str, int]
    was_metered: bool


def used_lately(*, buyer_id: int, product_id: int, now: datetime) -> Lately:
    """What the buyer used of the product in the last thirty days."""
    since = now - LATELY
    metered = used_since(buyer_id=buyer_id, product_id=product_id, since=since.date())
    if metered:
        return Lately(metered, was_metered=True)
    fetched = fetched_since(organisation_id=buyer_id, product_id=product_id, since=since)
    return Lately(fetched, was_metered=False)
