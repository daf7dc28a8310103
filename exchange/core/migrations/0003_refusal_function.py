"""The function that every guard of a table calls."""

from django.db import migrations

from exchange.core.guards import RefusalFunction


class Migration(migrations.Migration):
    dependencies = [("core", "0002_rules_and_calendar")]

    operations = [RefusalFunction()]
