"""Members ask sellers about their products, in public once it is answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_organisations_found_by_name'),
        ('catalog', '0010_listings_of_a_seller'),
    ]

    operations = [
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='qst')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('shows_name', models.BooleanField(default=False, verbose_name='shows its name')),
                ('text', models.TextField(max_length=2000, verbose_name='question')),
                ('answer', models.TextField(blank=True, max_length=2000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='why not')),
                ('state', models.CharField(choices=[('open', 'Not answered yet'), ('answered', 'Answered'), ('refused', 'The seller does not answer'), ('hidden', 'Hidden by the exchange')], default='open', max_length=10, verbose_name='state')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='asked for')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='catalog.product')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['product', '-id'], name='question_of_product'), models.Index(condition=models.Q(('state', 'open')), fields=['product'], name='question_open_of_product'), models.Index(fields=['asked_by', 'asked_at'], name='question_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='question_says_something'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'refused', 'hidden'])), name='question_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='question_answer_has_its_time'), models.CheckConstraint(condition=models.Q(('state', 'hidden'), models.Q(('state', 'answered'), models.Q(('answer', ''), _negated=True)), models.Q(('answer', ''), ('state__in', ['open', 'refused'])), _connector='OR'), name='question_answered_has_an_answer'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['refused', 'hidden']), models.Q(('note', ''), _negated=True)), models.Q(models.Q(('state__in', ['refused', 'hidden']), _negated=True), ('note', '')), _connector='OR'), name='question_ends_with_a_reason')],
            },
        ),
    ]
