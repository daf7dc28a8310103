"""What payments promise and the database keeps: amounts and terms never change, what has ended stays
ended, numbered documents have no gaps, and the shares of a settlement sum to what is shared out.

Gaps and sums are checked at commit, since a document and its series are two rows.
"""

from django.db import migrations

from exchange.core.guards import AppendOnly, Frozen, NeverDeleted

SERIES = """
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
        SELECT FROM payments_document AS d
        WHERE (d.kind, d.year, d.serial) = (NEW.kind, NEW.year, NEW.issued_count)
    ) THEN
        RAISE EXCEPTION 'number % of % % would be a gap', NEW.issued_count, NEW.kind, NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER number_series_has_no_gaps
    AFTER UPDATE ON payments_numberseries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_check_series();
"""
NO_SERIES = """
DROP TRIGGER number_series_has_no_gaps ON payments_numberseries;
DROP TRIGGER number_series_counts_by_one ON payments_numberseries;
DROP FUNCTION payments_check_series();
DROP FUNCTION payments_count_documents();
"""
SHARES = """
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
"""
NO_SHARES = """
DROP TRIGGER shares_sum_to_the_pool ON payments_settlement;
DROP FUNCTION payments_check_shares();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_refusal_function"),
        ("payments", "0001_payments_settlements_and_documents"),
    ]

    operations = [
        AppendOnly("document", name="documents"),
        migrations.RunSQL(SERIES, NO_SERIES),
        Frozen(
            "payment",
            fields=(
                "public_id", "order", "payer", "method", "currency", "amount_minor", "reference",
                "created_at",
            ),
            name="payments_keep_their_terms",
        ),
        Frozen(
            "payment",
            when="OLD.state IN ('received', 'cancelled') AND NEW.state <> OLD.state",
            name="payments_stay_as_decided",
        ),
        NeverDeleted("payment", name="payments"),
        Frozen(
            "refund",
            fields=("public_id", "payment", "currency", "amount_minor", "source", "created_at"),
            name="refunds_keep_their_terms",
        ),
        NeverDeleted("refund", name="refunds"),
        Frozen(
            "settlement",
            fields=(
                "public_id", "order", "buyer", "seller", "currency", "gross_minor", "tax_minor",
                "fee_minor", "pool_minor", "fee_rate", "document", "settled_at", "clears_at",
            ),
            name="settlements_keep_their_parts",
        ),
        NeverDeleted("settlement", name="settlements"),
        Frozen(
            "settlementshare",
            fields=("settlement", "position", "organisation", "weight", "amount_minor"),
            name="shares_keep_their_amounts",
        ),
        NeverDeleted("settlementshare", name="shares"),
        migrations.RunSQL(SHARES, NO_SHARES),
        Frozen(
            "payout",
            fields=(
                "public_id", "run", "organisation", "account", "currency", "amount_minor",
                "created_at",
            ),
            name="payouts_keep_their_amounts",
        ),
        NeverDeleted("payout", name="payouts"),
        Frozen(
            "incomingtransfer",
            fields=(
                "bank_ref", "received_on", "currency", "amount_minor", "payer_name", "text",
            ),
            name="incoming_transfers_keep_what_the_bank_said",
        ),
        NeverDeleted("incomingtransfer", name="incoming_transfers"),
        AppendOnly("wallet", name="wallets"),
        Frozen("deposit", when="OLD.state <> 'held'", name="deposits_stay_as_decided"),
        Frozen(
            "deposit",
            fields=("order",),
            when="OLD.order_id IS NOT NULL",
            name="deposits_keep_their_order",
        ),
        Frozen(
            "deposit",
            fields=(
                "public_id", "purpose", "organisation", "placed_by", "currency", "amount_minor",
                "hold", "created_at",
            ),
            name="deposits_keep_their_terms",
        ),
        NeverDeleted("deposit", name="deposits"),
        Frozen("withdrawal", when="OLD.state <> 'promised'", name="withdrawals_stay_as_decided"),
        Frozen(
            "withdrawal",
            fields=(
                "public_id", "wallet", "by", "currency", "amount_minor", "hold", "token",
                "created_at",
            ),
            name="withdrawals_keep_their_terms",
        ),
        NeverDeleted("withdrawal", name="withdrawals"),
    ]
