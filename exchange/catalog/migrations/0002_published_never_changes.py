"""Steps, published revisions and offers stay as they were; a listing stands where its steps lead.

The last is checked when the transaction commits, since a step and its product are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION catalog_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is published is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER listing_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON catalog_listingstep
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_rewriting();
CREATE TRIGGER listing_steps_are_never_emptied
    BEFORE TRUNCATE ON catalog_listingstep
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_rewriting();
CREATE TRIGGER products_keep_their_seller
    BEFORE UPDATE ON catalog_product
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.seller_id, OLD.kind, OLD.created_at)
        IS DISTINCT FROM (NEW.public_id, NEW.seller_id, NEW.kind, NEW.created_at)
    ) EXECUTE FUNCTION catalog_refuse_rewriting();

CREATE TRIGGER offers_only_end
    BEFORE UPDATE ON catalog_offer
    FOR EACH ROW WHEN (
        OLD.state = 'withdrawn'
        OR (OLD.public_id, OLD.product_id, OLD.number, OLD.name, OLD.kind, OLD.plan,
            OLD.plan_digest, OLD.currency, OLD.price_minor, OLD.period, OLD.access_days,
            OLD.history, OLD.history_count, OLD.future, OLD.valid_from, OLD.valid_until,
            OLD.supersedes_id)
        IS DISTINCT FROM
        (NEW.public_id, NEW.product_id, NEW.number, NEW.name, NEW.kind, NEW.plan,
            NEW.plan_digest, NEW.currency, NEW.price_minor, NEW.period, NEW.access_days,
            NEW.history, NEW.history_count, NEW.future, NEW.valid_from, NEW.valid_until,
            NEW.supersedes_id)
    ) EXECUTE FUNCTION catalog_refuse_rewriting();

CREATE TRIGGER published_revisions_never_change
    BEFORE UPDATE ON catalog_revision
    FOR EACH ROW WHEN (
        OLD.state = 'revoked' OR (OLD.state = 'published'
        AND (NEW.state = 'draft'
            OR (OLD.public_id, OLD.product_id, OLD.number, OLD.note, OLD.file_id,
                OLD.published_at, OLD.difference)
            IS DISTINCT FROM
            (NEW.public_id, NEW.product_id, NEW.number, NEW.note, NEW.file_id,
                NEW.published_at, NEW.difference)))
    ) EXECUTE FUNCTION catalog_refuse_rewriting();
CREATE TRIGGER published_revisions_are_never_deleted
    BEFORE DELETE ON catalog_revision
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION catalog_refuse_rewriting();

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

CREATE FUNCTION catalog_check_listing(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM catalog_product AS p
        JOIN catalog_listingstep AS s ON s.product_id = p.id AND s.number = p.steps_count
        WHERE p.id = checked AND s.target = p.state
    ) OR EXISTS (
        SELECT FROM catalog_listingstep AS s
        LEFT JOIN catalog_listingstep AS b
            ON b.product_id = s.product_id AND b.number = s.number - 1
        JOIN catalog_product AS p ON p.id = s.product_id
        WHERE s.product_id = checked
            AND (s.number NOT BETWEEN 1 AND p.steps_count
                OR s.source <> COALESCE(b.target, ''))
    ) THEN
        RAISE EXCEPTION 'the listing of product % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;

CREATE FUNCTION catalog_listing_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_check_listing(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_check_listing(NEW.product_id, TG_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER listing_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE OF state, steps_count ON catalog_product
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION catalog_listing_follows();
CREATE CONSTRAINT TRIGGER listing_steps_follow_each_other
    AFTER INSERT ON catalog_listingstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION catalog_step_is_followed();
"""

BACKWARD = """
DROP TRIGGER listing_steps_follow_each_other ON catalog_listingstep;
DROP TRIGGER listing_stands_where_its_steps_lead ON catalog_product;
DROP FUNCTION catalog_step_is_followed();
DROP FUNCTION catalog_listing_follows();
DROP FUNCTION catalog_check_listing(bigint, text);
DROP TRIGGER offers_once_listed_are_never_deleted ON catalog_offer;
DROP FUNCTION catalog_offer_was_never_seen();
DROP TRIGGER tables_of_published_revisions_never_change ON catalog_revisiontable;
DROP FUNCTION catalog_revision_is_draft();
DROP TRIGGER published_revisions_are_never_deleted ON catalog_revision;
DROP TRIGGER published_revisions_never_change ON catalog_revision;
DROP TRIGGER offers_only_end ON catalog_offer;
DROP TRIGGER products_keep_their_seller ON catalog_product;
DROP TRIGGER listing_steps_are_never_emptied ON catalog_listingstep;
DROP TRIGGER listing_steps_are_never_changed ON catalog_listingstep;
DROP FUNCTION catalog_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_products_revisions_and_offers")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
