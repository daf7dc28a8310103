"""Negotiations, the steps that led to where they stand, and the proposals of each round."""

import accounts.ids
import django.db.models.deletion
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_guards_of_organisations'),
        ('catalog', '0001_products_revisions_and_offers'),
        ('contracts', '0001_contracts_signatures_and_permits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Negotiation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='neg')),
                ('origin', models.CharField(choices=[('quote', 'Request for a quote'), ('private_offer', 'Private offer'), ('demand', 'Answer to a request on the board'), ('subscription', 'Request for a subscription')], max_length=15, verbose_name='opened by')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('state', models.CharField(choices=[('requested', 'The seller is asked'), ('offered', 'An offer lies with the buyer'), ('approving', 'Waits for a second person of the buyer'), ('accepted', 'Agreed, to be signed'), ('concluded', 'Signed and ordered'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='requested', max_length=10, verbose_name='state')),
                ('turn', models.CharField(choices=[('buyer', 'The buyer'), ('seller', 'The seller'), ('both', 'Both sides'), ('nobody', 'Nobody')], max_length=10, verbose_name='whose turn')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('steps_count', models.PositiveIntegerField(default=0, verbose_name='steps')),
                ('proposals_count', models.PositiveIntegerField(default=0, verbose_name='proposals')),
                ('created_at', models.DateTimeField(verbose_name='opened')),
                ('changed_at', models.DateTimeField(verbose_name='last change')),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepted by')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='buyer')),
                ('contract', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='negotiation', to='contracts.contract', verbose_name='contract')),
                ('demand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.demand', verbose_name='answers the request')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='negotiations', to='catalog.product', verbose_name='product')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'negotiation',
                'verbose_name_plural': 'negotiations',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='NegotiationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('transition', models.CharField(max_length=40, verbose_name='step')),
                ('source', models.CharField(blank=True, max_length=40, verbose_name='from')),
                ('target', models.CharField(max_length=40, verbose_name='to')),
                ('actor', models.CharField(max_length=100, verbose_name='actor')),
                ('reason_code', models.CharField(blank=True, max_length=40, verbose_name='kind of reason')),
                ('reason', models.TextField(blank=True, max_length=2000, verbose_name='reason')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('public_id', accounts.ids.PublicIdField(prefix='nst')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='negotiation.negotiation')),
            ],
            options={
                'verbose_name': 'step of a negotiation',
                'verbose_name_plural': 'steps of negotiations',
                'ordering': ['negotiation_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='prp')),
                ('number', models.PositiveIntegerField(verbose_name='round')),
                ('side', models.CharField(choices=[('buyer', 'Buyer'), ('seller', 'Seller')], max_length=10, verbose_name='by')),
                ('document', models.JSONField(verbose_name='proposal')),
                ('document_hash', models.CharField(max_length=71, unique=True, verbose_name='hash')),
                ('changes', models.JSONField(default=list, verbose_name='differences')),
                ('answer_by', models.DateTimeField(verbose_name='answer by')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('negotiation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='negotiation.negotiation')),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['negotiation_id', 'number'],
            },
        ),
        migrations.AddIndex(
            model_name='negotiation',
            index=models.Index(fields=['buyer', '-id'], name='negotiation_of_buyer'),
        ),
        migrations.AddIndex(
            model_name='negotiation',
            index=models.Index(fields=['seller', '-id'], name='negotiation_of_seller'),
        ),
        migrations.AddIndex(
            model_name='negotiation',
            index=models.Index(condition=models.Q(('state__in', ['accepted', 'approving', 'offered', 'requested'])), fields=['due_at'], name='negotiation_due'),
        ),
        migrations.AddConstraint(
            model_name='negotiation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['requested', 'offered', 'approving', 'accepted', 'concluded', 'declined', 'withdrawn', 'expired'])), name='negotiation_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='negotiation',
            constraint=models.CheckConstraint(condition=models.Q(('buyer', models.F('seller')), _negated=True), name='negotiation_has_two_parties'),
        ),
        migrations.AddConstraint(
            model_name='negotiation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'approving', 'offered', 'requested']), _negated=True), ('due_at__isnull', False), _connector='OR'), name='negotiation_running_has_a_deadline'),
        ),
        migrations.AddConstraint(
            model_name='negotiation',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), ('accepted_by', None), models.Q(('approved_by', models.F('accepted_by')), _negated=True), _connector='OR'), name='negotiation_is_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='negotiation',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['accepted', 'approving', 'offered', 'requested'])), fields=('product', 'buyer'), name='negotiation_runs_once_per_product'),
        ),
        migrations.AddConstraint(
            model_name='negotiationstep',
            constraint=models.UniqueConstraint(fields=('negotiation', 'number'), name='negotiation_step_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='negotiationstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'requested'), ('transition', 'ask')), models.Q(('source', ''), ('target', 'offered'), ('transition', 'offer')), models.Q(('source', 'requested'), ('target', 'offered'), ('transition', 'offer')), models.Q(('source', 'offered'), ('target', 'requested'), ('transition', 'counter')), models.Q(('source', 'offered'), ('target', 'accepted'), ('transition', 'accept')), models.Q(('source', 'requested'), ('target', 'accepted'), ('transition', 'accept')), models.Q(('source', 'offered'), ('target', 'approving'), ('transition', 'hold')), models.Q(('source', 'requested'), ('target', 'approving'), ('transition', 'hold')), models.Q(('source', 'approving'), ('target', 'accepted'), ('transition', 'approve')), models.Q(('source', 'approving'), ('target', 'declined'), ('transition', 'decline')), models.Q(('source', 'offered'), ('target', 'declined'), ('transition', 'decline')), models.Q(('source', 'requested'), ('target', 'declined'), ('transition', 'decline')), models.Q(('source', 'offered'), ('target', 'withdrawn'), ('transition', 'withdraw')), models.Q(('source', 'requested'), ('target', 'withdrawn'), ('transition', 'withdraw')), models.Q(('source', 'accepted'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'approving'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'offered'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'requested'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'accepted'), ('target', 'concluded'), ('transition', 'conclude')), _connector='OR'), name='negotiation_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='negotiationstep',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='negotiation_step_is_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(fields=('negotiation', 'number'), name='proposal_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['buyer', 'seller'])), name='proposal_is_of_a_side'),
        ),
    ]
