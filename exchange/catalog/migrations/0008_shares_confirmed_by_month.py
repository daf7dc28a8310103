"""Parties of a sharing may confirm what each month brought."""

from django.db import migrations, models

from exchange.core.guards import Frozen


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_royalties_of_products_made_of_products'),
    ]

    operations = [
        migrations.AddField(
            model_name='sharing',
            name='by_month',
            field=models.BooleanField(default=False, verbose_name='confirmed by month'),
        ),
        Frozen("sharing", fields=("by_month",), name="sharings_keep_how_they_are_confirmed"),
    ]
