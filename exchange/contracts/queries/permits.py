"""Which permits an organisation holds: what a delivery asks before it gives data out."""

from datetime import datetime

from django.db.models import Q, QuerySet

from exchange.contracts.models import Permit


def permits(*, product_id: str, holder_id: int, at: datetime) -> QuerySet[Permit]:
    """The permits of the holder for the product (named by its public id) that are in force at `at`."""
    return Permit.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        product__public_id=product_id,
        holder_id=holder_id,
        valid_from__lte=at,
    ).select_related("contract")
