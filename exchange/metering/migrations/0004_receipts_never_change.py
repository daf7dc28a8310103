"""Receipts stay as they were, and no table of what was used or billed is emptied."""

from django.db import migrations

TABLES = ("usageevent", "usagebill", "usagereceipt")
FORWARD = """
CREATE TRIGGER usage_receipts_are_never_changed
    BEFORE UPDATE OR DELETE ON metering_usagereceipt
    FOR EACH ROW EXECUTE FUNCTION metering_refuse_rewriting();
""" + "".join(
    f"""
CREATE TRIGGER {table}_is_never_emptied
    BEFORE TRUNCATE ON metering_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION metering_refuse_rewriting();
"""
    for table in TABLES
)
BACKWARD = """
DROP TRIGGER usage_receipts_are_never_changed ON metering_usagereceipt;
""" + "".join(f"DROP TRIGGER {table}_is_never_emptied ON metering_{table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("metering", "0003_receipts_alerts_and_soft_caps")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
