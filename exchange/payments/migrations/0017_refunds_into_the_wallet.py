"""Refunds that go into the wallet, whatever was paid with."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0016_top_ups_by_card'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='to_wallet',
            field=models.BooleanField(default=False, verbose_name='into the wallet'),
        ),
    ]
