"""What was announced and what was bid stays as it was, a closed auction takes no bid, and an auction
stands where its steps lead."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

RULES = (
    "public_id", "organiser", "product", "kind", "access", "deal_nature", "exclusive", "currency",
    "opening_minor", "reserve_minor", "reserve_shown", "increments", "quantity", "options",
    "deposit_minor", "sealed_key", "seed", "first_closes_at", "soft_window_seconds",
    "soft_extension_seconds", "closes_by", "reveal_seconds", "opens_at",
)  # fmt: skip
AS_PLACED = (
    "public_id", "auction", "bidder", "by", "actor", "seq", "received_at", "clock_micros",
    "amount_minor", "quantity", "price_after_minor", "commitment", "envelope", "record_id",
)  # fmt: skip
AS_CLEARED = ("public_id", "auction", "bidder", "by", "product", "quantity", "payment_minor")


class Migration(migrations.Migration):
    dependencies = [
        ("auctions", "0001_auctions_and_bids"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("auctionstep", name="auction_steps"),
        AppendOnly("evidence", name="auction_evidence"),
        AppendOnly("reveal", name="reveals"),
        NeverDeleted("bid", name="bids"),
        Frozen("bid", fields=AS_PLACED, name="bids_stay_as_placed"),
        Frozen(
            "bid",
            when="OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL",
            name="bids_change_only_by_one_withdrawal",
        ),
        NeverDeleted("award", name="awards"),
        Frozen("award", fields=AS_CLEARED, name="awards_stay_as_cleared"),
        Frozen("award", when="OLD.order_id IS NOT NULL", name="awards_get_their_order_once"),
        NeverDeleted("auction", name="auctions"),
        Frozen(
            "auction",
            fields=RULES,
            when="OLD.state <> 'draft'",
            name="announced_auctions_keep_their_rules",
        ),
        Frozen(
            "auction",
            fields=("bids_count",),
            when="OLD.state <> 'open'",
            name="closed_auctions_take_no_bid",
        ),
        FollowsSteps("auction", "auctionstep", link="auction"),
    ]
