"""Fees that the exchange agrees with one seller."""

import accounts.ids
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('orders', '0007_deliver_anew_and_extend'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FeeAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='fee')),
                ('rate', models.DecimalField(decimal_places=6, max_digits=9, verbose_name='fee rate')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('minimum_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='at least')),
                ('cap_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='at most')),
                ('valid_from', models.DateTimeField(verbose_name='in force from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='in force until')),
                ('reason', models.CharField(max_length=2000, verbose_name='reason')),
                ('approved_at', models.DateTimeField(verbose_name='approved')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
            ],
            options={
                'verbose_name': 'agreed fee',
                'verbose_name_plural': 'agreed fees',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 1)), name='agreed_fee_is_a_share'), models.CheckConstraint(condition=models.Q(('minimum_minor__gte', 0), models.Q(('cap_minor', 0), ('cap_minor__gte', models.F('minimum_minor')), _connector='OR')), name='agreed_fee_has_bounds_in_order'), models.CheckConstraint(condition=models.Q(('valid_from__gte', models.F('approved_at'))), name='agreed_fee_is_of_no_past_day'), models.CheckConstraint(condition=models.Q(('proposed_by', models.F('approved_by')), _negated=True), name='agreed_fee_takes_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__lt', models.F('valid_from')), ('withdrawn_by__isnull', False)), _connector='OR'), name='agreed_fee_is_withdrawn_before_it_begins'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='agreed_fee_ends_after_start'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('withdrawn_at', None)), expressions=[(models.Func(models.F('seller'), models.F('seller'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('valid_from'), models.F('valid_until'), django.contrib.postgres.fields.ranges.RangeBoundary(), function='tstzrange'), '&&')], name='seller_has_one_agreed_fee_at_a_time')],
            },
        ),
        Frozen(
            "feeagreement",
            fields=(
                "public_id", "seller", "rate", "currency", "minimum_minor", "cap_minor", "valid_from",
                "reason", "proposed_by", "approved_by", "approved_at",
            ),
            name="agreed_fees_keep_what_they_say",
        ),
        Frozen(
            "feeagreement",
            when="OLD.valid_until IS NOT NULL"
            " AND (NEW.valid_until IS NULL OR NEW.valid_until > OLD.valid_until)",
            name="agreed_fees_end_sooner_alone",
        ),
        Frozen(
            "feeagreement",
            when="OLD.withdrawn_at IS NOT NULL",
            name="agreed_fees_that_are_withdrawn_are_final",
        ),
        NeverDeleted("feeagreement", name="agreed_fees"),
    ]
