"""Organisations say where they receive invoices, and their number for value-added tax."""

from django.db import migrations, models

CONTROLS = "[\u0001-\u001f\u007f-\u009f\u2028\u2029]"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_organisations_found_by_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='street',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='street and number'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='postcode',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='postcode'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='city',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='city'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='tax_id',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='VAT number'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('street__regex', CONTROLS), ('postcode__regex', CONTROLS), ('city__regex', CONTROLS), _connector='OR', _negated=True), name='organisation_address_is_lines'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('city', ''), ('postcode', ''), ('street', '')) | (~models.Q(('street', '')) & ~models.Q(('city', ''))), name='organisation_address_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('tax_id__regex', '^[A-Z0-9+*]*$')), name='organisation_tax_id_is_plain'),
        ),
    ]
