"""A series may count many documents at once, as long as each of them has its number."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION payments_count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.issued_count <= OLD.issued_count)
        OR (TG_OP = 'INSERT' AND NEW.issued_count <> 0)
    THEN
        RAISE EXCEPTION 'a series of numbers only counts up'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION payments_check_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.issued_count - OLD.issued_count <> (
        SELECT count(*) FROM payments_document AS d
        WHERE (d.kind, d.year) = (NEW.kind, NEW.year)
            AND d.serial > OLD.issued_count AND d.serial <= NEW.issued_count
    ) THEN
        RAISE EXCEPTION 'numbers up to % of % % would have a gap',
            NEW.issued_count, NEW.kind, NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION payments_count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.issued_count <> OLD.issued_count + 1)
        OR (TG_OP = 'INSERT' AND NEW.issued_count <> 0)
    THEN
        RAISE EXCEPTION 'a series of numbers counts one by one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION payments_check_series() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0014_sales_in_dispute")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
