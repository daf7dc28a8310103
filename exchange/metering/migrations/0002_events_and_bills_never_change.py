"""What was used and what was billed stays as it was."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION metering_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE TRIGGER usage_events_are_never_changed
    BEFORE UPDATE OR DELETE ON metering_usageevent
    FOR EACH ROW EXECUTE FUNCTION metering_refuse_rewriting();
CREATE TRIGGER usage_bills_are_never_changed
    BEFORE UPDATE OR DELETE ON metering_usagebill
    FOR EACH ROW EXECUTE FUNCTION metering_refuse_rewriting();
"""
BACKWARD = """
DROP TRIGGER usage_events_are_never_changed ON metering_usageevent;
DROP TRIGGER usage_bills_are_never_changed ON metering_usagebill;
DROP FUNCTION metering_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("metering", "0001_subscriptions_events_and_bills")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
