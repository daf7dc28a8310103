"""What was proposed and what happened stay as they were."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION negotiation_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER proposals_are_never_changed
    BEFORE UPDATE OR DELETE ON negotiation_proposal
    FOR EACH ROW EXECUTE FUNCTION negotiation_refuse_rewriting();
CREATE TRIGGER negotiation_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON negotiation_negotiationstep
    FOR EACH ROW EXECUTE FUNCTION negotiation_refuse_rewriting();
CREATE TRIGGER proposals_are_never_emptied
    BEFORE TRUNCATE ON negotiation_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION negotiation_refuse_rewriting();
CREATE TRIGGER negotiation_steps_are_never_emptied
    BEFORE TRUNCATE ON negotiation_negotiationstep
    FOR EACH STATEMENT EXECUTE FUNCTION negotiation_refuse_rewriting();
CREATE TRIGGER negotiations_are_never_deleted
    BEFORE DELETE ON negotiation_negotiation
    FOR EACH ROW EXECUTE FUNCTION negotiation_refuse_rewriting();
CREATE TRIGGER negotiation_parties_are_frozen
    BEFORE UPDATE ON negotiation_negotiation
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.origin, OLD.product_id, OLD.buyer_id, OLD.seller_id, OLD.demand_ref,
            OLD.currency, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.origin, NEW.product_id, NEW.buyer_id, NEW.seller_id, NEW.demand_ref,
            NEW.currency, NEW.created_at)
    ) EXECUTE FUNCTION negotiation_refuse_rewriting();
"""

BACKWARD = """
DROP TRIGGER negotiation_parties_are_frozen ON negotiation_negotiation;
DROP TRIGGER negotiations_are_never_deleted ON negotiation_negotiation;
DROP TRIGGER negotiation_steps_are_never_emptied ON negotiation_negotiationstep;
DROP TRIGGER proposals_are_never_emptied ON negotiation_proposal;
DROP TRIGGER negotiation_steps_are_never_changed ON negotiation_negotiationstep;
DROP TRIGGER proposals_are_never_changed ON negotiation_proposal;
DROP FUNCTION negotiation_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("negotiation", "0001_negotiations_and_proposals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
