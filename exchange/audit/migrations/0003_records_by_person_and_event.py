from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while records go on being written."""

    atomic = False

    dependencies = [('audit', '0002_guards_of_the_log')]

    operations = [
        AddIndexConcurrently(
            model_name='record',
            index=models.Index(fields=['actor'], name='record_by_actor'),
        ),
        AddIndexConcurrently(
            model_name='record',
            index=models.Index(fields=['event'], name='record_by_event', opclasses=['varchar_pattern_ops']),
        ),
    ]
