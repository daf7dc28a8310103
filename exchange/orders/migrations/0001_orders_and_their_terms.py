"""Orders, their steps, rulings, messages, certificates and reviews, and the conditions they are placed on."""

import accounts.ids
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import exchange.core.fields
from decimal import Decimal
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
            name='CertificateSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveIntegerField(unique=True, verbose_name='year')),
                ('issued_count', models.PositiveIntegerField(default=0, verbose_name='issued')),
            ],
            options={
                'verbose_name': 'series of certificates',
                'verbose_name_plural': 'series of certificates',
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='ord')),
                ('needs_second', models.BooleanField(default=False, verbose_name='needs a second person')),
                ('state', models.CharField(choices=[('created', 'Waiting for confirmation'), ('confirmed', 'Confirmed'), ('contract_signed', 'Contract concluded'), ('escrowed', 'Paid, money held'), ('delivering', 'Being delivered'), ('delivered', 'Delivered, under inspection'), ('accepted', 'Accepted'), ('objected', 'Objected to'), ('settled', 'Settled'), ('invoiced', 'Invoiced'), ('certificate_issued', 'Certificate issued'), ('closed', 'Closed'), ('cancelled', 'Cancelled'), ('refunded', 'Refunded')], default='created', max_length=20, verbose_name='state')),
                ('turn', models.CharField(choices=[('buyer', 'The buyer'), ('seller', 'The seller'), ('operator', 'The exchange'), ('nobody', 'Nobody')], max_length=10, verbose_name='whose turn')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('steps_count', models.PositiveIntegerField(default=0, verbose_name='steps')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='version')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('title_zh', models.CharField(blank=True, max_length=200, verbose_name='Chinese title')),
                ('terms', models.JSONField(verbose_name='terms')),
                ('terms_hash', models.CharField(max_length=71, verbose_name='hash of the terms')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('net_minor', exchange.core.fields.MinorUnitsField(verbose_name='net')),
                ('tax_minor', exchange.core.fields.MinorUnitsField(verbose_name='tax')),
                ('total_minor', exchange.core.fields.MinorUnitsField(verbose_name='total')),
                ('payment_method', models.CharField(choices=[('card', 'Card'), ('bank_transfer', 'Bank transfer'), ('wallet', 'Wallet'), ('none', 'Nothing to pay')], max_length=15, verbose_name='payment method')),
                ('po_number', models.CharField(blank=True, max_length=60, verbose_name="buyer's PO number")),
                ('inspection_ends_at', models.DateTimeField(blank=True, null=True, verbose_name='inspection ends')),
                ('auto_renew', models.BooleanField(default=False, verbose_name='renews by itself')),
                ('period_from', models.DateTimeField(blank=True, null=True, verbose_name='period from')),
                ('period_until', models.DateTimeField(blank=True, null=True, verbose_name='period until')),
                ('created_at', models.DateTimeField(verbose_name='placed')),
                ('changed_at', models.DateTimeField(verbose_name='last change')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='accounts.organisation', verbose_name='buyer')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='contracts.contract', verbose_name='contract')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='catalog.offer', verbose_name='offer')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='placed by')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='catalog.product', verbose_name='product')),
                ('renews', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renewals', to='orders.order', verbose_name='renews')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sales', to='accounts.organisation', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='LicenceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='during')),
                ('exclusive', models.BooleanField(default=False, verbose_name='exclusive')),
                ('freed_at', models.DateTimeField(blank=True, null=True, verbose_name='given free')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='window', to='orders.order')),
            ],
            options={
                'verbose_name': 'licence window',
                'verbose_name_plural': 'licence windows',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='crt')),
                ('year', models.PositiveIntegerField(verbose_name='year')),
                ('serial', models.PositiveIntegerField(verbose_name='serial number')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('document', models.JSONField(verbose_name='document')),
                ('document_hash', models.CharField(max_length=71, verbose_name='hash')),
                ('record_id', models.CharField(max_length=40, unique=True, verbose_name='record in the log')),
                ('issued_at', models.DateTimeField(verbose_name='issued')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='certificate', to='orders.order')),
            ],
            options={
                'verbose_name': 'trading certificate',
                'verbose_name_plural': 'trading certificates',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OrderMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='msg')),
                ('text', models.TextField(max_length=4000, verbose_name='message')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='orders.order')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='for')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='OrderStep',
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
                ('public_id', accounts.ids.PublicIdField(prefix='ost')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='orders.order')),
            ],
            options={
                'verbose_name': 'order step',
                'verbose_name_plural': 'order steps',
                'ordering': ['order_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='DiscountTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dct')),
                ('name', models.CharField(max_length=60, verbose_name='tier')),
                ('percent', models.DecimalField(decimal_places=2, max_digits=4, verbose_name='discount in percent')),
                ('ground', models.CharField(choices=[('real_need', 'A real need of the buyer, in line with fair trade practice'), ('new_user', 'An offer to new users for a reasonable time'), ('random_rule', 'A fair, reasonable and non-discriminatory random rule'), ('other', 'Another reason, given in words.')], max_length=20, verbose_name='ground')),
                ('words', models.TextField(max_length=1000, verbose_name='in words')),
                ('granted_at', models.DateTimeField(verbose_name='granted')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ("buyer", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name="buyer")),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'discount tier',
                'verbose_name_plural': 'discount tiers',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='PriceReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(choices=[('real_need', 'A real need of the buyer, in line with fair trade practice'), ('new_user', 'An offer to new users for a reasonable time'), ('random_rule', 'A fair, reasonable and non-discriminatory random rule'), ('other', 'Another reason, given in words.')], max_length=20, verbose_name='ground')),
                ('words', models.TextField(max_length=2000, verbose_name='in words')),
                ('by', models.CharField(max_length=100, verbose_name='by')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='price_reason', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'reason for a price',
                'verbose_name_plural': 'reasons for prices',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='rul')),
                ('transition', models.CharField(choices=[('place', 'Order placed'), ('confirm', 'Order confirmed'), ('decline', "Order declined by the buyer's second person"), ('sign', 'Contract concluded on the frozen terms'), ('payment_failed', 'Payment failed'), ('pay', 'Payment received and held'), ('prepare', 'Delivery started'), ('delay', 'Delivery held up'), ('deliver', 'Delivered'), ('accept', 'Accepted by the buyer'), ('auto_accept', 'Accepted, since the time to object is over'), ('object', 'Objection raised; the money stays held'), ('release', 'Money released by the exchange'), ('refund', 'Refunded in full by the exchange'), ('settle', 'Settled'), ('invoice', 'Invoiced'), ('certify', 'Trading certificate issued'), ('close', 'Closed'), ('cancel', 'Cancelled by the buyer'), ('lapse', 'Cancelled, since the time for it is over')], max_length=20, verbose_name='ruling')),
                ('reason_code', models.CharField(choices=[('as_described', 'The data is as described; the objection is not founded.'), ('agreed', 'Buyer and seller agreed on this.'), ('not_as_described', 'The data differs from its description.'), ('not_readable', 'The files could not be opened or were incomplete.'), ('not_delivered', 'The delivery could not be made.'), ('rights_doubtful', "The seller's rights in the data are in doubt."), ('other', 'Another reason, given in words.')], max_length=40, verbose_name='kind of reason')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('decision', models.CharField(choices=[('open', 'Waiting for a second operator'), ('approved', 'Approved'), ('declined', 'Declined')], default='open', max_length=10, verbose_name='decision')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='orders.order')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'ruling',
                'verbose_name_plural': 'rulings',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='sub')),
                ('period', models.CharField(max_length=8, verbose_name='period')),
                ('began_at', models.DateTimeField(verbose_name='began')),
                ('periods_paid', models.PositiveIntegerField(default=1, verbose_name='periods paid')),
                ('paid_until', models.DateTimeField(verbose_name='paid until')),
                ('auto_renew', models.BooleanField(verbose_name='renews by itself')),
                ('reminded_until', models.DateTimeField(blank=True, null=True, verbose_name='reminded of the end at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('first', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='begins', to='orders.order', verbose_name='first order')),
                ('latest', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='continues', to='orders.order', verbose_name='latest order')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='BuyingLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('limit_minor', exchange.core.fields.MinorUnitsField(verbose_name='limit')),
                ('set_by', models.CharField(max_length=100, verbose_name='set by')),
                ('set_at', models.DateTimeField(verbose_name='set')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='buying_limits', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'buying limit',
                'verbose_name_plural': 'buying limits',
                'constraints': [models.UniqueConstraint(fields=('organisation', 'currency'), name='buying_limit_is_one_per_currency'), models.CheckConstraint(condition=models.Q(('limit_minor__gte', 0)), name='buying_limit_is_not_negative')],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['buyer', '-id'], name='order_of_buyer'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['seller', '-id'], name='order_of_seller'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', 'due_at'], name='order_due'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['created_at'], name='order_by_time'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['created', 'confirmed', 'contract_signed', 'escrowed', 'delivering', 'delivered', 'accepted', 'objected', 'settled', 'invoiced', 'certificate_issued', 'closed', 'cancelled', 'refunded'])), name='order_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('buyer', models.F('seller')), _negated=True), name='order_has_two_parties'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('net_minor__gte', 0), ('tax_minor__gte', 0), ('total_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='order_total_is_net_and_tax'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('payment_method', 'none'), ('total_minor', 0)), models.Q(('total_minor__gt', 0), models.Q(('payment_method', 'none'), _negated=True)), _connector='OR'), name='order_without_price_needs_no_payment'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second', False), ('state__in', ['created', 'cancelled']), models.Q(('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('placed_by')), _negated=True)), _connector='OR'), name='order_above_the_limit_has_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('period_from__isnull', True), ('period_until__isnull', True)), ('period_until__gt', models.F('period_from')), _connector='OR'), name='order_period_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), ('inspection_ends_at__isnull', False), _connector='OR'), name='order_under_inspection_knows_its_end'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('renews__isnull', False), models.Q(('state', 'cancelled'), _negated=True)), fields=('renews',), name='order_is_renewed_once'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(fields=('year', 'serial'), name='certificate_serial_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('serial__gte', 1)), name='certificate_serial_begins_at_one'),
        ),
        migrations.AddConstraint(
            model_name='ordermessage',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='order_message_says_something'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.UniqueConstraint(fields=('order', 'number'), name='order_step_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'created'), ('transition', 'place')), models.Q(('source', 'created'), ('target', 'confirmed'), ('transition', 'confirm')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'decline')), models.Q(('source', 'confirmed'), ('target', 'contract_signed'), ('transition', 'sign')), models.Q(('source', 'contract_signed'), ('target', 'contract_signed'), ('transition', 'payment_failed')), models.Q(('source', 'contract_signed'), ('target', 'escrowed'), ('transition', 'pay')), models.Q(('source', 'contract_signed'), ('target', 'delivering'), ('transition', 'prepare')), models.Q(('source', 'escrowed'), ('target', 'delivering'), ('transition', 'prepare')), models.Q(('source', 'delivering'), ('target', 'delivering'), ('transition', 'delay')), models.Q(('source', 'delivering'), ('target', 'delivered'), ('transition', 'deliver')), models.Q(('source', 'delivered'), ('target', 'accepted'), ('transition', 'accept')), models.Q(('source', 'delivered'), ('target', 'accepted'), ('transition', 'auto_accept')), models.Q(('source', 'delivered'), ('target', 'objected'), ('transition', 'object')), models.Q(('source', 'objected'), ('target', 'accepted'), ('transition', 'release')), models.Q(('source', 'delivering'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'escrowed'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'objected'), ('target', 'refunded'), ('transition', 'refund')), models.Q(('source', 'accepted'), ('target', 'settled'), ('transition', 'settle')), models.Q(('source', 'settled'), ('target', 'invoiced'), ('transition', 'invoice')), models.Q(('source', 'accepted'), ('target', 'certificate_issued'), ('transition', 'certify')), models.Q(('source', 'invoiced'), ('target', 'certificate_issued'), ('transition', 'certify')), models.Q(('source', 'certificate_issued'), ('target', 'closed'), ('transition', 'close')), models.Q(('source', 'contract_signed'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'contract_signed'), ('target', 'cancelled'), ('transition', 'lapse')), models.Q(('source', 'created'), ('target', 'cancelled'), ('transition', 'lapse')), _connector='OR'), name='order_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='orderstep',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='order_step_is_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='discounttier',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('seller', "buyer"), name='discount_tier_is_one_per_buyer'),
        ),
        migrations.AddConstraint(
            model_name='discounttier',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gt', 0), ('percent__lte', Decimal('90'))), name='discount_tier_is_a_discount'),
        ),
        migrations.AddConstraint(
            model_name='discounttier',
            constraint=models.CheckConstraint(condition=models.Q(('seller', models.F("buyer")), _negated=True), name='discount_tier_has_two_parties'),
        ),
        migrations.AddConstraint(
            model_name='discounttier',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('granted_at')), _connector='OR'), name='discount_tier_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='pricereason',
            constraint=models.CheckConstraint(condition=models.Q(('ground__in', ['real_need', 'new_user', 'random_rule', 'other'])), name='price_reason_ground_is_known'),
        ),
        migrations.AddConstraint(
            model_name='pricereason',
            constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='price_reason_says_why'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.UniqueConstraint(condition=models.Q(('decision', 'open')), fields=('order',), name='ruling_is_open_once'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(('transition__in', ['release', 'refund'])), name='ruling_is_release_or_refund'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('decision', 'open')), models.Q(models.Q(('decision', 'open'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='ruling_is_decided_by_another'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['paid_until'], name='subscription_running'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('periods_paid__gte', 1)), name='subscription_has_a_paid_period'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('paid_until__gt', models.F('began_at'))), name='subscription_ends_after_start'),
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='rev')),
                ('stars', models.PositiveSmallIntegerField(verbose_name='stars')),
                ('text', models.TextField(max_length=4000, verbose_name='review')),
                ('at', models.DateTimeField(verbose_name='written')),
                ('reply', models.TextField(blank=True, max_length=4000, verbose_name="seller's reply")),
                ('replied_at', models.DateTimeField(blank=True, null=True, verbose_name='replied')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='orders.order')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('stars__range', (1, 5))), name='review_has_one_to_five_stars'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='review_says_something'), models.CheckConstraint(condition=models.Q(models.Q(('replied_at', None), ('reply', '')), models.Q(models.Q(('reply', ''), _negated=True), ('replied_at__isnull', False)), _connector='OR'), name='review_reply_has_its_time')],
            },
        ),
    ]
