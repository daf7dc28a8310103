"""Products with their listing and its steps, revisions, offers, the search index, and what people want."""

import accounts.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
import exchange.core.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_guards_of_organisations'),
        ('vault', '0002_content_never_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='prd')),
                ('kind', models.CharField(choices=[('dataset', 'Data set'), ('api', 'API'), ('report', 'Report'), ('model', 'Model'), ('portrait', 'Portrait'), ('service', 'Service'), ('bundle', 'Bundle')], max_length=10, verbose_name='kind')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('title_zh', models.CharField(blank=True, max_length=200, verbose_name='Chinese title')),
                ('summary', models.CharField(blank=True, max_length=400, verbose_name='summary')),
                ('summary_zh', models.CharField(blank=True, max_length=400, verbose_name='Chinese summary')),
                ('description', models.TextField(blank=True, max_length=20000, verbose_name='description')),
                ('description_zh', models.TextField(blank=True, max_length=20000, verbose_name='Chinese description')),
                ('industry', models.CharField(blank=True, max_length=40, verbose_name='industry')),
                ('region', models.CharField(blank=True, max_length=40, verbose_name='region')),
                ('rhythm', models.CharField(blank=True, max_length=40, verbose_name='update rhythm')),
                ('scenarios', models.JSONField(blank=True, default=list, verbose_name='scenarios')),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None, verbose_name='keywords')),
                ('licence', models.JSONField(blank=True, default=dict, verbose_name='licence')),
                ('refund_policy', models.CharField(blank=True, choices=[('none', 'No refund after payment'), ('until_download', 'Full refund until the first download'), ('inspection', 'Full refund while the inspection runs, if it is not as described')], max_length=20, verbose_name='refund policy')),
                ('source_statement', models.TextField(blank=True, max_length=2000, verbose_name='where the data comes from')),
                ('grade', models.CharField(blank=True, choices=[('general_1', 'General 1: harms nobody'), ('general_2', 'General 2: general harm'), ('general_3', 'General 3: serious harm'), ('general_4', 'General 4: especially serious harm'), ('important', 'Important data'), ('core', 'Core data')], max_length=10, verbose_name='grade')),
                ('personal_statement', models.TextField(blank=True, max_length=2000, verbose_name='statement on personal data')),
                ('delivery', models.CharField(choices=[('file', 'File download'), ('api', 'API access'), ('external', "Hosted by the seller"), ('sandbox', 'Sandbox only, no download'), ('service', 'By people, as agreed')], max_length=10, verbose_name='delivery')),
                ('external_url', models.URLField(blank=True, max_length=2000, verbose_name='address')),
                ('parts', models.JSONField(blank=True, default=list, verbose_name='parts')),
                ('synthetic', models.BooleanField(default=False, verbose_name='synthetic')),
                ('origin', models.CharField(blank=True, max_length=200, null=True, unique=True, verbose_name='origin')),
                ('contact', models.CharField(blank=True, max_length=200, verbose_name='contact')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('compliance_review', 'Compliance review'), ('quality_review', 'Quality review'), ('price_review', 'Price review'), ('returned', 'Returned for changes'), ('rejected', 'Rejected'), ('approved', 'Approved'), ('listed', 'Listed'), ('suspended', 'Suspended'), ('delisted', 'Delisted'), ('archived', 'Archived')], default='draft', max_length=20, verbose_name='state')),
                ('turn', models.CharField(choices=[('seller', 'The seller'), ('operator', 'The exchange'), ('nobody', 'Nobody')], max_length=10, verbose_name='whose turn')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('steps_count', models.PositiveIntegerField(default=0, verbose_name='steps')),
                ('amendment', models.JSONField(blank=True, null=True, verbose_name='changes')),
                ('change_proposed', models.BooleanField(default=False, verbose_name='change under review')),
                ('first_approved_at', models.DateTimeField(blank=True, null=True, verbose_name='at')),
                ('listed_at', models.DateTimeField(blank=True, null=True, verbose_name='first listed')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='begun')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last change')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('first_approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='accounts.organisation', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='dem')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('description', models.TextField(max_length=4000, verbose_name='what is needed, and for what')),
                ('budget_minor', models.BigIntegerField(blank=True, null=True, verbose_name='budget')),
                ('currency', exchange.core.fields.CurrencyField(default='CNY')),
                ('needed_by', models.DateField(blank=True, null=True, verbose_name='needed by')),
                ('state', models.CharField(choices=[('open', 'Open'), ('met', 'Found'), ('withdrawn', 'Withdrawn')], default='open', max_length=10, verbose_name='state')),
                ('posted_at', models.DateTimeField(verbose_name='posted')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='demands', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'request for data',
                'verbose_name_plural': 'requests for data',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_entry', serialize=False, to='catalog.product')),
                ('title_terms', django.contrib.postgres.search.SearchVectorField(verbose_name='words of the title')),
                ('text_terms', django.contrib.postgres.search.SearchVectorField(verbose_name='words of title and text')),
                ('facets', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='facets')),
                ('price_order', models.BigIntegerField(verbose_name='lowest price')),
                ('quality_score', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='quality')),
                ('listed_at', models.DateTimeField(verbose_name='listed')),
                ('card', models.JSONField(verbose_name='card')),
            ],
            options={
                'verbose_name': 'search entry',
                'verbose_name_plural': 'search entries',
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='off')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('free', 'Free'), ('one_off', 'One payment'), ('subscription', 'Subscription'), ('metered', 'By use')], max_length=15, verbose_name='kind')),
                ('plan', models.JSONField(verbose_name='price plan')),
                ('plan_digest', models.CharField(max_length=71, verbose_name='digest of the plan')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('price_minor', exchange.core.fields.MinorUnitsField(verbose_name='price')),
                ('period', models.CharField(blank=True, choices=[('P1M', 'a month'), ('P3M', 'a quarter'), ('P1Y', 'a year')], max_length=10, verbose_name='period')),
                ('access_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='days of access')),
                ('history', models.CharField(choices=[('all', 'all earlier revisions'), ('last', 'the last revisions'), ('none', 'only the newest revision')], default='all', max_length=5, verbose_name='earlier revisions')),
                ('history_count', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many')),
                ('future', models.CharField(choices=[('all', 'all later revisions while access lasts'), ('none', 'no later revisions')], default='none', max_length=5, verbose_name='later revisions')),
                ('deal_nature', models.CharField(choices=[('licence', 'Licence'), ('transfer', 'Transfer'), ('contribution', 'Contribution')], default='licence', max_length=12, verbose_name='nature of the deal')),
                ('needs_approval', models.BooleanField(default=False, verbose_name='the seller approves each buyer')),
                ('basis', models.CharField(blank=True, max_length=80, verbose_name='came out of')),
                ('state', models.CharField(choices=[('active', 'On offer'), ('withdrawn', 'Withdrawn')], default='active', max_length=10, verbose_name='state')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('reserved_for', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='reserved for')),
                ('supersedes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='catalog.offer', verbose_name='takes the place of')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.product')),
            ],
            options={
                'verbose_name': 'offer',
                'verbose_name_plural': 'offers',
                'ordering': ['product_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='ListingStep',
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
                ('public_id', accounts.ids.PublicIdField(prefix='lst')),
                ('sensitive', models.BooleanField(verbose_name='of a sensitive grade')),
                ('checklist', models.JSONField(default=list, verbose_name='checklist')),
                ('gates', models.JSONField(default=list, verbose_name='gates')),
                ('snapshot', models.JSONField(blank=True, null=True, verbose_name='listing as approved')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='catalog.product')),
            ],
            options={
                'verbose_name': 'listing step',
                'verbose_name_plural': 'listing steps',
                'ordering': ['product_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='DemandAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.TextField(blank=True, max_length=4000, verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='answered')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('demand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='catalog.demand')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product')),
            ],
            options={
                'verbose_name': 'answer to a request',
                'verbose_name_plural': 'answers to requests',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='rvn')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('revoked', 'Revoked')], default='draft', max_length=10, verbose_name='state')),
                ('note', models.CharField(blank=True, max_length=1000, verbose_name='note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='begun')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('revoked_reason', models.CharField(blank=True, max_length=2000, verbose_name='why revoked')),
                ('difference', models.JSONField(blank=True, default=dict, verbose_name='difference to the last')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='vault.datafile', verbose_name='file')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='catalog.product')),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ['product_id', '-number'],
            },
        ),
        migrations.CreateModel(
            name='RevisionTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='position')),
                ('document', models.JSONField(verbose_name='document')),
                ('decisions', models.JSONField(blank=True, default=dict, verbose_name='answers to findings')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tables', to='catalog.revision')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='vault.datatable')),
            ],
            options={
                'verbose_name': 'table of a revision',
                'verbose_name_plural': 'tables of revisions',
                'ordering': ['revision_id', 'position'],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', accounts.ids.PublicIdField(prefix='svs')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('text', models.CharField(blank=True, max_length=200, verbose_name='words')),
                ('facets', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='facets')),
                ('terms', models.TextField(blank=True, verbose_name='words as read')),
                ('at', models.DateTimeField(verbose_name='saved')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_searches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'saved search',
                'verbose_name_plural': 'saved searches',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='since')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='catalog.product')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'watch',
                'verbose_name_plural': 'watches',
                'ordering': ['-id'],
            },
        ),
        migrations.AddIndex(
            model_name='demand',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['-id'], name='demand_open'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('description', ''), _negated=True)), name='demand_says_what_is_needed'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(('budget_minor', None), ('budget_minor__gt', 0), _connector='OR'), name='demand_budget_is_money'),
        ),
        migrations.AddConstraint(
            model_name='demand',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='demand_closes_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['title_terms'], name='search_title_terms'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['text_terms'], name='search_text_terms'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['facets'], name='search_facets'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(models.OrderBy(models.F('listed_at'), descending=True), models.OrderBy(models.F('product'), descending=True), name='search_newest'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['price_order', 'product'], name='search_cheapest'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(models.OrderBy(models.F('quality_score'), descending=True), models.OrderBy(models.F('product'), descending=True), name='search_best'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.CheckConstraint(condition=models.Q(('price_order__gte', 0)), name='search_price_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.CheckConstraint(condition=models.Q(('quality_score__range', (-1, 100))), name='search_quality_is_a_score'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['seller', '-id'], name='product_of_seller'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['state', 'due_at'], name='product_queue'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'compliance_review', 'quality_review', 'price_review', 'returned', 'rejected', 'approved', 'listed', 'suspended', 'delisted', 'archived'])), name='product_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'returned', 'rejected', 'archived']), models.Q(models.Q(('title', ''), _negated=True), models.Q(('summary', ''), _negated=True), models.Q(('refund_policy', ''), _negated=True), models.Q(('grade', ''), _negated=True)), _connector='OR'), name='product_under_review_is_described'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grade', 'core'), _negated=True), ('state__in', ['draft', 'returned', 'rejected', 'archived']), _connector='OR'), name='product_of_core_data_is_never_listed'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grade', 'important'), ('state', 'listed'), _negated=True), ('delivery', 'sandbox'), _connector='OR'), name='product_of_important_data_stays_in_the_sandbox'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['listed', 'suspended']), _negated=True), ('listed_at__isnull', False), _connector='OR'), name='product_listed_knows_since_when'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('change_proposed', False), ('amendment__isnull', False), _connector='OR'), name='product_change_under_review_exists'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_approved_at', None), ('first_approved_by', None)), models.Q(models.Q(('state', 'price_review'), ('change_proposed', True), _connector='OR'), ('first_approved_at__isnull', False), ('first_approved_by__isnull', False)), _connector='OR'), name='product_first_approval_waits_for_the_second'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='offer_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='offer_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('needs_approval', False), ('kind__in', ['one_off', 'subscription']), _connector='OR'), name='offer_that_needs_approval_is_at_one_price'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), ('reserved_for', None)), models.Q(('reserved_for__isnull', False), models.Q(('basis', ''), _negated=True)), _connector='OR'), name='offer_reserved_says_what_it_came_out_of'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('reserved_for__isnull', False)), fields=('basis', 'reserved_for'), name='offer_is_reserved_once'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'free'), ('price_minor', 0)), models.Q(('kind', 'metered'), ('price_minor', 0)), models.Q(models.Q(('kind__in', ['free', 'metered']), _negated=True), ('price_minor__gt', 0)), _connector='OR'), name='offer_costs_nothing_when_free'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['subscription', 'metered']), models.Q(('period', ''), _negated=True)), models.Q(models.Q(('kind__in', ['subscription', 'metered']), _negated=True), ('period', '')), _connector='OR'), name='offer_of_a_subscription_has_a_period'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('access_days', None), models.Q(('access_days__range', (1, 3650)), models.Q(('kind', 'subscription'), _negated=True)), _connector='OR'), name='offer_access_is_a_number_of_days'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('history', 'last'), ('history_count__range', (1, 100))), models.Q(models.Q(('history', 'last'), _negated=True), ('history_count', None)), _connector='OR'), name='offer_counts_the_last_revisions'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='offer_ends_after_its_start'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), ('withdrawn_at', None)), models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), _connector='OR'), name='offer_withdrawn_knows_when'),
        ),
        migrations.AddConstraint(
            model_name='listingstep',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='listing_step_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='listingstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'draft'), ('transition', 'draft')), models.Q(('source', 'draft'), ('target', 'submitted'), ('transition', 'submit')), models.Q(('source', 'returned'), ('target', 'submitted'), ('transition', 'submit')), models.Q(('source', 'compliance_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'price_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'quality_review'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'submitted'), ('target', 'draft'), ('transition', 'recall')), models.Q(('source', 'submitted'), ('target', 'compliance_review'), ('transition', 'take_up')), models.Q(('source', 'compliance_review'), ('target', 'quality_review'), ('transition', 'pass_compliance')), models.Q(('source', 'quality_review'), ('target', 'price_review'), ('transition', 'pass_quality')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'first_approval')), models.Q(('source', 'price_review'), ('target', 'price_review'), ('transition', 'first_approval')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'first_approval')), models.Q(('source', 'price_review'), ('target', 'approved'), ('transition', 'approve')), models.Q(('source', 'approved'), ('target', 'listed'), ('transition', 'list')), models.Q(('source', 'approved'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'compliance_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'price_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'quality_review'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'submitted'), ('target', 'returned'), ('transition', 'return')), models.Q(('source', 'approved'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'compliance_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'price_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'quality_review'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'submitted'), ('target', 'rejected'), ('transition', 'reject')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'propose_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'propose_change')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'take_change_back')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'take_change_back')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'accept_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'accept_change')), models.Q(('source', 'listed'), ('target', 'listed'), ('transition', 'decline_change')), models.Q(('source', 'suspended'), ('target', 'suspended'), ('transition', 'decline_change')), models.Q(('source', 'listed'), ('target', 'suspended'), ('transition', 'suspend')), models.Q(('source', 'suspended'), ('target', 'listed'), ('transition', 'resume')), models.Q(('source', 'approved'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'listed'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'suspended'), ('target', 'delisted'), ('transition', 'delist')), models.Q(('source', 'delisted'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'draft'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'rejected'), ('target', 'archived'), ('transition', 'archive')), models.Q(('source', 'returned'), ('target', 'archived'), ('transition', 'archive')), _connector='OR'), name='listing_step_is_legal'),
        ),
        migrations.AddConstraint(
            model_name='listingstep',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='listing_step_is_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='listingstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sensitive', True), ('transition__in', ['approve', 'accept_change']), _negated=True), models.Q(('approved_by__isnull', False), ('by__isnull', False)), _connector='OR'), name='listing_step_of_a_sensitive_grade_needs_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='demandanswer',
            constraint=models.UniqueConstraint(fields=('demand', 'product'), name='demand_answer_names_a_product_once'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='revision_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('product',), name='revision_draft_is_one_per_product'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='revision_published_knows_when'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('state', 'revoked'), models.Q(('revoked_reason', ''), _negated=True)), models.Q(models.Q(('state', 'revoked'), _negated=True), ('revoked_at', None), ('revoked_reason', '')), _connector='OR'), name='revision_revoked_says_why'),
        ),
        migrations.AddConstraint(
            model_name='revisiontable',
            constraint=models.UniqueConstraint(fields=('revision', 'position'), name='revision_table_position_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='revisiontable',
            constraint=models.UniqueConstraint(fields=('revision', 'table'), name='revision_holds_a_table_once'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.UniqueConstraint(fields=('user', 'text', 'facets'), name='saved_search_is_kept_once'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('facets__len__gte', 1), _connector='OR'), name='saved_search_looks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_search_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.UniqueConstraint(fields=('user', 'product'), name='watch_is_one_per_product'),
        ),
    ]
