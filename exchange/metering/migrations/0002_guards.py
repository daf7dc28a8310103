"""What was used, what was billed and what was receipted stays as it was."""

from django.db import migrations

from exchange.core.guards import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("metering", "0001_subscriptions_events_and_bills"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("usageevent", name="usage_events"),
        AppendOnly("usagebill", name="usage_bills"),
        AppendOnly("usagereceipt", name="usage_receipts"),
    ]
