"""What is kept in auctions."""

from exchange.auctions.models.auctions import Auction, AuctionItem, AuctionStep
from exchange.auctions.models.bids import Bid, Bidder
from exchange.auctions.models.results import Award, Evidence, Reveal

__all__ = [
    "Auction",
    "AuctionItem",
    "AuctionStep",
    "Award",
    "Bid",
    "Bidder",
    "Evidence",
    "Reveal",
]
