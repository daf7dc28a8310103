import django.db.models.deletion
import exchange.core.fields
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_sessions_can_be_ended'),
        ('ledger', '0003_months_are_closed'),
        ('payments', '0026_holds_on_payouts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='difference',
            name='kind',
            field=models.CharField(choices=[('overpaid', 'More arrived than was owed'), ('unknown_transfer', 'Nobody knows what this money is for'), ('provider_only', 'The provider moved money that the books do not show'), ('books_only', 'The books show a movement that the provider does not'), ('amount_differs', 'Provider or bank and books disagree on an amount'), ('balance_differs', 'Provider or bank and books disagree on the balance'), ('bank_only', 'The bank sent money that nobody noted as sent'), ('refund_failed', 'A refund did not reach the buyer'), ('moved_twice', 'The provider moved the same money more than once'), ('hold_overdue', 'A hold in the books has outlived its time'), ('card_overdue', "A card's authorisation has outlived its time"), ('bill_stuck', 'A bill for use cannot be made'), ('fee_stuck', 'An invoice for service fees cannot be issued')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('invoice', 'Invoice'), ('credit_note', 'Credit note'), ('statement', 'Settlement statement'), ('payout_statement', 'Payout statement'), ('month_statement', 'Monthly statement'), ('fee_invoice', 'Invoice for service fees'), ('fee_credit_note', 'Credit note for service fees')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='numberseries',
            name='kind',
            field=models.CharField(choices=[('invoice', 'Invoice'), ('credit_note', 'Credit note'), ('statement', 'Settlement statement'), ('payout_statement', 'Payout statement'), ('month_statement', 'Monthly statement'), ('fee_invoice', 'Invoice for service fees'), ('fee_credit_note', 'Credit note for service fees')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='FeeLine',
            fields=[
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='ledger.transfer', verbose_name='transfer')),
                ('seq', models.BigIntegerField(verbose_name='number')),
                ('is_tax', models.BooleanField(verbose_name='tax on the fee')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('amount_minor', exchange.core.fields.MinorUnitsField(verbose_name='amount')),
                ('at', models.DateTimeField(verbose_name='booked')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='account')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fee_lines', to='payments.document', verbose_name='document')),
                ('seller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fee_lines', to='payments.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'line of a fee',
                'verbose_name_plural': 'lines of fees',
                'ordering': ['-seq'],
                'indexes': [models.Index(fields=['account', '-seq'], name='fee_line_newest'), models.Index(condition=models.Q(('document__isnull', True)), fields=['at', 'seller'], name='fee_line_to_invoice')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='fee_line_moves_something')],
            },
        ),
        NeverDeleted("feeline", name="fee_lines"),
        Frozen(
            "feeline",
            fields=(
                "transfer", "seq", "account", "settlement", "seller", "is_tax", "currency",
                "amount_minor", "at",
            ),
            name="fee_lines_keep_what_was_booked",
        ),
        Frozen(
            "feeline",
            fields=("document",),
            when="OLD.document_id IS NOT NULL",
            name="fee_lines_are_invoiced_once",
        ),
    ]
