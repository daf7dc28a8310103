import accounts.ids
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):

    dependencies = [('notices', '0002_notices_in_the_order_of_their_moments')]

    operations = [
        migrations.CreateModel(
            name='Banner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='ban')),
                ('text', models.CharField(max_length=300, verbose_name='text in English')),
                ('text_zh', models.CharField(max_length=300, verbose_name='text in Chinese')),
                ('level', models.CharField(choices=[('info', 'Information'), ('warn', 'Warning'), ('bad', 'Disturbance')], default='info', max_length=5, verbose_name='level')),
                ('valid_from', models.DateTimeField(verbose_name='from')),
                ('valid_until', models.DateTimeField(verbose_name='until')),
                ('state', models.CharField(choices=[('planned', 'Shown in its time'), ('withdrawn', 'Taken off')], default='planned', max_length=10, verbose_name='state')),
                ('made_by', models.CharField(max_length=100, verbose_name='made by')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='taken off')),
            ],
            options={
                'verbose_name': 'announcement on every page',
                'verbose_name_plural': 'announcements on every page',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'planned')), fields=['valid_until'], name='banner_shown')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('valid_from'))), name='banner_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('text_zh', ''), _negated=True)), name='banner_says_it_in_both_languages'), models.CheckConstraint(condition=models.Q(('level__in', ['info', 'warn', 'bad'])), name='banner_level_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'planned'), ('withdrawn_at', None)), models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), _connector='OR'), name='banner_withdrawn_says_when')],
            },
        ),
        NeverDeleted('banner', name='banners'),
        Frozen(
            'banner',
            fields=('public_id', 'text', 'text_zh', 'level', 'valid_from', 'valid_until', 'made_by', 'made_at'),
            name='what_a_banner_said_stays',
        ),
    ]
