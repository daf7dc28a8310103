"""A sale that is disputed after it was shared out does not clear until the dispute has ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0013_bills_that_cannot_be_made'),
    ]

    operations = [
        migrations.AddField(
            model_name='settlement',
            name='disputed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='in dispute since'),
        ),
    ]
