"""Months of a product's sales that their parties confirm before anybody has the money."""

import accounts.ids
import django.db.models.deletion
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted

# What a distribution shares out is the sum of its parts, once the transaction that wrote it ends.
WHOLE = """
CREATE FUNCTION payments_distribution_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_minor <> (
        SELECT COALESCE(sum(amount_minor), 0) FROM payments_distributionparty
        WHERE distribution_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the parts of distribution % do not sum to what it shares out', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER distribution_parts_are_the_whole AFTER INSERT ON payments_distribution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_distribution_is_whole();
"""
UNWHOLE = """
DROP TRIGGER distribution_parts_are_the_whole ON payments_distribution;
DROP FUNCTION payments_distribution_is_whole();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('catalog', '0008_shares_confirmed_by_month'),
        ('orders', '0008_agreed_fees'),
        ('payments', '0023_cards_saved_with_a_payment'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DistributionParty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('amount_minor', exchange.core.fields.MinorUnitsField(verbose_name='share')),
                ('correction_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='correction')),
                ('agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='agreed')),
                ('objection', models.CharField(blank=True, max_length=2000, verbose_name='objection')),
            ],
            options={
                'verbose_name': 'party of a distribution',
                'verbose_name_plural': 'parties of distributions',
                'ordering': ['distribution_id', 'position'],
            },
        ),
        migrations.AddField(
            model_name='settlement',
            name='by_month',
            field=models.BooleanField(default=False, verbose_name='confirmed by month'),
        ),
        migrations.CreateModel(
            name='Distribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dst')),
                ('first_day', models.DateField(verbose_name='first day of the month')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('amount_minor', exchange.core.fields.MinorUnitsField(verbose_name='shared out')),
                ('sales_count', models.PositiveIntegerField(verbose_name='sales')),
                ('state', models.CharField(choices=[('calculated', 'Calculated'), ('reviewed', 'With the parties'), ('objected', 'Objected to'), ('confirmed', 'Confirmed'), ('paid', 'Available to the parties'), ('posted', 'In closed books')], default='calculated', max_length=10, verbose_name='state')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('answer', models.CharField(blank=True, max_length=2000, verbose_name='answer')),
                ('calculated_at', models.DateTimeField(verbose_name='calculated')),
                ('paid_at', models.DateTimeField(blank=True, null=True, verbose_name='available since')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='distributions', to='catalog.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'distribution of a month',
                'verbose_name_plural': 'distributions of months',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='settlement',
            name='distribution',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settlements', to='payments.distribution', verbose_name='distribution of the month'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(condition=models.Q(('by_month', True), ('distribution', None)), fields=['settled_at'], name='settlement_to_distribute'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('distribution', None), ('by_month', True), _connector='OR'), name='settlement_is_distributed_by_month'),
        ),
        migrations.AddField(
            model_name='distributionparty',
            name='agreed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='agreed by'),
        ),
        migrations.AddField(
            model_name='distributionparty',
            name='distribution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='payments.distribution'),
        ),
        migrations.AddField(
            model_name='distributionparty',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='party'),
        ),
        migrations.AddIndex(
            model_name='distribution',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='distribution_due'),
        ),
        migrations.AddConstraint(
            model_name='distribution',
            constraint=models.UniqueConstraint(fields=('product', 'first_day', 'currency'), name='distribution_is_one_a_month'),
        ),
        migrations.AddConstraint(
            model_name='distribution',
            constraint=models.CheckConstraint(condition=models.Q(('first_day__day', 1)), name='distribution_is_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='distribution',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0), ('sales_count__gt', 0)), name='distribution_has_sales'),
        ),
        migrations.AddConstraint(
            model_name='distribution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('state__in', ['paid', 'posted'])), models.Q(('paid_at', None), models.Q(('state__in', ['paid', 'posted']), _negated=True)), _connector='OR'), name='distribution_paid_knows_when'),
        ),
        migrations.AddConstraint(
            model_name='distributionparty',
            constraint=models.UniqueConstraint(fields=('distribution', 'position'), name='distribution_position_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='distributionparty',
            constraint=models.UniqueConstraint(fields=('distribution', 'organisation'), name='distribution_names_a_party_once'),
        ),
        migrations.AddConstraint(
            model_name='distributionparty',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0), ('correction_minor__gte', 0)), name='distribution_part_is_an_amount'),
        ),
        migrations.AddConstraint(
            model_name='distributionparty',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_at', None), ('agreed_by', None)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), ('objection', '')), _connector='OR'), name='distribution_party_agrees_or_objects'),
        ),
        Frozen("settlement", fields=("by_month",), name="settlements_keep_how_they_are_confirmed"),
        Frozen(
            "settlement",
            fields=("distribution",),
            when="OLD.distribution_id IS NOT NULL",
            name="settlements_are_in_one_distribution",
        ),
        Frozen(
            "distribution",
            fields=(
                "public_id", "product", "first_day", "currency", "amount_minor", "sales_count",
                "calculated_at",
            ),
            name="distributions_keep_what_they_share_out",
        ),
        Frozen("distribution", when="OLD.state = 'posted'", name="distributions_posted_are_final"),
        NeverDeleted("distribution", name="distributions"),
        Frozen(
            "distributionparty",
            fields=("distribution", "position", "organisation", "currency", "amount_minor"),
            name="distribution_parties_keep_their_parts",
        ),
        NeverDeleted("distributionparty", name="distribution_parties"),
        migrations.RunSQL(WHOLE, UNWHOLE),
    ]
