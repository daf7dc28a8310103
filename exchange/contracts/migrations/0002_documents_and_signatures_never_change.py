"""What was put up for signing and who signed it stay as they were."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION contracts_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER signatures_are_never_changed
    BEFORE UPDATE OR DELETE ON contracts_signature
    FOR EACH ROW EXECUTE FUNCTION contracts_refuse_rewriting();
CREATE TRIGGER contract_steps_are_never_changed
    BEFORE UPDATE OR DELETE ON contracts_contractstep
    FOR EACH ROW EXECUTE FUNCTION contracts_refuse_rewriting();
CREATE TRIGGER signatures_are_never_emptied
    BEFORE TRUNCATE ON contracts_signature
    FOR EACH STATEMENT EXECUTE FUNCTION contracts_refuse_rewriting();
CREATE TRIGGER contract_steps_are_never_emptied
    BEFORE TRUNCATE ON contracts_contractstep
    FOR EACH STATEMENT EXECUTE FUNCTION contracts_refuse_rewriting();
CREATE TRIGGER contracts_are_never_deleted
    BEFORE DELETE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_refuse_rewriting();
CREATE TRIGGER contract_documents_are_frozen
    BEFORE UPDATE ON contracts_contract
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.template, OLD.template_version, OLD.product_id, OLD.seller_id,
            OLD.buyer_id, OLD.basis, OLD.document, OLD.document_hash, OLD.sign_by, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.template, NEW.template_version, NEW.product_id, NEW.seller_id,
            NEW.buyer_id, NEW.basis, NEW.document, NEW.document_hash, NEW.sign_by, NEW.created_at)
    ) EXECUTE FUNCTION contracts_refuse_rewriting();
"""

BACKWARD = """
DROP TRIGGER contract_documents_are_frozen ON contracts_contract;
DROP TRIGGER contracts_are_never_deleted ON contracts_contract;
DROP TRIGGER contract_steps_are_never_emptied ON contracts_contractstep;
DROP TRIGGER signatures_are_never_emptied ON contracts_signature;
DROP TRIGGER contract_steps_are_never_changed ON contracts_contractstep;
DROP TRIGGER signatures_are_never_changed ON contracts_signature;
DROP FUNCTION contracts_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_contracts_signatures_and_permits")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
