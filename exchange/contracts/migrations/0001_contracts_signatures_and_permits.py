"""Contracts with their steps and signatures, the keys that sign, and the permits that come of them."""

import accounts.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_guards_of_organisations'),
        ('catalog', '0001_products_revisions_and_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='ctr')),
                ('template', models.CharField(max_length=20, verbose_name='template')),
                ('template_version', models.CharField(max_length=20, verbose_name='version')),
                ('basis', models.CharField(max_length=80, unique=True, verbose_name='came of')),
                ('document', models.JSONField(verbose_name='document')),
                ('document_hash', models.CharField(max_length=71, unique=True, verbose_name='hash')),
                ('state', models.CharField(choices=[('drafting', 'Being drawn up'), ('signing', 'Waiting for signatures'), ('signed', 'Signed by both parties'), ('performing', 'Being performed'), ('completed', 'Completed'), ('terminated', 'Ended before completion'), ('lapsed', 'Not signed in time')], default='drafting', max_length=12, verbose_name='state')),
                ('sign_by', models.DateTimeField(verbose_name='sign by')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('steps_count', models.PositiveIntegerField(default=0, verbose_name='steps')),
                ('concluded_at', models.DateTimeField(blank=True, null=True, verbose_name='concluded')),
                ('record_id', models.CharField(blank=True, default='', max_length=40, verbose_name='record in the log')),
                ('created_at', models.DateTimeField(verbose_name='drawn up')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='buyer')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='catalog.product', verbose_name='product')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'contract',
                'verbose_name_plural': 'contracts',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ContractStep',
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
                ('public_id', accounts.ids.PublicIdField(prefix='cst')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'step of a contract',
                'verbose_name_plural': 'steps of contracts',
                'ordering': ['contract_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Permit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='pmt')),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='may')),
                ('forbidden', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='may not')),
                ('uses_max', models.PositiveIntegerField(blank=True, null=True, verbose_name='number of uses')),
                ('used', models.PositiveIntegerField(default=0, verbose_name='uses so far')),
                ('purpose', models.CharField(blank=True, max_length=500, verbose_name='purpose')),
                ('environment', models.CharField(blank=True, max_length=20, verbose_name='environment')),
                ('territory', models.CharField(blank=True, max_length=100, verbose_name='territory')),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('contract', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='permit', to='contracts.contract')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='accounts.organisation', verbose_name='holder')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='catalog.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'permit',
                'verbose_name_plural': 'permits',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public', models.CharField(max_length=44, unique=True, verbose_name='public key')),
                ('sealed_seed', models.TextField(verbose_name='sealed seed')),
                ('made_at', models.DateTimeField(verbose_name='made')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='retired')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signing_keys', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'signing key',
                'verbose_name_plural': 'signing keys',
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('seller', 'Seller'), ('buyer', 'Buyer')], max_length=10, verbose_name='part')),
                ('document_hash', models.CharField(max_length=71, verbose_name='hash')),
                ('value', models.CharField(max_length=88, verbose_name='signature')),
                ('at', models.DateTimeField(verbose_name='signed')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed by')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='contracts.contract')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='party')),
                ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='contracts.signingkey')),
            ],
            options={
                'verbose_name': 'signature',
                'verbose_name_plural': 'signatures',
                'ordering': ['contract_id', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['buyer', '-id'], name='contract_of_buyer'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['seller', '-id'], name='contract_of_seller'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='contract_due'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafting', 'signing', 'signed', 'performing', 'completed', 'terminated', 'lapsed'])), name='contract_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('buyer', models.F('seller')), _negated=True), name='contract_has_two_parties'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafting', 'signing', 'lapsed']), ('concluded_at__isnull', False), _connector='OR'), name='contract_signed_knows_when'),
        ),
        migrations.AddConstraint(
            model_name='contractstep',
            constraint=models.UniqueConstraint(fields=('contract', 'number'), name='contract_step_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='contractstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'drafting'), ('transition', 'draft')), models.Q(('source', 'drafting'), ('target', 'signing'), ('transition', 'put_up')), models.Q(('source', 'signing'), ('target', 'signing'), ('transition', 'sign')), models.Q(('source', 'signing'), ('target', 'signed'), ('transition', 'conclude')), models.Q(('source', 'signed'), ('target', 'performing'), ('transition', 'perform')), models.Q(('source', 'performing'), ('target', 'completed'), ('transition', 'complete')), models.Q(('source', 'performing'), ('target', 'terminated'), ('transition', 'terminate')), models.Q(('source', 'signing'), ('target', 'lapsed'), ('transition', 'lapse')), _connector='OR'), name='contract_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='contractstep',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='contract_step_is_approved_by_another'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(fields=['holder', 'product'], name='permit_of_holder'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='permit_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('uses_max', None), ('uses_max__gt', 0), _connector='OR'), name='permit_counts_from_one'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('uses_max', None), ('used__lte', models.F('uses_max')), _connector='OR'), name='permit_is_not_used_up_twice'),
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('organisation',), name='signing_key_in_use_is_one'),
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.CheckConstraint(condition=models.Q(('retired_at', None), ('retired_at__gte', models.F('made_at')), _connector='OR'), name='signing_key_is_retired_after_it_was_made'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('contract', 'organisation'), name='signature_is_one_per_party'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('contract', 'role'), name='signature_is_one_per_role'),
        ),
    ]
