"""Views of a product's page and samples taken, as counts by day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_offers_begin_and_end_by_the_clock'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProductDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('views', models.PositiveIntegerField(verbose_name='views')),
                ('samples', models.PositiveIntegerField(verbose_name='samples taken')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='catalog.product')),
            ],
            options={
                'verbose_name': 'visits of a day',
                'verbose_name_plural': 'visits by day',
                'ordering': ['product_id', 'day'],
                'indexes': [models.Index(fields=['day'], name='product_day_old')],
                'constraints': [models.UniqueConstraint(fields=('product', 'day'), name='product_day_is_one')],
            },
        ),
    ]
