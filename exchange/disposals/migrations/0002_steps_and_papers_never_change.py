"""What a disposal rests on stays as it was; a disposal stands where its steps lead.

The last is checked when the transaction commits, since a step and its disposal are two rows.
"""

from django.db import migrations

FROZEN = {
    "disposal_steps": "disposals_disposalstep",
    "disposal_documents": "disposals_document",
    "disposal_valuations": "disposals_valuation",
    "disposal_consents": "disposals_consent",
    "disposal_conflicts": "disposals_conflict",
    "disposal_bids": "disposals_roundbid",
}
KEPT = {
    "disposals": "disposals_disposal",
    "announcements": "disposals_announcement",
    "disposal_bidders": "disposals_bidder",
}

FUNCTION = """
CREATE FUNCTION disposals_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
"""

FREEZE = """
CREATE TRIGGER {name}_are_never_changed
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION disposals_refuse_rewriting();
CREATE TRIGGER {name}_are_never_emptied
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION disposals_refuse_rewriting();
"""

KEEP = """
CREATE TRIGGER {name}_are_never_deleted
    BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION disposals_refuse_rewriting();
CREATE TRIGGER {name}_are_never_emptied
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION disposals_refuse_rewriting();
"""

RULES = """
CREATE TRIGGER announcements_keep_what_was_announced
    BEFORE UPDATE ON disposals_announcement
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.disposal_id, OLD.valuation_id, OLD.number, OLD.kind, OLD.floor_minor,
            OLD.deposit_minor, OLD.conditions, OLD.days, OLD.starts_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.disposal_id, NEW.valuation_id, NEW.number, NEW.kind, NEW.floor_minor,
            NEW.deposit_minor, NEW.conditions, NEW.days, NEW.starts_at)
    ) EXECUTE FUNCTION disposals_refuse_rewriting();
CREATE TRIGGER disposal_bidders_are_decided_once
    BEFORE UPDATE ON disposals_bidder
    FOR EACH ROW WHEN (
        OLD.standing <> 'registered'
        OR (OLD.public_id, OLD.announcement_id, OLD.organisation_id, OLD.by_id, OLD.number,
            OLD.offer_minor, OLD.related, OLD.disclosure, OLD.deposit_ref, OLD.registered_at)
        IS DISTINCT FROM
           (NEW.public_id, NEW.announcement_id, NEW.organisation_id, NEW.by_id, NEW.number,
            NEW.offer_minor, NEW.related, NEW.disclosure, NEW.deposit_ref, NEW.registered_at)
    ) EXECUTE FUNCTION disposals_refuse_rewriting();

CREATE FUNCTION disposals_check_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.offer_minor < (
        SELECT floor_minor FROM disposals_announcement WHERE id = NEW.announcement_id
    ) THEN
        RAISE EXCEPTION 'bidder % offers less than the floor', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disposal_bidder_offers_the_floor
    BEFORE INSERT ON disposals_bidder
    FOR EACH ROW EXECUTE FUNCTION disposals_check_offer();

CREATE FUNCTION disposals_check_disposal(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM disposals_disposal AS d
        JOIN disposals_disposalstep AS s ON s.disposal_id = d.id AND s.number = d.steps_count
        WHERE d.id = checked AND s.target = d.state
    ) OR EXISTS (
        SELECT FROM disposals_disposalstep AS s
        LEFT JOIN disposals_disposalstep AS p
            ON p.disposal_id = s.disposal_id AND p.number = s.number - 1
        JOIN disposals_disposal AS d ON d.id = s.disposal_id
        WHERE s.disposal_id = checked
            AND (s.number NOT BETWEEN 1 AND d.steps_count OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION 'disposal % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;
CREATE FUNCTION disposals_disposal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disposals_check_disposal(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION disposals_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disposals_check_disposal(NEW.disposal_id, TG_NAME);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disposal_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE ON disposals_disposal
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION disposals_disposal_follows();
CREATE CONSTRAINT TRIGGER disposal_steps_follow_each_other
    AFTER INSERT ON disposals_disposalstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION disposals_step_is_followed();
"""

UNDO_RULES = """
DROP TRIGGER disposal_steps_follow_each_other ON disposals_disposalstep;
DROP TRIGGER disposal_stands_where_its_steps_lead ON disposals_disposal;
DROP FUNCTION disposals_step_is_followed();
DROP FUNCTION disposals_disposal_follows();
DROP FUNCTION disposals_check_disposal(bigint, text);
DROP TRIGGER disposal_bidder_offers_the_floor ON disposals_bidder;
DROP FUNCTION disposals_check_offer();
DROP TRIGGER disposal_bidders_are_decided_once ON disposals_bidder;
DROP TRIGGER announcements_keep_what_was_announced ON disposals_announcement;
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
    + "DROP FUNCTION disposals_refuse_rewriting();"
)


class Migration(migrations.Migration):
    dependencies = [("disposals", "0001_disposals_and_their_papers")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
