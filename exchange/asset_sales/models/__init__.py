"""AssetSales, their documents, announcements by round, bidders and bids."""

from exchange.asset_sales.models.announcements import Announcement, Bidder, RoundBid
from exchange.asset_sales.models.asset_sales import AssetSale, AssetSaleStep
from exchange.asset_sales.models.evidence import Conflict, Consent, Document, Valuation

__all__ = [
    "Announcement",
    "AssetSale",
    "AssetSaleStep",
    "Bidder",
    "Conflict",
    "Consent",
    "Document",
    "RoundBid",
    "Valuation",
]
