"""The line of a bill of use that a dispute is about."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('disputes', '0008_offers_of_every_kind'),
        ('orders', '0007_deliver_anew_and_extend'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='line_day',
            field=models.DateField(blank=True, null=True, verbose_name='day of the bill'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='line_meter',
            field=models.CharField(blank=True, max_length=120, verbose_name='meter'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('line_day', None), ('line_meter', '')), models.Q(('line_day__isnull', False), models.Q(('line_meter', ''), _negated=True)), _connector='OR'), name='trade_dispute_line_has_day_and_meter'),
        ),
    ]
