"""Products are made of products of other sellers: what each sale owes them."""

import django.db.models.deletion
import exchange.core.fields
from django.db import migrations, models

from exchange.core.guards import AppendOnly, Frozen

# Nobody adds a royalty to a sharing that its parties have agreed to.
OPEN = """
CREATE TRIGGER sharing_royalties_join_a_proposal BEFORE INSERT ON catalog_sharingroyalty
    FOR EACH ROW EXECUTE FUNCTION catalog_sharing_is_open();
"""
SHUT = "DROP TRIGGER sharing_royalties_join_a_proposal ON catalog_sharingroyalty;"


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_shares_of_revenue'),
    ]

    operations = [
        migrations.AddField(
            model_name='sharingparty',
            name='has_royalty',
            field=models.BooleanField(default=False, verbose_name='gets a royalty'),
        ),
        migrations.CreateModel(
            name='SharingRoyalty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('percent', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='percent of the net')),
                ('currency', exchange.core.fields.CurrencyField(verbose_name='currency')),
                ('each_minor', exchange.core.fields.MinorUnitsField(default=0, verbose_name='of each sale')),
                ('sharing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='royalties', to='catalog.sharing')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='made of')),
            ],
            options={
                'verbose_name': 'royalty of a product',
                'verbose_name_plural': 'royalties of products',
                'ordering': ['sharing_id', 'position'],
                'constraints': [models.UniqueConstraint(fields=('sharing', 'source'), name='sharing_names_a_source_once'), models.CheckConstraint(condition=models.Q(('each_minor__gte', 0), ('percent__gte', 0), ('percent__lte', 100)), name='royalty_is_a_part'), models.CheckConstraint(condition=models.Q(('percent__gt', 0), ('each_minor__gt', 0), _connector='OR'), name='royalty_is_something')],
            },
        ),
        Frozen("sharingparty", fields=("has_royalty",), name="sharing_parties_keep_their_royalty"),
        AppendOnly("sharingroyalty", name="sharing_royalties"),
        migrations.RunSQL(OPEN, SHUT),
    ]
