"""The closing balances of the bank, day by day, beside the books."""

import accounts.ids
import exchange.core.fields
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0017_refunds_into_the_wallet'),
    ]

    operations = [
        migrations.AlterField(
            model_name='difference',
            name='kind',
            field=models.CharField(choices=[('overpaid', 'More arrived than was owed'), ('unknown_transfer', 'Nobody knows what this money is for'), ('provider_only', 'The provider moved money that the books do not show'), ('books_only', 'The books show a movement that the provider does not'), ('amount_differs', 'Provider or bank and books disagree on an amount'), ('balance_differs', 'Provider or bank and books disagree on the balance'), ('bank_only', 'The bank sent money that nobody noted as sent'), ('refund_failed', 'A refund did not reach the buyer'), ('moved_twice', 'The provider moved the same money more than once'), ('hold_overdue', 'A hold in the books has outlived its time'), ('card_overdue', "A card's authorisation has outlived its time"), ('bill_stuck', 'A bill for use cannot be made')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='BankDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='bkd')),
                ('day', models.DateField(verbose_name='day')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('statement', models.CharField(blank=True, max_length=40, verbose_name='statement')),
                ('closing_minor', models.BigIntegerField(verbose_name='closing balance of the bank')),
                ('books_minor', models.BigIntegerField(verbose_name='in the books')),
                ('entered_by', models.CharField(max_length=200, verbose_name='entered by')),
                ('entered_at', models.DateTimeField(verbose_name='entered')),
                ('held_at', models.DateTimeField(verbose_name='held against the books')),
            ],
            options={
                'verbose_name': 'close of a day at the bank',
                'verbose_name_plural': 'closes of days at the bank',
                'ordering': ['-day', 'currency'],
                'constraints': [models.UniqueConstraint(fields=('currency', 'day'), name='bank_day_is_closed_once')],
            },
        ),
        Frozen("bankday", fields=("public_id", "day", "currency"), name="bank_days_keep_their_day"),
        NeverDeleted("bankday", name="bank_days"),
    ]
