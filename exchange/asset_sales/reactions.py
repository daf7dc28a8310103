"""What follows from a step, who permissions are asked about, and what of this room must be in the log."""

from typing import Any

from exchange.asset_sales import bidders, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE, BIDDER, BidderTransition
from exchange.asset_sales.models import AssetSale, AssetSaleStep, Bidder, Document, RoundBid
from exchange.asset_sales.queries import subject_of
from exchange.audit.coverage import require_record, subjects
from exchange.core.lifecycle import Change
from exchange.members import deadlines
from exchange.members.lifecycle import ADMISSION, AdmissionTransition
from exchange.orders.lifecycle import ORDER
from exchange.orders.lifecycle import OrderTransition as X


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    ASSET_SALE.concerns, ASSET_SALE.record_facts = subject_of, _facts_of_sale
    deadlines.declare(ASSET_SALE, rounds.reckoned_end, write=rounds.move_end)
    BIDDER.concerns, BIDDER.record_facts = bidders.concerns, _facts_of_bidder
    ADMISSION.on(
        (AdmissionTransition.SUSPEND, AdmissionTransition.RESTRICT), rounds.rest_with_seller
    )
    ADMISSION.on(AdmissionTransition.RESTORE, rounds.go_on_with_seller)
    BIDDER.on((BidderTransition.QUALIFY, BidderTransition.REJECT), bidders.tell)
    ORDER.on((X.PAY, X.ACCEPT, X.AUTO_ACCEPT, X.RELEASE, X.CANCEL, X.LAPSE), results.follow_order)
    for thing, rows, events in (
        ("asset_sale_step", AssetSaleStep, ASSET_SALE.events),
        ("asset_sale_document", Document, ("asset_sales.document.added",)),
        ("asset_sale_bidder", Bidder, ("asset_sales.bidder.registered",)),
        ("asset_sale_bid", RoundBid, ("asset_sales.bid.placed",)),
    ):
        require_record(
            name=f"asset_sales.{thing}", rows=subjects(thing, rows.objects.all()), event=events
        )


def _facts_of_sale(asset_sale: AssetSale, _change: Change) -> dict[str, Any]:
    return {"seller": asset_sale.seller.public_id, "product": asset_sale.product.public_id}


def _facts_of_bidder(bidder: Bidder, _change: Change) -> dict[str, Any]:
    return {
        "announcement": bidder.announcement.public_id,
        "organisation": bidder.organisation.public_id,
        "number": bidder.number,
        "related": bidder.related,
        "deposit": bidder.deposit.public_id if bidder.deposit else "",
    }
