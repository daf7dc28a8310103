"""The tables of the trading room."""

from exchange.trading.models.certificates import Certificate, CertificateSeries
from exchange.trading.models.limits import BuyingLimit
from exchange.trading.models.messages import OrderMessage
from exchange.trading.models.orders import Order, OrderStep
from exchange.trading.models.partners import PartnerTier
from exchange.trading.models.prices import PriceReason
from exchange.trading.models.rulings import Ruling
from exchange.trading.models.subscriptions import Subscription
from exchange.trading.models.windows import LicenceWindow

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
