"""What the gates ask of a listing. Each answers yes where its question does not arise."""

from exchange.catalog import disclosure
from exchange.catalog.facts import Listing
from exchange.catalog.lifecycle import Delivery, ListingState

PARTS_MIN = 2


def describes(listing: Listing) -> bool:
    return bool(listing.product.title and listing.product.summary)


def has_data(listing: Listing) -> bool:
    return not listing.carries_file or any(table.document["rows"] for table in listing.tables)


def is_reachable(listing: Listing) -> bool:
    needs_address = listing.product.delivery in {Delivery.EXTERNAL, Delivery.API}
    return not needs_address or bool(listing.product.external_url)


def is_good(listing: Listing) -> bool:
    return listing.score is None or listing.score >= listing.quality_min


def findings_answered(listing: Listing) -> bool:
    return not any(table.unanswered for table in listing.tables)


def personal_stated(listing: Listing) -> bool:
    has_personal = any(table.personal for table in listing.tables)
    return not has_personal or bool(listing.product.personal_statement)


def grade_fits(listing: Listing) -> bool:
    """Core data is never traded, important data stays in the sandbox, general 4 may have an API.
    Another gate asks for a grade."""
    return listing.product.delivery in disclosure.deliveries_of(listing.product.grade)


def has_licence(listing: Listing) -> bool:
    licence = listing.product.licence
    return bool(licence.get("template") and licence.get("allowed"))


def parts_stand(listing: Listing) -> bool:
    if not listing.is_bundle:
        return True
    parts = listing.product.parts
    products = [part["product"] for part in parts if part["kind"] == "product"]
    listed = [listing.part_states.get(one) == ListingState.LISTED for one in products]
    return len(parts) >= PARTS_MIN and bool(listed) and all(listed)


def explains_columns(listing: Listing) -> bool:
    return all(
        column.get("description")
        for table in listing.tables
        for column in table.document["columns"]
    )


def is_classified(listing: Listing) -> bool:
    return bool(listing.product.industry and listing.product.region and listing.product.rhythm)
