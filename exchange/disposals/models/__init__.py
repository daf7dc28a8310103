"""Disposals, their papers, announcements by round, bidders and bids."""

from exchange.disposals.models.announcements import Announcement, Bidder, RoundBid
from exchange.disposals.models.disposals import Disposal, DisposalStep
from exchange.disposals.models.evidence import Conflict, Consent, Document, Valuation

__all__ = [
    "Announcement",
    "Bidder",
    "Conflict",
    "Consent",
    "Disposal",
    "DisposalStep",
    "Document",
    "RoundBid",
    "Valuation",
]
