"""Cards are saved together with a payment, where its payer chose so."""

import django.db.models.deletion
from django.db import migrations, models

from exchange.core.guards import Frozen


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0022_refunds_set_off_against_chargebacks'),
    ]

    operations = [
        migrations.AddField(
            model_name='savedcard',
            name='payment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cards_to_save', to='payments.payment', verbose_name='payment that it is saved with'),
        ),
        migrations.AddConstraint(
            model_name='savedcard',
            constraint=models.UniqueConstraint(condition=models.Q(('payment__isnull', False), ('state', 'asked')), fields=('payment',), name='saved_card_asked_for_once_with_a_payment'),
        ),
        Frozen("savedcard", fields=("payment",), name="saved_cards_keep_their_payment"),
    ]
