"""Refunds that go into the wallet, whatever was paid with."""

from django.db import migrations, models

from exchange.core.guards import Frozen


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
        Frozen("refund", fields=("to_wallet",), name="refunds_keep_where_they_go"),
    ]
