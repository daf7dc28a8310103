"""Partner tiers as sellers list them and as a purchase finds its own."""

from django.db.models import QuerySet

from exchange.orders.models import PartnerTier


def tier_of(*, seller_id: int, buyer_id: int) -> PartnerTier | None:
    """What the seller grants the buyer now."""
    rows = PartnerTier.objects.filter(seller=seller_id, partner=buyer_id, ended_at=None)
    return rows.first()


def tiers_of(seller_id: int) -> QuerySet[PartnerTier]:
    """All that the seller granted, those that ended too."""
    rows = PartnerTier.objects.filter(seller=seller_id)
    return rows.select_related("partner", "granted_by").order_by("-pk")
