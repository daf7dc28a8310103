from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while postings go on being written."""

    atomic = False

    dependencies = [('ledger', '0003_months_are_closed')]

    operations = [
        AddIndexConcurrently(
            model_name='journalentry',
            index=models.Index(fields=['effective_at'], name='posting_by_effective_time'),
        ),
    ]
