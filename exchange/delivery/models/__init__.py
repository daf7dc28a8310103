"""What delivery keeps: entitlements with their steps, and what was fetched under them."""

from exchange.delivery.models.deliveries import Delivery
from exchange.delivery.models.entitlements import Entitlement, EntitlementStep

__all__ = ["Delivery", "Entitlement", "EntitlementStep"]
