"""Numbered documents never change and have no gaps; what was split, sent or received stays as it was.

Gaps are checked when the transaction commits, since a document and its series are two rows.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER documents_are_never_changed
    BEFORE UPDATE OR DELETE ON payments_document
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER documents_are_never_emptied
    BEFORE TRUNCATE ON payments_document
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_rewriting();

CREATE FUNCTION payments_count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.issued_count <> OLD.issued_count + 1)
        OR (TG_OP = 'INSERT' AND NEW.issued_count <> 0)
    THEN
        RAISE EXCEPTION 'a series of numbers counts one by one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER number_series_counts_by_one
    BEFORE INSERT OR UPDATE OR DELETE ON payments_numberseries
    FOR EACH ROW EXECUTE FUNCTION payments_count_documents();

CREATE FUNCTION payments_check_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_document AS p
        WHERE (p.kind, p.year, p.serial) = (NEW.kind, NEW.year, NEW.issued_count)
    ) THEN
        RAISE EXCEPTION 'number % of % % would be a gap', NEW.issued_count, NEW.kind, NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER number_series_has_no_gaps
    AFTER UPDATE ON payments_numberseries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_check_series();

CREATE TRIGGER payments_keep_their_terms
    BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.order_ref, OLD.payer_id, OLD.method, OLD.currency, OLD.amount_minor,
            OLD.reference, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.order_ref, NEW.payer_id, NEW.method, NEW.currency, NEW.amount_minor,
            NEW.reference, NEW.created_at)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER payments_stay_as_decided
    BEFORE UPDATE OF state ON payments_payment
    FOR EACH ROW WHEN (OLD.state IN ('received', 'cancelled') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER payments_are_never_deleted
    BEFORE DELETE ON payments_payment
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE TRIGGER settlements_keep_their_parts
    BEFORE UPDATE ON payments_settlement
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.order_ref, OLD.buyer_id, OLD.seller_id, OLD.currency, OLD.gross_minor,
            OLD.tax_minor, OLD.fee_minor, OLD.pool_minor, OLD.fee_rate, OLD.document,
            OLD.settled_at, OLD.clears_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.order_ref, NEW.buyer_id, NEW.seller_id, NEW.currency, NEW.gross_minor,
            NEW.tax_minor, NEW.fee_minor, NEW.pool_minor, NEW.fee_rate, NEW.document,
            NEW.settled_at, NEW.clears_at)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER settlements_are_never_deleted
    BEFORE DELETE ON payments_settlement
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE TRIGGER shares_keep_their_amounts
    BEFORE UPDATE ON payments_settlementshare
    FOR EACH ROW WHEN (
        (OLD.settlement_id, OLD.position, OLD.organisation_id, OLD.weight, OLD.amount_minor)
        IS DISTINCT FROM
        (NEW.settlement_id, NEW.position, NEW.organisation_id, NEW.weight, NEW.amount_minor)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER shares_are_never_deleted
    BEFORE DELETE ON payments_settlementshare
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE FUNCTION payments_check_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT s.pool_minor <> COALESCE(
            (SELECT sum(amount_minor) FROM payments_settlementshare WHERE settlement_id = s.id), 0)
        FROM payments_settlement AS s WHERE s.id = NEW.id)
    THEN
        RAISE EXCEPTION 'the shares of settlement % do not sum to what is shared out', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER shares_sum_to_the_pool
    AFTER INSERT ON payments_settlement DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_check_shares();

CREATE TRIGGER payouts_keep_their_amounts
    BEFORE UPDATE ON payments_payout
    FOR EACH ROW WHEN (
        (OLD.public_id, OLD.run_id, OLD.organisation_id, OLD.account_id, OLD.currency,
            OLD.amount_minor, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.run_id, NEW.organisation_id, NEW.account_id, NEW.currency,
            NEW.amount_minor, NEW.created_at)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER payouts_are_never_deleted
    BEFORE DELETE ON payments_payout
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE TRIGGER incoming_transfers_keep_what_the_bank_said
    BEFORE UPDATE ON payments_incomingtransfer
    FOR EACH ROW WHEN (
        (OLD.bank_ref, OLD.received_on, OLD.currency, OLD.amount_minor, OLD.payer_name, OLD.text)
        IS DISTINCT FROM
        (NEW.bank_ref, NEW.received_on, NEW.currency, NEW.amount_minor, NEW.payer_name, NEW.text)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER incoming_transfers_are_never_deleted
    BEFORE DELETE ON payments_incomingtransfer
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();
"""

BACKWARD = """
DROP TRIGGER documents_are_never_changed ON payments_document;
DROP TRIGGER documents_are_never_emptied ON payments_document;
DROP TRIGGER number_series_counts_by_one ON payments_numberseries;
DROP TRIGGER number_series_has_no_gaps ON payments_numberseries;
DROP TRIGGER payments_keep_their_terms ON payments_payment;
DROP TRIGGER payments_stay_as_decided ON payments_payment;
DROP TRIGGER payments_are_never_deleted ON payments_payment;
DROP TRIGGER settlements_keep_their_parts ON payments_settlement;
DROP TRIGGER settlements_are_never_deleted ON payments_settlement;
DROP TRIGGER shares_keep_their_amounts ON payments_settlementshare;
DROP TRIGGER shares_are_never_deleted ON payments_settlementshare;
DROP TRIGGER shares_sum_to_the_pool ON payments_settlement;
DROP TRIGGER payouts_keep_their_amounts ON payments_payout;
DROP TRIGGER payouts_are_never_deleted ON payments_payout;
DROP TRIGGER incoming_transfers_keep_what_the_bank_said ON payments_incomingtransfer;
DROP TRIGGER incoming_transfers_are_never_deleted ON payments_incomingtransfer;
DROP FUNCTION payments_check_shares();
DROP FUNCTION payments_check_series();
DROP FUNCTION payments_count_documents();
DROP FUNCTION payments_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_payments_settlements_and_documents")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
