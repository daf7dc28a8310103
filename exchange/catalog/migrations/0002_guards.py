"""What is published is never changed, offers only end, and a listing stands where its steps lead."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen

PRODUCT = ("public_id", "seller", "kind", "created_at")
OFFER = (
    "public_id", "product", "number", "name", "kind", "plan", "plan_digest", "currency",
    "price_minor", "period", "access_days", "history", "history_count", "future", "valid_from",
    "valid_until", "supersedes", "deal_nature", "reserved_for", "basis", "needs_approval",
)  # fmt: skip
REVISION = ("public_id", "product", "number", "note", "file", "published_at", "difference")

# What belongs to a revision or a product is free as long as that was never published.
PUBLISHED = """
CREATE TRIGGER published_revisions_are_never_deleted
    BEFORE DELETE ON catalog_revision
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION core_refuse_rewriting();

CREATE FUNCTION catalog_revision_is_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM catalog_revision AS r
        WHERE r.state <> 'draft'
            AND r.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.revision_id END,
                CASE WHEN TG_OP <> 'DELETE' THEN NEW.revision_id END)
    ) THEN
        RAISE EXCEPTION '% of % is refused: what is published is never changed', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER tables_of_published_revisions_never_change
    BEFORE INSERT OR UPDATE OR DELETE ON catalog_revisiontable
    FOR EACH ROW EXECUTE FUNCTION catalog_revision_is_draft();

CREATE FUNCTION catalog_offer_was_never_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM catalog_product WHERE id = OLD.product_id AND listed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION '% of % is refused: what is published is never changed', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER offers_once_listed_are_never_deleted
    BEFORE DELETE ON catalog_offer
    FOR EACH ROW EXECUTE FUNCTION catalog_offer_was_never_seen();
"""
FREE = """
DROP TRIGGER offers_once_listed_are_never_deleted ON catalog_offer;
DROP FUNCTION catalog_offer_was_never_seen();
DROP TRIGGER tables_of_published_revisions_never_change ON catalog_revisiontable;
DROP FUNCTION catalog_revision_is_draft();
DROP TRIGGER published_revisions_are_never_deleted ON catalog_revision;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_products_revisions_and_offers"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("listingstep", name="listing_steps"),
        Frozen("product", fields=PRODUCT, name="products_keep_their_seller"),
        FollowsSteps("product", "listingstep", link="product"),
        Frozen("offer", fields=OFFER, name="offers_only_end"),
        Frozen("offer", when="OLD.state = 'withdrawn'", name="withdrawn_offers_are_final"),
        Frozen(
            "revision", when="OLD.state <> 'draft'", fields=REVISION,
            name="published_revisions_never_change",
        ),
        Frozen(
            "revision", when="OLD.state = 'revoked' OR (OLD.state <> 'draft' AND NEW.state = 'draft')",
            name="revoked_revisions_are_final",
        ),
        migrations.RunSQL(PUBLISHED, FREE),
    ]
