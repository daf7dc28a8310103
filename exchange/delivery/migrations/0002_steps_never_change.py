"""Steps of entitlements are append-only, and what an entitlement was granted for never changes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION delivery_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER entitlement_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON delivery_entitlementstep
    FOR EACH ROW EXECUTE FUNCTION delivery_refuse_rewriting();
CREATE TRIGGER entitlement_steps_are_never_emptied
    BEFORE TRUNCATE ON delivery_entitlementstep
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_refuse_rewriting();
CREATE TRIGGER entitlements_keep_what_was_granted
    BEFORE UPDATE ON delivery_entitlement
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.order_ref, OLD.organisation_id, OLD.product_id, OLD.terms,
         OLD.history, OLD.history_count, OLD.future, OLD.new_since, OLD.valid_from,
         OLD.valid_until)
        IS DISTINCT FROM
        (NEW.public_id, NEW.order_ref, NEW.organisation_id, NEW.product_id, NEW.terms,
         NEW.history, NEW.history_count, NEW.future, NEW.new_since, NEW.valid_from,
         NEW.valid_until)
    ) EXECUTE FUNCTION delivery_refuse_rewriting();
CREATE TRIGGER revoked_entitlements_stay_revoked
    BEFORE UPDATE ON delivery_entitlement
    FOR EACH ROW WHEN (OLD.state = 'revoked') EXECUTE FUNCTION delivery_refuse_rewriting();
CREATE TRIGGER entitlements_are_never_deleted
    BEFORE DELETE ON delivery_entitlement
    FOR EACH ROW EXECUTE FUNCTION delivery_refuse_rewriting();

CREATE FUNCTION delivery_check_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM delivery_entitlement AS e
        WHERE e.id = NEW.id AND e.state = (
            SELECT s.target FROM delivery_entitlementstep AS s
            WHERE s.entitlement_id = e.id ORDER BY s.id DESC LIMIT 1)
    ) THEN
        RAISE EXCEPTION 'entitlement % does not stand where its steps lead', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entitlement_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE OF state ON delivery_entitlement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION delivery_check_state();
"""

BACKWARD = """
DROP TRIGGER entitlement_stands_where_its_steps_lead ON delivery_entitlement;
DROP FUNCTION delivery_check_state();
DROP TRIGGER entitlements_are_never_deleted ON delivery_entitlement;
DROP TRIGGER revoked_entitlements_stay_revoked ON delivery_entitlement;
DROP TRIGGER entitlements_keep_what_was_granted ON delivery_entitlement;
DROP TRIGGER entitlement_steps_are_never_emptied ON delivery_entitlementstep;
DROP TRIGGER entitlement_steps_are_never_changed ON delivery_entitlementstep;
DROP FUNCTION delivery_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_entitlements_and_deliveries")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
