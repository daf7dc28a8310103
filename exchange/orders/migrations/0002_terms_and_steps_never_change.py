"""What was agreed and what happened stay as they were; an order stands where its steps lead.

The last is checked when the transaction commits, since a step and its order are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION orders_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER order_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON orders_orderstep
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER order_steps_are_never_emptied
    BEFORE TRUNCATE ON orders_orderstep
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER order_messages_are_never_changed
    BEFORE UPDATE OR DELETE ON orders_ordermessage
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER order_messages_are_never_emptied
    BEFORE TRUNCATE ON orders_ordermessage
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER certificates_are_never_changed
    BEFORE UPDATE OR DELETE ON orders_certificate
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER certificates_are_never_emptied
    BEFORE TRUNCATE ON orders_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER decided_rulings_are_final
    BEFORE UPDATE ON orders_ruling
    FOR EACH ROW WHEN (OLD.decision <> 'open') EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER rulings_are_never_deleted
    BEFORE DELETE ON orders_ruling
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER rulings_are_never_emptied
    BEFORE TRUNCATE ON orders_ruling
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER orders_are_never_deleted
    BEFORE DELETE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_rewriting();
CREATE TRIGGER orders_are_never_emptied
    BEFORE TRUNCATE ON orders_order
    FOR EACH STATEMENT EXECUTE FUNCTION orders_refuse_rewriting();

CREATE TRIGGER order_terms_are_frozen
    BEFORE UPDATE ON orders_order
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
    ) EXECUTE FUNCTION orders_refuse_rewriting();

CREATE FUNCTION orders_check_order(checked bigint, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM orders_order AS o
        JOIN orders_orderstep AS s ON s.order_id = o.id AND s.number = o.steps_count
        WHERE o.id = checked AND s.target = o.state
    ) OR EXISTS (
        SELECT FROM orders_orderstep AS s
        LEFT JOIN orders_orderstep AS p
            ON p.order_id = s.order_id AND p.number = s.number - 1
        JOIN orders_order AS o ON o.id = s.order_id
        WHERE s.order_id = checked
            AND (s.number NOT BETWEEN 1 AND o.steps_count
                OR s.source <> COALESCE(p.target, ''))
    ) THEN
        RAISE EXCEPTION 'order % does not stand where its steps lead', checked
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END IF;
END $$;

CREATE FUNCTION orders_order_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM orders_check_order(NEW.id, TG_NAME);
    RETURN NULL;
END $$;
CREATE FUNCTION orders_step_is_followed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM orders_check_order(NEW.order_id, TG_NAME);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER order_stands_where_its_steps_lead
    AFTER INSERT OR UPDATE OF state, steps_count ON orders_order
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orders_order_follows();
CREATE CONSTRAINT TRIGGER order_steps_follow_each_other
    AFTER INSERT ON orders_orderstep
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orders_step_is_followed();

CREATE FUNCTION orders_certificate_is_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.serial <> 1 AND NOT EXISTS (
        SELECT FROM orders_certificate WHERE year = NEW.year AND serial = NEW.serial - 1
    ) THEN
        RAISE EXCEPTION 'certificate % of % leaves a gap', NEW.serial, NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificates_leave_no_gap
    BEFORE INSERT ON orders_certificate
    FOR EACH ROW EXECUTE FUNCTION orders_certificate_is_next();
"""

BACKWARD = """
DROP TRIGGER certificates_leave_no_gap ON orders_certificate;
DROP FUNCTION orders_certificate_is_next();
DROP TRIGGER order_steps_follow_each_other ON orders_orderstep;
DROP TRIGGER order_stands_where_its_steps_lead ON orders_order;
DROP FUNCTION orders_step_is_followed();
DROP FUNCTION orders_order_follows();
DROP FUNCTION orders_check_order(bigint, text);
DROP TRIGGER order_terms_are_frozen ON orders_order;
DROP TRIGGER orders_are_never_emptied ON orders_order;
DROP TRIGGER orders_are_never_deleted ON orders_order;
DROP TRIGGER rulings_are_never_emptied ON orders_ruling;
DROP TRIGGER rulings_are_never_deleted ON orders_ruling;
DROP TRIGGER decided_rulings_are_final ON orders_ruling;
DROP TRIGGER certificates_are_never_emptied ON orders_certificate;
DROP TRIGGER certificates_are_never_changed ON orders_certificate;
DROP TRIGGER order_messages_are_never_emptied ON orders_ordermessage;
DROP TRIGGER order_messages_are_never_changed ON orders_ordermessage;
DROP TRIGGER order_steps_are_never_emptied ON orders_orderstep;
DROP TRIGGER order_steps_are_never_changed ON orders_orderstep;
DROP FUNCTION orders_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_orders_and_their_terms")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
