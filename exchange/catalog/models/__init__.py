"""Products with their listing, revisions and offers; what people want; what the search reads."""

from exchange.catalog.models.interest import (
    Demand,
    DemandAnswer,
    ProductDay,
    SavedSearch,
    Watch,
)
from exchange.catalog.models.offers import Offer
from exchange.catalog.models.products import ListingStep, Product
from exchange.catalog.models.questions import Question
from exchange.catalog.models.revisions import ColumnFlag, Revision, RevisionTable
from exchange.catalog.models.search import SearchEntry, SearchWord
from exchange.catalog.models.sharing import Sharing, SharingParty, SharingRoyalty

__all__ = [
    "ColumnFlag",
    "Demand",
    "DemandAnswer",
    "ListingStep",
    "Offer",
    "Product",
    "ProductDay",
    "Question",
    "Revision",
    "RevisionTable",
    "SavedSearch",
    "SearchEntry",
    "SearchWord",
    "Sharing",
    "SharingParty",
    "SharingRoyalty",
    "Watch",
]
