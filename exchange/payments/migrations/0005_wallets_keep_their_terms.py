"""Wallets, deposits and withdrawals keep what they were made with; what has ended stays ended."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER wallets_never_change
    BEFORE UPDATE OR DELETE ON payments_wallet
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE TRIGGER deposits_keep_their_terms
    BEFORE UPDATE ON payments_deposit
    FOR EACH ROW WHEN (
        OLD.state <> 'held' OR (OLD.order_ref <> '' AND OLD.order_ref <> NEW.order_ref)
        OR (OLD.public_id, OLD.purpose, OLD.organisation_id, OLD.placed_by_id, OLD.currency,
            OLD.amount_minor, OLD.hold, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.purpose, NEW.organisation_id, NEW.placed_by_id, NEW.currency,
            NEW.amount_minor, NEW.hold, NEW.created_at)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER deposits_are_never_deleted
    BEFORE DELETE ON payments_deposit
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();

CREATE TRIGGER withdrawals_keep_their_terms
    BEFORE UPDATE ON payments_withdrawal
    FOR EACH ROW WHEN (
        OLD.state <> 'promised'
        OR (OLD.public_id, OLD.wallet_id, OLD.by_id, OLD.currency, OLD.amount_minor, OLD.hold,
            OLD.token, OLD.created_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.wallet_id, NEW.by_id, NEW.currency, NEW.amount_minor, NEW.hold,
            NEW.token, NEW.created_at)
    ) EXECUTE FUNCTION payments_refuse_rewriting();
CREATE TRIGGER withdrawals_are_never_deleted
    BEFORE DELETE ON payments_withdrawal
    FOR EACH ROW EXECUTE FUNCTION payments_refuse_rewriting();
"""
UNGUARD = """
DROP TRIGGER withdrawals_are_never_deleted ON payments_withdrawal;
DROP TRIGGER withdrawals_keep_their_terms ON payments_withdrawal;
DROP TRIGGER deposits_are_never_deleted ON payments_deposit;
DROP TRIGGER deposits_keep_their_terms ON payments_deposit;
DROP TRIGGER wallets_never_change ON payments_wallet;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_withdrawals")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
