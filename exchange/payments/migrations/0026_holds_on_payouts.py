import accounts.ids
import django.db.models.deletion
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('payments', '0025_transfers_whose_rest_was_sent_back'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PayoutHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='poh')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('state', models.CharField(choices=[('held', 'Held'), ('released', 'Released')], default='held', max_length=10, verbose_name='state')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('held_at', models.DateTimeField(verbose_name='held')),
                ('release_reason', models.TextField(blank=True, max_length=2000, verbose_name='reason of the release')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('held_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
                ('release_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='release asked for by')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='release approved by')),
            ],
            options={
                'verbose_name': 'hold on payouts',
                'verbose_name_plural': 'holds on payouts',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('organisation', 'currency'), name='payout_hold_is_one_per_currency'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by', models.F('held_by')), _negated=True), models.Q(('reason', ''), _negated=True)), name='payout_hold_is_made_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('release_asked_by', None), ('release_reason', ''), ('released_at', None), ('released_by', None), ('state', 'held')), models.Q(('released_at__gte', models.F('held_at')), ('state', 'released'), ('release_asked_by__isnull', False), ('released_by__isnull', False), models.Q(('release_asked_by', models.F('released_by')), _negated=True), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='payout_hold_is_released_by_two')],
            },
        ),
        NeverDeleted('payouthold', name='payout_holds'),
        Frozen('payouthold', when="OLD.state <> 'held'", name='released_payout_holds_are_final'),
        Frozen(
            'payouthold',
            fields=('public_id', 'organisation', 'currency', 'reason', 'asked_by', 'held_by', 'held_at'),
            name='why_payouts_are_held_stays',
        ),
    ]
