"""What an asset sale rests on stays as it was, an asset sale stands where its steps lead, and nobody
offers less than the floor."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

ANNOUNCED = (
    "public_id", "asset_sale", "valuation", "number", "kind", "floor_minor", "deposit_minor",
    "conditions", "days", "starts_at",
)  # fmt: skip
REGISTERED = (
    "public_id", "announcement", "organisation", "by", "number", "offer_minor", "related",
    "disclosure", "deposit", "registered_at",
)  # fmt: skip
FLOOR = """
CREATE FUNCTION asset_sales_check_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.offer_minor < (
        SELECT floor_minor FROM asset_sales_announcement WHERE id = NEW.announcement_id
    ) THEN
        RAISE EXCEPTION 'bidder % offers less than the floor', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER asset_sale_bidder_offers_the_floor
    BEFORE INSERT ON asset_sales_bidder
    FOR EACH ROW EXECUTE FUNCTION asset_sales_check_offer();
"""
NO_FLOOR = """
DROP TRIGGER asset_sale_bidder_offers_the_floor ON asset_sales_bidder;
DROP FUNCTION asset_sales_check_offer();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_refusal_function"),
        ("asset_sales", "0001_asset_sales_and_their_documents"),
    ]

    operations = [
        AppendOnly("assetsalestep", name="asset_sale_steps"),
        AppendOnly("document", name="asset_sale_documents"),
        AppendOnly("valuation", name="asset_sale_valuations"),
        AppendOnly("consent", name="asset_sale_consents"),
        AppendOnly("conflict", name="asset_sale_conflicts"),
        AppendOnly("roundbid", name="asset_sale_bids"),
        NeverDeleted("assetsale", name="asset_sales"),
        NeverDeleted("announcement", name="announcements"),
        NeverDeleted("bidder", name="asset_sale_bidders"),
        Frozen("announcement", fields=ANNOUNCED, name="announcements_keep_what_was_announced"),
        Frozen("bidder", fields=REGISTERED, name="asset_sale_bidders_keep_their_offer"),
        Frozen(
            "bidder", when="OLD.standing <> 'registered'", name="asset_sale_bidders_are_decided_once"
        ),
        FollowsSteps("assetsale", "assetsalestep", link="asset_sale"),
        migrations.RunSQL(FLOOR, NO_FLOOR),
    ]
