"""Renewals that the seller declines."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("orders", "0008_agreed_fees")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="declined_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="renewals declined"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="declined_reason",
            field=models.CharField(blank=True, max_length=2000, verbose_name="reason", default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_reason="")
                | Q(declined_at__isnull=False, auto_renew=False) & ~Q(declined_reason=""),
                name="subscription_declined_says_why",
            ),
        ),
    ]
