"""A credit code checks, and an organisation keeps an owner, whoever writes the row."""

from django.db import migrations

CHECK_CODE = r"""
CREATE FUNCTION accounts_credit_code_checks(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' AND (
        SELECT sum(
            (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, place, 1)) - 1)
            * ('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1}'::int[])[place]
        ) % 31 = 0
        FROM generate_series(1, 18) AS place
    )
$$;
ALTER TABLE accounts_organisation ADD CONSTRAINT organisation_credit_code_checks
    CHECK (accounts_credit_code_checks(credit_code));
"""
DROP_CODE = """
ALTER TABLE accounts_organisation DROP CONSTRAINT organisation_credit_code_checks;
DROP FUNCTION accounts_credit_code_checks(text);
"""

# Deferred, so that an owner may be exchanged for another in one transaction. The organisation's row
# is locked first: two owners who leave at once are counted one after the other.
KEEP_OWNER = r"""
CREATE FUNCTION accounts_organisation_keeps_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_organisation WHERE id = OLD.organisation_id FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM accounts_membership
        WHERE organisation_id = OLD.organisation_id AND role = 'owner'
    ) THEN
        RAISE EXCEPTION 'organisation % would be left without an owner', OLD.organisation_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organisation_keeps_an_owner';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organisation_keeps_an_owner
    AFTER DELETE OR UPDATE OF role, organisation_id ON accounts_membership
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'owner')
    EXECUTE FUNCTION accounts_organisation_keeps_an_owner();
"""
DROP_OWNER = """
DROP TRIGGER organisation_keeps_an_owner ON accounts_membership;
DROP FUNCTION accounts_organisation_keeps_an_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_organisations")]

    operations = [
        migrations.RunSQL(CHECK_CODE, DROP_CODE),
        migrations.RunSQL(KEEP_OWNER, DROP_OWNER),
    ]
