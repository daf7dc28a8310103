"""One side offers how a dispute ends: the offer that stands, and its steps."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_purchases_with_keys'),
        ('disputes', '0003_evidence'),
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
            name='offer_by',
            field=models.CharField(blank=True, choices=[('claimant', 'Who opened the dispute'), ('respondent', 'The other side'), ('operator', 'The exchange'), ('nobody', 'Nobody')], max_length=10, verbose_name='offered by'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='offer_minor',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='refund offered'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='offer_number',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='step of the offer'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='offer_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='offer stands until'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(condition=models.Q(('offer_until__isnull', False)), fields=['offer_until'], name='trade_dispute_offer_until'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('offer_by', ''), ('offer_minor', None), ('offer_number', None), ('offer_until', None)), models.Q(('offer_by__in', ['claimant', 'respondent']), ('offer_minor__gt', 0), ('offer_number__isnull', False), ('offer_until__isnull', False), models.Q(('state', 'ended'), _negated=True)), _connector='OR'), name='trade_dispute_offer_is_whole_while_it_runs'),
        ),
        migrations.AddConstraint(
            model_name='disputestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'opened'), ('transition', 'open')), models.Q(('source', 'opened'), ('target', 'review'), ('transition', 'answer')), models.Q(('source', 'review'), ('target', 'asked'), ('transition', 'ask_claimant')), models.Q(('source', 'review'), ('target', 'asked'), ('transition', 'ask_respondent')), models.Q(('source', 'asked'), ('target', 'review'), ('transition', 'reply')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'withdraw')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'concede')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'expire')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'expire')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'decide')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'decide')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'decide')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'offer')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'decline_offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'decline_offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'decline_offer')), models.Q(('source', 'asked'), ('target', 'asked'), ('transition', 'lapse_offer')), models.Q(('source', 'opened'), ('target', 'opened'), ('transition', 'lapse_offer')), models.Q(('source', 'review'), ('target', 'review'), ('transition', 'lapse_offer')), models.Q(('source', 'asked'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'opened'), ('target', 'ended'), ('transition', 'take_offer')), models.Q(('source', 'review'), ('target', 'ended'), ('transition', 'take_offer')), _connector='OR'), name='trade_dispute_step_is_legal'),
        ),
    ]
