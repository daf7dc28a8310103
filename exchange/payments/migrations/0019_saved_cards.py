"""Organisations save cards at the provider, and payments that wait are tried on them."""

import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('payments', '0018_bank_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts on a saved card'),
        ),
        migrations.AddField(
            model_name='payment',
            name='is_trying',
            field=models.BooleanField(default=False, verbose_name='an attempt is under way'),
        ),
        migrations.CreateModel(
            name='SavedCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='crd')),
                ('state', models.CharField(choices=[('asked', 'Waiting for the card'), ('saved', 'Saved'), ('removed', 'Removed'), ('abandoned', 'Not given')], default='asked', max_length=10, verbose_name='state')),
                ('is_default', models.BooleanField(default=False, verbose_name='default')),
                ('provider', models.CharField(max_length=40, verbose_name='provider')),
                ('provider_ref', models.CharField(blank=True, max_length=80, null=True, verbose_name="the provider's page")),
                ('customer_ref', models.CharField(blank=True, max_length=80, verbose_name="the provider's customer")),
                ('method_ref', models.CharField(blank=True, max_length=80, verbose_name="the provider's card")),
                ('brand', models.CharField(blank=True, max_length=20, verbose_name='brand')),
                ('last4', models.CharField(blank=True, max_length=4, verbose_name='last four digits')),
                ('exp_month', models.PositiveSmallIntegerField(default=0, verbose_name='month of expiry')),
                ('exp_year', models.PositiveSmallIntegerField(default=0, verbose_name='year of expiry')),
                ('created_at', models.DateTimeField(verbose_name='asked for')),
                ('saved_at', models.DateTimeField(blank=True, null=True, verbose_name='saved')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='removed')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_cards', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'saved card',
                'verbose_name_plural': 'saved cards',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='saved_card',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.savedcard', verbose_name='saved card'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'saved', 'removed', 'abandoned'])), name='saved_card_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'saved'), _negated=True), models.Q(models.Q(('method_ref', ''), _negated=True), models.Q(('customer_ref', ''), _negated=True), ('exp_month__range', (1, 12)), ('saved_at__isnull', False)), _connector='OR'), name='saved_card_can_be_charged'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.CheckConstraint(condition=models.Q(('is_default', False), ('state', 'saved'), _connector='OR'), name='saved_card_default_is_saved'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('organisation',), name='saved_card_one_default'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_ref__isnull', False)), fields=('provider', 'provider_ref'), name='saved_card_has_its_own_page'),
        ),
        Frozen(
            "savedcard",
            fields=("public_id", "organisation", "by", "provider", "created_at"),
            name="saved_cards_keep_their_owner",
        ),
        Frozen(
            "savedcard",
            fields=(
                "customer_ref", "method_ref", "brand", "last4", "exp_month", "exp_year", "saved_at",
            ),
            when="OLD.state <> 'asked'",
            name="saved_cards_stay_the_same_card",
        ),
        Frozen(
            "savedcard",
            when="OLD.state IN ('removed', 'abandoned')",
            name="saved_cards_stay_removed",
        ),
        NeverDeleted("savedcard", name="saved_cards"),
    ]
