"""Refunds that failed are set off against chargebacks that are lost: in full, or in part. Only how much of a chargeback
they give still changes once it is lost, and only grows.
"""

import django.db.models.expressions
import exchange.core.fields
from django.db import migrations, models

from exchange.core.guards import Frozen

AS_DECIDED = "DROP TRIGGER chargebacks_stay_as_decided ON payments_chargeback"
AS_DECIDED_BEFORE = """
CREATE TRIGGER chargebacks_stay_as_decided BEFORE UPDATE ON payments_chargeback FOR EACH ROW
WHEN (OLD.state IN ('won', 'lost')) EXECUTE FUNCTION core_refuse_rewriting()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0021_tax_on_the_fee'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='refund',
            name='refund_state_is_known',
        ),
        migrations.AddField(
            model_name='chargeback',
            name='set_off_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='of it refunds that failed'),
        ),
        migrations.AddField(
            model_name='refund',
            name='set_off_minor',
            field=exchange.core.fields.MinorUnitsField(default=0, verbose_name='set off against chargebacks'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=models.CharField(choices=[('promised', 'On its way'), ('succeeded', 'Refunded'), ('failed', 'Refused by the provider'), ('set_off', "Not made: the payer's bank took the money back")], default='promised', max_length=10, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', django.db.models.expressions.CombinedExpression(models.F('covered_minor'), '+', models.F('set_off_minor'))), ('set_off_minor__gte', 0)), name='chargeback_sets_off_within_it'),
        ),
        migrations.AddConstraint(
            model_name='chargeback',
            constraint=models.CheckConstraint(condition=models.Q(('set_off_minor', 0), ('state', 'lost'), _connector='OR'), name='chargeback_sets_off_once_lost'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['promised', 'succeeded', 'failed', 'set_off'])), name='refund_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('set_off_minor', models.F('amount_minor')), ('state', 'set_off')), models.Q(models.Q(('state', 'set_off'), _negated=True), ('set_off_minor__gte', 0), ('set_off_minor__lt', models.F('amount_minor'))), _connector='OR'), name='refund_is_set_off_in_full_or_open'),
        ),
        migrations.RunSQL(AS_DECIDED, AS_DECIDED_BEFORE),
        Frozen(
            "chargeback",
            fields=(
                "state", "reason", "bank_fee_minor", "evidence", "due_at", "decided_at",
            ),
            when="OLD.state IN ('won', 'lost')",
            name="chargebacks_stay_as_decided",
        ),
        Frozen(
            "chargeback",
            when="NEW.set_off_minor < OLD.set_off_minor",
            name="chargebacks_keep_what_is_set_off",
        ),
        Frozen("refund", when="OLD.state = 'set_off'", name="refunds_stay_set_off"),
        Frozen(
            "refund",
            when="NEW.set_off_minor < OLD.set_off_minor",
            name="refunds_keep_what_is_set_off",
        ),
    ]
