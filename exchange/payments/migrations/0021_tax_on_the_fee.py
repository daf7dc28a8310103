"""The service fee's own tax: of settlements, refunds and chargebacks."""

import django.db.models.expressions
import exchange.core.fields
from django.db import migrations, models

from exchange.core.guards import Frozen


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('orders', '0008_agreed_fees'),
        ('payments', '0020_departments'),
    ]

    operations = [
        migrations.AddField(
            model_name='chargeback',
            name='fee_tax_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='of it tax on the fee'),
        ),
        migrations.AddField(
            model_name='refund',
            name='fee_tax_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='of it tax on the fee'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='fee_tax_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='of it tax on the fee'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='fee_tax_refunded_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='tax on the fee refunded'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(('fee_tax_minor__gte', 0), ('fee_tax_minor__lte', models.F('fee_minor'))), name='chargeback_fee_holds_its_tax'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('fee_tax_minor__gte', 0), ('fee_tax_minor__lte', models.F('fee_minor'))), name='refund_fee_holds_its_tax'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('fee_refunded_minor__gte', models.F('fee_tax_refunded_minor')), ('fee_refunded_minor__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('fee_minor'), '-', models.F('fee_tax_minor')), '+', models.F('fee_tax_refunded_minor'))), ('fee_tax_minor__gte', 0), ('fee_tax_minor__lte', models.F('fee_minor')), ('fee_tax_refunded_minor__gte', 0), ('fee_tax_refunded_minor__lte', models.F('fee_tax_minor'))), name='settlement_fee_holds_its_tax'),
        ),
        Frozen("settlement", fields=("fee_tax_minor",), name="settlements_keep_the_tax_on_the_fee"),
        Frozen("refund", fields=("fee_tax_minor",), name="refunds_keep_the_tax_on_the_fee"),
        Frozen("chargeback", fields=("fee_tax_minor",), name="chargebacks_keep_the_tax_on_the_fee"),
    ]
