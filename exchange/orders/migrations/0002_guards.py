"""What was agreed and what happened stay as they were, an order stands where its steps lead, no two
buyers have exclusive licences of one product at a time, and certificates leave no gap."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

ORDER_TERMS = (
    "public_id", "buyer", "seller", "product", "offer", "contract", "placed_by", "terms",
    "terms_hash", "title", "title_zh", "currency", "net_minor", "tax_minor", "total_minor", "payment_method",
    "po_number", "needs_second", "auto_renew", "renews", "created_at",
)  # fmt: skip

# The index type of ranges knows no “other than”. So each licence takes a lane of whole numbers: one
# of its own, out of those of its buyer; an exclusive licence takes all lanes but its buyer's.
EXCLUSIVE = """
ALTER TABLE orders_licencewindow ADD CONSTRAINT licence_window_respects_exclusive_ones
EXCLUDE USING gist (
    int8range(product_id, product_id, '[]') WITH &&,
    during WITH &&,
    (CASE WHEN exclusive
        THEN int8multirange(
            int8range(NULL, buyer_id << 31), int8range((buyer_id + 1) << 31, NULL)
        )
        ELSE int8multirange(
            int8range((buyer_id << 31) + order_id, (buyer_id << 31) + order_id, '[]')
        )
    END) WITH &&
) WHERE (freed_at IS NULL)
"""
NO_GAP = """
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
GAP = """
DROP TRIGGER certificates_leave_no_gap ON orders_certificate;
DROP FUNCTION orders_certificate_is_next();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_orders_and_their_terms"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("orderstep", name="order_steps"),
        AppendOnly("ordermessage", name="order_messages"),
        AppendOnly("certificate", name="certificates"),
        AppendOnly("pricereason", name="price_reasons"),
        NeverDeleted("ruling", name="rulings"),
        Frozen("ruling", when="OLD.decision <> 'open'", name="decided_rulings_are_final"),
        NeverDeleted("order", name="orders"),
        Frozen("order", fields=ORDER_TERMS, name="order_terms_are_frozen"),
        FollowsSteps("order", "orderstep", link="order"),
        migrations.RunSQL(
            EXCLUSIVE,
            "ALTER TABLE orders_licencewindow"
            " DROP CONSTRAINT licence_window_respects_exclusive_ones",
        ),
        migrations.RunSQL(NO_GAP, GAP),
    ]
