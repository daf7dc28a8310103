"""Offers besides a refund: a credit, another delivery, and more time of access."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('disputes', '0007_kinds_and_claims'),
        ('orders', '0007_deliver_anew_and_extend'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='dispute',
            name='trade_dispute_names_the_part_refunded',
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='trade_dispute_offer_is_whole_while_it_runs',
        ),
        migrations.AddField(
            model_name='dispute',
            name='extended_days',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='extended by days'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='offer_days',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='days offered'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='offer_kind',
            field=models.CharField(blank=True, choices=[('refund', 'Refund to the buyer'), ('credit', "Credit to the buyer's wallet"), ('redeliver', 'The seller delivers again'), ('extend', 'The access lasts longer')], max_length=10, verbose_name='what is offered'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='outcome',
            field=models.CharField(blank=True, choices=[('released', 'The seller keeps the money'), ('part_refunded', 'Refunded in part'), ('refunded', 'Refunded in full'), ('access_ended', 'The access has ended; the seller keeps the money'), ('credited', "Credited to the buyer's wallet in part"), ('redelivered', 'Delivered again; the money stays held for a new inspection'), ('extended', 'The access lasts longer; the seller keeps the money')], max_length=15, verbose_name='outcome'),
        ),
        # What was offered before was a refund.
        migrations.RunSQL(
            "UPDATE disputes_dispute SET offer_kind = 'refund' WHERE offer_number IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ('part_refunded', 'credited')), ('refund_minor__gt', 0)), models.Q(models.Q(('outcome__in', ('part_refunded', 'credited')), _negated=True), ('refund_minor', None)), _connector='OR'), name='trade_dispute_names_the_part_refunded'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('extended_days__gt', 0), ('outcome', 'extended')), models.Q(models.Q(('outcome', 'extended'), _negated=True), ('extended_days', None)), _connector='OR'), name='trade_dispute_names_the_days_extended'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('offer_by', ''), ('offer_days', None), ('offer_kind', ''), ('offer_minor', None), ('offer_number', None), ('offer_until', None)), models.Q(('offer_by__in', ['claimant', 'respondent']), ('offer_number__isnull', False), ('offer_until__isnull', False), models.Q(('state', 'ended'), _negated=True), models.Q(models.Q(('offer_days', None), ('offer_kind__in', ['refund', 'credit']), ('offer_minor__gt', 0)), models.Q(('offer_days', None), ('offer_kind', 'redeliver'), ('offer_minor', None)), models.Q(('offer_days__gt', 0), ('offer_kind', 'extend'), ('offer_minor', None)), _connector='OR')), _connector='OR'), name='trade_dispute_offer_is_whole_while_it_runs'),
        ),
    ]
