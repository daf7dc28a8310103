"""The tables of the room of orders."""

from exchange.orders.models.conditions import (
    BuyingLimit,
    DiscountTier,
    LicenceWindow,
    PriceReason,
    Subscription,
)
from exchange.orders.models.fees import FeeAgreement
from exchange.orders.models.orders import (
    Certificate,
    CertificateSeries,
    Order,
    OrderMessage,
    OrderStep,
    Review,
    Ruling,
)

__all__ = [
    "BuyingLimit",
    "Certificate",
    "CertificateSeries",
    "DiscountTier",
    "FeeAgreement",
    "LicenceWindow",
    "Order",
    "OrderMessage",
    "OrderStep",
    "PriceReason",
    "Review",
    "Ruling",
    "Subscription",
]
