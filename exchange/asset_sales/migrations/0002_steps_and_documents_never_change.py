"""What an asset sale rests on stays as it was; an asset sale stands where its steps lead.

The last is checked when the transaction commits, since a step and its asset_sale are two rows.
"""

from django.db import migrations

FROZEN = {
    "asset_sale_steps": "asset_sales_assetsalestep",
    "asset_sale_documents": "asset_sales_document",
    "asset_sale_valuations": "asset_sales_valuation",
    "asset_sale_consents": "asset_sales_consent",
    "asset_sale_conflicts": "asset_sales_conflict",
    "asset_sale_bids": "asset_sales_roundbid",
}
KEPT = {
    "asset_sales": "asset_sales_assetsale",
    "announcements": "asset_sales_announcement",
    "asset_sale_bidders": "asset_sales_bidder",
}

FUNCTION = """
CREATE FUNCTION asset_sales_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
"""

FREEZE = """
CREATE TRIGGER {name}_are_never_changed
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION asset_sales_refuse_rewriting();
CREATE TRIGGER {name}_are_never_emptied
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION asset_sales_refuse_rewriting();
"""

KEEP = """
CREATE TRIGGER {name}_are_never_deleted
    BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION asset_sales_refuse_rewriting();
CREATE TRIGGER {name}_are_never_emptied
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION asset_sales_refuse_rewriting();
"""

RULES = """
CREATE TRIGGER announcements_keep_what_was_announced
    BEFORE UPDATE ON asset_sales_announcement
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.asset_sale_id, OLD.valuation_id, OLD.number, OLD.kind, OLD.floor_minor,
            OLD.deposit_minor, OLD.conditions, OLD.days, OLD.starts_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.asset_sale_id, NEW.valuation_id, NEW.number, NEW.kind, NEW.floor_minor,
            NEW.deposit_minor, NEW.conditions, NEW.days, NEW.starts_at)
    ) EXECUTE FUNCTION asset_sales_refuse_rewriting();
CREATE TRIGGER asset_sale_bidders_are_decided_once
    BEFORE UPDATE ON asset_sales_bidder
    FOR EACH ROW WHEN (
        OLD.standing <> 'registered'
        OR (OLD.public_id, OLD.announcement_id, OLD.organisation_id, OLD.by_id, OLD.number,
            OLD.offer_minor, OLD.related, OLD.disclosure, OLD.deposit_ref, OLD.registered_at)
        IS DISTINCT FROM
           (NEW.public_id, NEW.announcement_id, NEW.organisation_id, NEW.by_id, NEW.number,
            NEW.offer_minor, NEW.related, NEW.disclosure, NEW.deposit_ref, NEW.registered_at)
    ) EXECUTE FUNCTION asset_sales_refuse_rewriting();

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

CREATE FUNCTION asset_sales_check_asset_sale(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM asset_sales_assetsale AS d
        JOIN asset_sales_assetsalestep AS s ON s.asset_sale_id = d.id AND s.number = d.steps_count
        WHERE d.id = checked AND s.target = d.state
    ) OR EXISTS (
        SELECT FROM asset_sales_assetsalestep AS s
        LEFT JOIN asset_sales_assetsalestep AS p
            ON p.asset_sale_id = s.asset_sale_id AND p.number = s.number - 1
        JOIN asset_sales_assetsale AS d ON d.id = s.asset_sale_id
        WHERE s.asset_sale_id = checked
            AND (s.number NOT BETWEEN 1 AND d.steps_count OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION 'asset_sale % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;
CREATE FUNCTION asset_sales_asset_sale_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM asset_sales_check_asset_sale(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION asset_sales_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM asset_sales_check_asset_sale(NEW.asset_sale_id, TG_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER asset_sale_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE ON asset_sales_assetsale
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION asset_sales_asset_sale_follows();
CREATE CONSTRAINT TRIGGER asset_sale_steps_follow_each_other
    AFTER INSERT ON asset_sales_assetsalestep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION asset_sales_step_is_followed();
"""

UNDO_RULES = """
DROP TRIGGER asset_sale_steps_follow_each_other ON asset_sales_assetsalestep;
DROP TRIGGER asset_sale_stands_where_its_steps_lead ON asset_sales_assetsale;
DROP FUNCTION asset_sales_step_is_followed();
DROP FUNCTION asset_sales_asset_sale_follows();
DROP FUNCTION asset_sales_check_asset_sale(bigint, text);
DROP TRIGGER asset_sale_bidder_offers_the_floor ON asset_sales_bidder;
DROP FUNCTION asset_sales_check_offer();
DROP TRIGGER asset_sale_bidders_are_decided_once ON asset_sales_bidder;
DROP TRIGGER announcements_keep_what_was_announced ON asset_sales_announcement;
"""

FORWARD = (
    FUNCTION
    + "".join(FREEZE.format(name=name, table=table) for name, table in FROZEN.items())
    + "".join(KEEP.format(name=name, table=table) for name, table in KEPT.items())
    + RULES
)
BACKWARD = (
    UNDO_RULES
    + "".join(
        f"DROP TRIGGER {name}_are_never_emptied ON {table};"
        for name, table in (FROZEN | KEPT).items()
    )
    + "".join(
        f"DROP TRIGGER {name}_are_never_changed ON {table};" for name, table in FROZEN.items()
    )
    + "".join(f"DROP TRIGGER {name}_are_never_deleted ON {table};" for name, table in KEPT.items())
    + "DROP FUNCTION asset_sales_refuse_rewriting();"
)


class Migration(migrations.Migration):
    dependencies = [("asset_sales", "0001_asset_sales_and_their_documents")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
