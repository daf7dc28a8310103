"""Money is paid into wallets by card, goes back to the card, and is taken back by the card's bank."""

import accounts.ids
import django.db.models.deletion
import django.db.models.expressions
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted

AS_DECIDED = "DROP TRIGGER withdrawals_stay_as_decided ON payments_withdrawal"
AS_DECIDED_BEFORE = """
CREATE TRIGGER withdrawals_stay_as_decided BEFORE UPDATE ON payments_withdrawal FOR EACH ROW
WHEN (OLD.state <> 'promised') EXECUTE FUNCTION core_refuse_rewriting()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0015_numbers_by_the_batch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CardTopUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='ctu')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('amount_minor', exchange.core.fields.MinorUnitsField(verbose_name='amount')),
                ('refunded_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='sent back or being sent back')),
                ('disputed_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name="taken back by the payer's bank")),
                ('fee_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name="the provider's fee")),
                ('token', models.CharField(max_length=64, unique=True, verbose_name='form token')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for the card'), ('received', 'In the wallet'), ('cancelled', 'Cancelled')], default='waiting', max_length=10, verbose_name='state')),
                ('provider', models.CharField(max_length=40, verbose_name='provider')),
                ('provider_ref', models.CharField(blank=True, max_length=80, null=True, verbose_name="the provider's reference")),
                ('charge_ref', models.CharField(blank=True, max_length=80, verbose_name="the provider's charge")),
                ('last_refusal', models.CharField(blank=True, max_length=60, verbose_name='last refusal')),
                ('created_at', models.DateTimeField(verbose_name='asked for')),
                ('received_at', models.DateTimeField(blank=True, null=True, verbose_name='received')),
            ],
            options={
                'verbose_name': 'top-up by card',
                'verbose_name_plural': 'top-ups by card',
                'ordering': ['-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='withdrawal',
            name='withdrawal_state_is_known',
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last asked for again'),
        ),
        migrations.AlterField(
            model_name='chargeback',
            name='payment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chargebacks', to='payments.payment', verbose_name='payment'),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='bank_ref',
            field=models.CharField(blank=True, max_length=80, verbose_name="the bank's or the provider's reference"),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='state',
            field=models.CharField(choices=[('promised', 'To be sent back'), ('sent', 'Sent back'), ('declined', 'Declined'), ('returned', 'Came back')], default='promised', max_length=10, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='cardtopup',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AddField(
            model_name='cardtopup',
            name='wallet',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='card_top_ups', to='payments.wallet', verbose_name='wallet'),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='top_up',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chargebacks', to='payments.cardtopup', verbose_name='top-up'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='top_up',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='payments.cardtopup', verbose_name='top-up that it goes back to'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(condition=models.Q(('state', 'sent'), ('top_up__isnull', False)), fields=['asked_at'], name='withdrawal_to_ask_again'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('payment__isnull', False), ('top_up', None)), models.Q(('payment', None), ('top_up__isnull', False)), _connector='OR'), name='chargeback_is_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['promised', 'sent', 'declined', 'returned'])), name='withdrawal_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('by__isnull', False), ('top_up__isnull', False), _connector='OR'), name='withdrawal_was_asked_for'),
        ),
        migrations.AddIndex(
            model_name='cardtopup',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['created_at'], name='card_top_up_waiting'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'received', 'cancelled'])), name='card_top_up_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='card_top_up_brings_something'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', django.db.models.expressions.CombinedExpression(models.F('refunded_minor'), '+', models.F('disputed_minor'))), ('disputed_minor__gte', 0), ('refunded_minor__gte', 0)), name='card_top_up_gives_back_within_what_came'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disputed_minor', 0), ('refunded_minor', 0)), ('state', 'received'), _connector='OR'), name='card_top_up_gives_back_only_what_came'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('received_at__isnull', False), ('state', 'received')), models.Q(models.Q(('state', 'received'), _negated=True), ('received_at', None)), _connector='OR'), name='card_top_up_received_says_when'),
        ),
        migrations.AddConstraint(
            model_name='cardtopup',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_ref__isnull', False)), fields=('provider', 'provider_ref'), name='card_top_up_has_its_own_provider_object'),
        ),
        Frozen(
            "cardtopup",
            fields=(
                "public_id", "wallet", "by", "currency", "amount_minor", "token", "provider",
                "created_at",
            ),
            name="card_top_ups_keep_their_terms",
        ),
        Frozen(
            "cardtopup",
            when="OLD.state = 'received' AND NEW.state <> OLD.state",
            name="card_top_ups_stay_received",
        ),
        NeverDeleted("cardtopup", name="card_top_ups"),
        Frozen("chargeback", fields=("top_up",), name="chargebacks_keep_their_top_up"),
        Frozen("withdrawal", fields=("top_up",), name="withdrawals_keep_their_top_up"),
        migrations.RunSQL(AS_DECIDED, AS_DECIDED_BEFORE),
        Frozen(
            "withdrawal",
            when="OLD.state IN ('declined', 'returned')"
            " OR (OLD.state = 'sent' AND NEW.state NOT IN ('sent', 'returned'))",
            name="withdrawals_stay_as_decided",
        ),
        Frozen(
            "withdrawal",
            fields=("bank_ref",),
            when="OLD.state <> 'promised'",
            name="withdrawals_keep_their_reference",
        ),
    ]
