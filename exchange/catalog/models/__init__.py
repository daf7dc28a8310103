"""Products with their listing, revisions and offers."""

from exchange.catalog.models.offers import Offer
from exchange.catalog.models.products import ListingStep, Product
from exchange.catalog.models.revisions import Revision, RevisionTable

__all__ = ["ListingStep", "Offer", "Product", "Revision", "RevisionTable"]
