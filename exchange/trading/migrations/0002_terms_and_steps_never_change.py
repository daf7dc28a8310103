"""What was agreed and what happened stay as they were; an order stands where its steps lead.

The last is checked when the transaction commits, since a step and its order are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION trading_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER order_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON trading_orderstep
    FOR EACH ROW EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER order_steps_are_never_emptied
    BEFORE TRUNCATE ON trading_orderstep
    FOR EACH STATEMENT EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER order_messages_are_never_changed
    BEFORE UPDATE OR DELETE ON trading_ordermessage
    FOR EACH ROW EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER order_messages_are_never_emptied
    BEFORE TRUNCATE ON trading_ordermessage
    FOR EACH STATEMENT EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER certificates_are_never_changed
    BEFORE UPDATE OR DELETE ON trading_certificate
    FOR EACH ROW EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER certificates_are_never_emptied
    BEFORE TRUNCATE ON trading_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER decided_rulings_are_final
    BEFORE UPDATE ON trading_ruling
    FOR EACH ROW WHEN (OLD.decision <> 'open') EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER rulings_are_never_deleted
    BEFORE DELETE ON trading_ruling
    FOR EACH ROW EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER rulings_are_never_emptied
    BEFORE TRUNCATE ON trading_ruling
    FOR EACH STATEMENT EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER orders_are_never_deleted
    BEFORE DELETE ON trading_order
    FOR EACH ROW EXECUTE FUNCTION trading_refuse_rewriting();
CREATE TRIGGER orders_are_never_emptied
    BEFORE TRUNCATE ON trading_order
    FOR EACH STATEMENT EXECUTE FUNCTION trading_refuse_rewriting();

CREATE TRIGGER order_terms_are_frozen
    BEFORE UPDATE ON trading_order
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.buyer_id, OLD.seller_id, OLD.product_id, OLD.offer_id,
            OLD.placed_by_id, OLD.terms, OLD.terms_hash, OLD.title, OLD.title_zh, OLD.currency,
            OLD.net_minor, OLD.tax_minor, OLD.total_minor, OLD.payment_method,
            OLD.purchase_number, OLD.needs_second, OLD.renews_id, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.buyer_id, NEW.seller_id, NEW.product_id, NEW.offer_id,
            NEW.placed_by_id, NEW.terms, NEW.terms_hash, NEW.title, NEW.title_zh, NEW.currency,
            NEW.net_minor, NEW.tax_minor, NEW.total_minor, NEW.payment_method,
            NEW.purchase_number, NEW.needs_second, NEW.renews_id, NEW.created_at)
    ) EXECUTE FUNCTION trading_refuse_rewriting();

CREATE FUNCTION trading_check_order(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM trading_order AS o
        JOIN trading_orderstep AS s ON s.order_id = o.id AND s.number = o.steps_count
        WHERE o.id = checked AND s.target = o.state
    ) OR EXISTS (
        SELECT FROM trading_orderstep AS s
        LEFT JOIN trading_orderstep AS p
            ON p.order_id = s.order_id AND p.number = s.number - 1
        JOIN trading_order AS o ON o.id = s.order_id
        WHERE s.order_id = checked
            AND (s.number NOT BETWEEN 1 AND o.steps_count
                OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION 'order % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;

CREATE FUNCTION trading_order_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM trading_check_order(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION trading_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM trading_check_order(NEW.order_id, TG_NAME);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER order_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE OF state, steps_count ON trading_order
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION trading_order_follows();
CREATE CONSTRAINT TRIGGER order_steps_follow_each_other
    AFTER INSERT ON trading_orderstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION trading_step_is_followed();

CREATE FUNCTION trading_certificate_is_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.serial <> 1 AND NOT EXISTS (
        SELECT FROM trading_certificate WHERE year = NEW.year AND serial = NEW.serial - 1
    ) THEN
        RAISE EXCEPTION 'certificate % of % leaves a gap', NEW.serial, NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_leave_no_gap
    BEFORE INSERT ON trading_certificate
    FOR EACH ROW EXECUTE FUNCTION trading_certificate_is_next();
"""

BACKWARD = """
DROP TRIGGER certificates_leave_no_gap ON trading_certificate;
DROP FUNCTION trading_certificate_is_next();
DROP TRIGGER order_steps_follow_each_other ON trading_orderstep;
DROP TRIGGER order_stands_where_its_steps_lead ON trading_order;
DROP FUNCTION trading_step_is_followed();
DROP FUNCTION trading_order_follows();
DROP FUNCTION trading_check_order(bigint, text);
DROP TRIGGER order_terms_are_frozen ON trading_order;
DROP TRIGGER orders_are_never_emptied ON trading_order;
DROP TRIGGER orders_are_never_deleted ON trading_order;
DROP TRIGGER rulings_are_never_emptied ON trading_ruling;
DROP TRIGGER rulings_are_never_deleted ON trading_ruling;
DROP TRIGGER decided_rulings_are_final ON trading_ruling;
DROP TRIGGER certificates_are_never_emptied ON trading_certificate;
DROP TRIGGER certificates_are_never_changed ON trading_certificate;
DROP TRIGGER order_messages_are_never_emptied ON trading_ordermessage;
DROP TRIGGER order_messages_are_never_changed ON trading_ordermessage;
DROP TRIGGER order_steps_are_never_emptied ON trading_orderstep;
DROP TRIGGER order_steps_are_never_changed ON trading_orderstep;
DROP FUNCTION trading_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("trading", "0001_orders_and_their_terms")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
