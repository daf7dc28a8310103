"""What was delivered, read again beside its promise; once made it never changes."""

import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen, NeverDeleted


ASKED = ("public_id", "order", "asked_by", "asked_at")


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0003_links_and_uses'),
        ('orders', '0003_lifted_limits_are_rows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='cmp')),
                ('state', models.CharField(choices=[('asked', 'Waiting to be read'), ('reading', 'Being read'), ('made', 'Made'), ('failed', 'Failed')], default='asked', max_length=10, verbose_name='state')),
                ('reader', models.CharField(blank=True, max_length=60, verbose_name='reader')),
                ('document', models.JSONField(blank=True, default=dict, verbose_name='document')),
                ('figures', models.JSONField(blank=True, default=dict, verbose_name='figures')),
                ('reason', models.CharField(blank=True, max_length=2000, verbose_name='reason')),
                ('readings', models.PositiveIntegerField(default=0, verbose_name='readings begun')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='progress')),
                ('asked_at', models.DateTimeField(verbose_name='asked for')),
                ('made_at', models.DateTimeField(blank=True, null=True, verbose_name='made')),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='orders.order')),
            ],
            options={
                'verbose_name': 'comparison',
                'verbose_name_plural': 'comparisons',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['order', '-id'], name='comparison_newest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'reading'])), fields=('order',), name='comparison_is_one_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('made_at__isnull', False), ('state', 'made'), models.Q(('reader', ''), _negated=True)), models.Q(models.Q(('state', 'made'), _negated=True), ('made_at', None)), _connector='OR'), name='comparison_made_names_its_reader'), models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='comparison_progress_is_a_share')],
            },
        ),
        NeverDeleted("comparison", name="comparisons"),
        Frozen("comparison", fields=ASKED, name="comparisons_keep_what_they_are_of"),
        Frozen("comparison", when="OLD.state = 'made'", name="comparisons_stay_as_made"),
    ]
