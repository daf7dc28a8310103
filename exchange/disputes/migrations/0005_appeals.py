"""A side appeals against a ruling: the ruling that stands, who appealed, and the steps of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('disputes', '0004_offers'),
        ('orders', '0005_rulings_refund_a_part'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='disputestep',
            name='trade_dispute_step_is_legal',
        ),
        migrations.AddField(
            model_name='dispute',
            name='appeal_by',
            field=models.CharField(blank=True, choices=[('claimant', 'Who opened the dispute'), ('respondent', 'The other side'), ('operator', 'The exchange'), ('appellant', 'Who may appeal'), ('nobody', 'Nobody')], max_length=10, verbose_name='appealed by'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='ruling',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.ruling', verbose_name='ruling'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='offer_by',
            field=models.CharField(blank=True, choices=[('claimant', 'Who opened the dispute'), ('respondent', 'The other side'), ('operator', 'The exchange'), ('appellant', 'Who may appeal'), ('nobody', 'Nobody')], max_length=10, verbose_name='offered by'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='state',
            field=models.CharField(choices=[('opened', "Waiting for the other side's answer"), ('review', 'Under review by the exchange'), ('asked', 'Waiting for an answer to the exchange'), ('ruled', 'Decided; an appeal is possible'), ('appealed', 'Under appeal'), ('ended', 'Ended')], max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='turn',
            field=models.CharField(choices=[('claimant', 'Who opened the dispute'), ('respondent', 'The other side'), ('operator', 'The exchange'), ('appellant', 'Who may appeal'), ('nobody', 'Nobody')], max_length=10, verbose_name='whose turn'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ruled', 'appealed']), _negated=True), ('ruling__isnull', False), _connector='OR'), name='trade_dispute_that_is_ruled_has_its_ruling'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('appeal_by', ''), models.Q(('state', 'appealed'), _negated=True)), models.Q(('appeal_by__in', ['claimant', 'respondent']), ('state__in', ['appealed', 'ended'])), _connector='OR'), name='trade_dispute_appeal_has_its_side'),
        ),
        migrations.AddConstraint(
            model_name='disputestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'opened'), ('transition', 'open')), models.Q(('source', 'opened'), ('target', 'review'), ('transition', 'answer')), models.Q(('source', 'review'), ('target', 'asked'), ('transition', 'ask_claimant')), models.Q(('source', 'review'), ('target', 'asked'), ('transition', 'ask_respondent')), models.Q(('source', 'asked'), ('target', 'review'), ('transition', 'reply')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'expire')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'expire')), models.Q(('source', 'asked'), ('target', 'ruled'), ('transition', 'decide')), models.Q(('source', 'opened'), ('target', 'ruled'), ('transition', 'decide')), models.Q(('source', 'review'), ('target', 'ruled'), ('transition', 'decide')), models.Q(('source', 'ruled'), ('target', 'ruled'), ('transition', 'accept_ruling')), models.Q(('source', 'ruled'), ('target', 'ended'), ('transition', 'take_effect')), models.Q(('source', 'ruled'), ('target', 'appealed'), ('transition', 'appeal')), models.Q(('source', 'appealed'), ('target', 'appealed'), ('transition', 'answer_appeal')), models.Q(('source', 'appealed'), ('target', 'ended'), ('transition', 'withdraw_appeal')), models.Q(('source', 'appealed'), ('target', 'ended'), ('transition', 'decide_appeal')), models.Q(('source', 'appealed'), ('target', 'ended'), ('transition', 'return_money')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'return_money')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'return_money')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'return_money')), models.Q(('source', 'ruled'), ('target', 'ended'), ('transition', 'return_money')), models.Q(('source', 'appealed'), ('target', 'appealed'), ('transition', 'offer')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'offer')), models.Q(('source', 'ruled'), ('target', 'ruled'), ('transition', 'offer')), models.Q(('source', 'appealed'), ('target', 'appealed'), ('transition', 'decline_offer')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'decline_offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'decline_offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'decline_offer')), models.Q(('source', 'ruled'), ('target', 'ruled'), ('transition', 'decline_offer')), models.Q(('source', 'appealed'), ('target', 'appealed'), ('transition', 'lapse_offer')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'lapse_offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'lapse_offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'lapse_offer')), models.Q(('source', 'ruled'), ('target', 'ruled'), ('transition', 'lapse_offer')), models.Q(('source', 'appealed'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'ruled'), ('target', 'ended'), ('transition', 'take_offer')), _connector='OR'), name='trade_dispute_step_is_legal'),
        ),
    ]
