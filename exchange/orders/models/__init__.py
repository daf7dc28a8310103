"""The tables of the room of orders."""

from exchange.orders.models.certificates import Certificate, CertificateSeries
from exchange.orders.models.limits import BuyingLimit
from exchange.orders.models.messages import OrderMessage
from exchange.orders.models.orders import Order, OrderStep
from exchange.orders.models.partners import PartnerTier
from exchange.orders.models.prices import PriceReason
from exchange.orders.models.rulings import Ruling
from exchange.orders.models.subscriptions import Subscription
from exchange.orders.models.windows import LicenceWindow

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
