"""Sales of state assets: their steps, what they rest on, announcements by round, bidders and bids."""

import accounts.ids
import django.db.models.deletion
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_guards_of_organisations'),
        ('orders', '0002_guards'),
        ('payments', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AssetSale',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dsp')),
                ('deal_nature', models.CharField(choices=[('licence', 'Licence'), ('transfer', 'Transfer'), ('contribution', 'Contribution')], max_length=12, verbose_name='nature of the deal')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('decided', 'Decided within the enterprise'), ('valued', 'Valued'), ('filed', 'Valuation filed'), ('announced', 'Announced'), ('suspended', 'Announcement suspended'), ('qualifying', 'Bidders are being examined'), ('no_buyer', 'No buyer'), ('one_buyer', 'One buyer'), ('bidding', 'Bidding'), ('won', 'Buyer found'), ('result_notice', 'Result is public'), ('contracted', 'Contract concluded'), ('paid', 'Paid'), ('certified', 'Certificate issued'), ('transferred', 'Right transferred'), ('stale', 'Valuation to be redone'), ('cancelled', 'Cancelled')], default='planned', max_length=15, verbose_name='state')),
                ('turn', models.CharField(choices=[('seller', 'The seller'), ('committee', "The seller's committee"), ('bidders', 'The bidders'), ('operator', 'The exchange'), ('buyer', 'The buyer'), ('nobody', 'Nobody')], max_length=10, verbose_name='turn')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('steps_count', models.PositiveIntegerField(default=0, verbose_name='steps')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('filing_no', models.CharField(blank=True, max_length=60, verbose_name='filing number')),
                ('first_announced_at', models.DateTimeField(blank=True, null=True, verbose_name='first announced')),
                ('round', models.PositiveIntegerField(default=0, verbose_name='round')),
                ('price_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='price')),
                ('created_at', models.DateTimeField(verbose_name='planned')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order', verbose_name='order')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asset_sales', to='catalog.product', verbose_name='product')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='seller')),
                ('winner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='buyer')),
            ],
            options={
                'verbose_name': 'sale of a state asset',
                'verbose_name_plural': 'sales of state assets',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='ann')),
                ('number', models.PositiveIntegerField(verbose_name='round')),
                ('kind', models.CharField(choices=[('first', 'First announcement'), ('extended', 'Extended at the same floor'), ('lowered', 'Lowered floor')], max_length=10, verbose_name='kind')),
                ('floor_minor', exchange.core.fields.MinorUnitsField(verbose_name='floor')),
                ('deposit_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='deposit')),
                ('conditions', models.TextField(blank=True, max_length=4000, verbose_name='conditions')),
                ('days', models.PositiveIntegerField(verbose_name='working days')),
                ('starts_at', models.DateTimeField(verbose_name='announced')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('suspended_at', models.DateTimeField(blank=True, null=True, verbose_name='suspended')),
                ('bidders_count', models.PositiveIntegerField(default=0, verbose_name='bidders')),
                ('bids_count', models.PositiveIntegerField(default=0, verbose_name='bids')),
                ('bidding_starts_at', models.DateTimeField(blank=True, null=True, verbose_name='bidding opened')),
                ('bidding_ends_at', models.DateTimeField(blank=True, null=True, verbose_name='bidding ends')),
                ('step_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='bidding step')),
                ('asset_sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='asset_sales.assetsale')),
            ],
            options={
                'verbose_name': 'announcement',
                'verbose_name_plural': 'announcements',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='AssetSaleStep',
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
                ('public_id', accounts.ids.PublicIdField(prefix='dss')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('asset_sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='asset_sales.assetsale')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'step of an asset sale',
                'verbose_name_plural': 'steps of asset sales',
                'ordering': ['asset_sale_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Bidder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dbr')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('offer_minor', exchange.core.fields.MinorUnitsField(verbose_name='offer')),
                ('related', models.BooleanField(default=False, verbose_name='related to the seller')),
                ('disclosure', models.TextField(blank=True, max_length=2000, verbose_name='disclosure')),
                ('standing', models.CharField(choices=[('registered', 'Registered'), ('qualified', 'Qualified'), ('rejected', 'Not qualified')], default='registered', max_length=10, verbose_name='standing')),
                ('reason', models.TextField(blank=True, max_length=2000, verbose_name='reason')),
                ('registered_at', models.DateTimeField(verbose_name='registered')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('announcement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bidders', to='asset_sales.announcement')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('deposit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.deposit', verbose_name='deposit')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='bidder')),
            ],
            options={
                'verbose_name': 'registered bidder',
                'verbose_name_plural': 'registered bidders',
                'ordering': ['announcement_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.TextField(max_length=2000, verbose_name='in words')),
                ('at', models.DateTimeField(verbose_name='declared')),
                ('asset_sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='asset_sales.assetsale')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'declared conflict',
                'verbose_name_plural': 'declared conflicts',
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dpd')),
                ('kind', models.CharField(choices=[('minutes', 'Minutes of the decision'), ('valuation', 'Valuation report'), ('memo', 'Memo on consulted firms'), ('filing', 'Proof of filing'), ('consent', 'Consent of the approver')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('media_type', models.CharField(max_length=40, verbose_name='type')),
                ('size_bytes', models.PositiveIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64, verbose_name='content hash')),
                ('at', models.DateTimeField(verbose_name='handed in')),
                ('asset_sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='asset_sales.assetsale')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'document of an asset sale',
                'verbose_name_plural': 'documents of asset sales',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RoundBid',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dbb')),
                ('seq', models.PositiveIntegerField(verbose_name='number')),
                ('amount_minor', exchange.core.fields.MinorUnitsField(verbose_name='amount')),
                ('actor', models.CharField(max_length=100, verbose_name='actor')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('announcement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='asset_sales.announcement')),
                ('bidder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bids', to='asset_sales.bidder')),
            ],
            options={
                'verbose_name': 'bid for a state asset',
                'verbose_name_plural': 'bids for state assets',
                'ordering': ['announcement_id', 'seq'],
            },
        ),
        migrations.CreateModel(
            name='Valuation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('value_minor', exchange.core.fields.MinorUnitsField(verbose_name='value')),
                ('base_date', models.DateField(verbose_name='base date')),
                ('valid_until', models.DateField(verbose_name='valid until')),
                ('firm', models.CharField(blank=True, max_length=200, verbose_name='firm')),
                ('appraisers', models.JSONField(default=list, verbose_name='appraisers')),
                ('report_no', models.CharField(blank=True, max_length=60, verbose_name='report number')),
                ('firms', models.JSONField(default=list, verbose_name='consulted firms')),
                ('reasons', models.TextField(blank=True, max_length=2000, verbose_name='reasons')),
                ('at', models.DateTimeField(verbose_name='handed in')),
                ('asset_sale', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='valuations', to='asset_sales.assetsale')),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='asset_sales.document')),
            ],
            options={
                'verbose_name': 'valuation for an asset sale',
                'verbose_name_plural': 'valuations for asset sales',
                'ordering': ['asset_sale_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('floor_minor', exchange.core.fields.MinorUnitsField(verbose_name='lowest floor')),
                ('at', models.DateTimeField(verbose_name='handed in')),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='asset_sales.document')),
                ('valuation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='asset_sales.valuation')),
            ],
            options={
                'verbose_name': 'consent to a lower floor',
                'verbose_name_plural': 'consents to lower floors',
            },
        ),
        migrations.AddField(
            model_name='announcement',
            name='valuation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='asset_sales.valuation'),
        ),
        migrations.AddIndex(
            model_name='assetsale',
            index=models.Index(fields=['state', 'due_at'], name='asset_sale_by_deadline'),
        ),
        migrations.AddIndex(
            model_name='assetsale',
            index=models.Index(fields=['seller', '-id'], name='asset_sale_of_seller'),
        ),
        migrations.AddConstraint(
            model_name='assetsale',
            constraint=models.CheckConstraint(condition=models.Q(('deal_nature__in', ['transfer', 'contribution'])), name='asset_sale_is_no_licence'),
        ),
        migrations.AddConstraint(
            model_name='assetsale',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'decided', 'valued', 'filed', 'announced', 'suspended', 'qualifying', 'no_buyer', 'one_buyer', 'bidding', 'won', 'result_notice', 'contracted', 'paid', 'certified', 'transferred', 'stale', 'cancelled']), ('turn__in', ['seller', 'committee', 'bidders', 'operator', 'buyer', 'nobody'])), name='asset_sale_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='assetsale',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('price_minor', 0), ('winner', None)), models.Q(('price_minor__gt', 0), ('winner__isnull', False)), _connector='OR'), name='asset_sale_buyer_has_a_price'),
        ),
        migrations.AddConstraint(
            model_name='assetsale',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('transferred', 'cancelled')), _negated=True), fields=('product',), name='asset_sale_is_one_per_product'),
        ),
        migrations.AddConstraint(
            model_name='assetsalestep',
            constraint=models.UniqueConstraint(fields=('asset_sale', 'number'), name='asset_sale_step_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='assetsalestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'planned'), ('transition', 'plan')), models.Q(('source', 'planned'), ('target', 'decided'), ('transition', 'decide')), models.Q(('source', 'decided'), ('target', 'valued'), ('transition', 'value')), models.Q(('source', 'stale'), ('target', 'valued'), ('transition', 'value')), models.Q(('source', 'valued'), ('target', 'filed'), ('transition', 'file')), models.Q(('source', 'filed'), ('target', 'announced'), ('transition', 'announce')), models.Q(('source', 'announced'), ('target', 'suspended'), ('transition', 'suspend')), models.Q(('source', 'suspended'), ('target', 'announced'), ('transition', 'resume')), models.Q(('source', 'announced'), ('target', 'qualifying'), ('transition', 'close')), models.Q(('source', 'qualifying'), ('target', 'no_buyer'), ('transition', 'find_none')), models.Q(('source', 'qualifying'), ('target', 'one_buyer'), ('transition', 'find_one')), models.Q(('source', 'qualifying'), ('target', 'bidding'), ('transition', 'find_many')), models.Q(('source', 'no_buyer'), ('target', 'announced'), ('transition', 'extend')), models.Q(('source', 'no_buyer'), ('target', 'no_buyer'), ('transition', 'consent')), models.Q(('source', 'no_buyer'), ('target', 'announced'), ('transition', 'lower')), models.Q(('source', 'one_buyer'), ('target', 'won'), ('transition', 'agree')), models.Q(('source', 'bidding'), ('target', 'won'), ('transition', 'award')), models.Q(('source', 'won'), ('target', 'won'), ('transition', 'approve_related')), models.Q(('source', 'won'), ('target', 'result_notice'), ('transition', 'publish')), models.Q(('source', 'result_notice'), ('target', 'contracted'), ('transition', 'contract')), models.Q(('source', 'contracted'), ('target', 'paid'), ('transition', 'pay')), models.Q(('source', 'contracted'), ('target', 'no_buyer'), ('transition', 'default')), models.Q(('source', 'paid'), ('target', 'certified'), ('transition', 'certify')), models.Q(('source', 'certified'), ('target', 'transferred'), ('transition', 'transfer')), models.Q(('source', 'filed'), ('target', 'stale'), ('transition', 'expire')), models.Q(('source', 'no_buyer'), ('target', 'stale'), ('transition', 'expire')), models.Q(('source', 'valued'), ('target', 'stale'), ('transition', 'expire')), models.Q(('source', 'decided'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'filed'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'no_buyer'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'planned'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'stale'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'suspended'), ('target', 'cancelled'), ('transition', 'cancel')), models.Q(('source', 'valued'), ('target', 'cancelled'), ('transition', 'cancel')), _connector='OR'), name='asset_sale_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='assetsalestep',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='asset_sale_step_is_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='bidder',
            constraint=models.UniqueConstraint(fields=('announcement', 'organisation'), name='asset_sale_bidder_registers_once'),
        ),
        migrations.AddConstraint(
            model_name='bidder',
            constraint=models.UniqueConstraint(fields=('announcement', 'number'), name='asset_sale_bidder_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='bidder',
            constraint=models.CheckConstraint(condition=models.Q(('offer_minor__gt', 0)), name='asset_sale_bidder_offers_something'),
        ),
        migrations.AddConstraint(
            model_name='bidder',
            constraint=models.CheckConstraint(condition=models.Q(('related', False), models.Q(('disclosure', ''), _negated=True), _connector='OR'), name='asset_sale_related_bidder_discloses'),
        ),
        migrations.AddConstraint(
            model_name='bidder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('standing', 'registered')), models.Q(('decided_at__isnull', False), ('standing', 'qualified')), models.Q(('decided_at__isnull', False), ('standing', 'rejected'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='asset_sale_bidder_rejected_knows_why'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=models.UniqueConstraint(fields=('asset_sale', 'user'), name='asset_sale_conflict_is_declared_once'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$'), ('size_bytes__gt', 0)), name='asset_sale_document_has_a_hash'),
        ),
        migrations.AddConstraint(
            model_name='roundbid',
            constraint=models.UniqueConstraint(fields=('announcement', 'seq'), name='asset_sale_bid_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='roundbid',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='asset_sale_bid_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='valuation',
            constraint=models.UniqueConstraint(fields=('asset_sale', 'number'), name='asset_sale_valuation_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='valuation',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('base_date')), ('value_minor__gt', 0)), name='asset_sale_valuation_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='valuation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('firm', ''), _negated=True), models.Q(('report_no', ''), _negated=True), ('firms', [])), models.Q(('firm', ''), ('report_no', ''), models.Q(('firms', []), _negated=True), models.Q(('reasons', ''), _negated=True)), _connector='OR'), name='asset_sale_valuation_is_report_or_memo'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('floor_minor__gt', 0)), name='asset_sale_consent_is_to_something'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.UniqueConstraint(fields=('asset_sale', 'number'), name='announcement_round_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(('deposit_minor__gte', 0), ('deposit_minor__lte', models.F('floor_minor')), ('floor_minor__gt', 0)), name='announcement_deposit_is_within_the_floor'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(('days__gt', 0), ('ends_at__gt', models.F('starts_at'))), name='announcement_ends_after_its_start'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bidding_ends_at', None), ('bidding_starts_at', None)), models.Q(('bidding_ends_at__gt', models.F('bidding_starts_at')), ('step_minor__gt', 0)), _connector='OR'), name='announcement_bidding_has_an_end_and_a_step'),
        ),
    ]
