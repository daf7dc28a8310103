"""The tables of the room of orders."""

from exchange.orders.models.conditions import (
    BuyingLimit,
    LicenceWindow,
    PartnerTier,
    PriceReason,
    Subscription,
)
from exchange.orders.models.orders import (
    Certificate,
    CertificateSeries,
    Order,
    OrderMessage,
    OrderStep,
    Ruling,
)

__all__ = [
    "BuyingLimit",
    "Certificate",
    "CertificateSeries",
    "LicenceWindow",
    "Order",
    "OrderMessage",
    "OrderStep",
    "PartnerTier",
    "PriceReason",
    "Ruling",
    "Subscription",
]
