"""What follows from a step, who permissions are asked about, and what of this room must be in the log."""

from datetime import datetime
from typing import Any

from django.db.models import Min

from exchange.asset_sales import bidders, results, rounds
from exchange.asset_sales.lifecycle import ASSET_SALE, BIDDER, AssetSaleState, BidderTransition
from exchange.asset_sales.models import (
    Announcement,
    AssetSale,
    AssetSaleStep,
    Bidder,
    Document,
    RoundBid,
)
from exchange.asset_sales.queries import subject_of
from exchange.audit import agreement, public
from exchange.audit.coverage import require_record, subjects
from exchange.core.lifecycle import Change
from exchange.members import deadlines
from exchange.members.lifecycle import ADMISSION, AdmissionTransition
from exchange.orders.lifecycle import ORDER
from exchange.orders.lifecycle import OrderTransition as X


def declare() -> None:
    """Fill the tables. For `AppConfig.ready`."""
    _declare_rows()
    public.seal("asset_sales", _bidding_since)
    ASSET_SALE.concerns, ASSET_SALE.record_facts = subject_of, _facts_of_sale
    deadlines.declare(ASSET_SALE, rounds.reckoned_end, write=rounds.move_end)
    BIDDER.concerns, BIDDER.record_facts = bidders.concerns, _facts_of_bidder
    ADMISSION.on(
        (AdmissionTransition.SUSPEND, AdmissionTransition.RESTRICT), rounds.rest_with_seller
    )
    ADMISSION.on(AdmissionTransition.RESTORE, rounds.go_on_with_seller)
    BIDDER.on((BidderTransition.QUALIFY, BidderTransition.REJECT), bidders.tell)
    ORDER.locks_next.append(results.lock_behind)
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


def _bidding_since() -> datetime | None:
    """When the oldest announcement began whose offers or bids are still under way."""
    under_way = (
        AssetSaleState.ANNOUNCED,
        AssetSaleState.SUSPENDED,
        AssetSaleState.QUALIFYING,
        AssetSaleState.BIDDING,
    )
    begun = Announcement.objects.filter(asset_sale__state__in=under_way)
    since: datetime | None = begun.aggregate(since=Min("starts_at"))["since"]
    return since


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat."""
    of_sale = "JOIN asset_sales_assetsale AS sale ON sale.id = row.asset_sale_id"
    of_round = "JOIN asset_sales_announcement AS round ON round.id = row.announcement_id"
    agreement.rows_of("asset_sale", "asset_sales_assetsale AS row", is_recorded=False)
    agreement.rows_of(
        "asset_sale_bidder",
        f"asset_sales_bidder AS row {of_round}"
        " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={
            "announcement": "round.public_id",
            "organisation": "o.public_id",
            "number": "row.number",
            "offer_minor": "row.offer_minor::text",
        },
    )
    agreement.rows_of(
        "asset_sale_document",
        f"asset_sales_document AS row {of_sale}",
        facts={
            "asset_sale": "sale.public_id",
            "kind": "row.kind",
            "sha256": "row.sha256",
            "size_bytes": "row.size_bytes",
            "name": "row.name",
        },
    )
    agreement.rows_of(
        "asset_sale_bid",
        f"asset_sales_roundbid AS row {of_round}",
        facts={
            "announcement": "round.public_id",
            "number": "row.seq",
            "amount_minor": "row.amount_minor::text",
        },
        actor="row.actor",
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
