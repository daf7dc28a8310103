"""Words of titles, keywords and summaries, for slips of the pen; all entries are made anew by the clock,
with Simplified characters beside Traditional ones and with their words."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0015_descriptions_outlive_a_reading'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(max_length=30, primary_key=True, serialize=False, verbose_name='word')),
                ('grams', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=3), size=None, verbose_name='runs of three letters')),
            ],
            options={
                'verbose_name': 'word of the search',
                'verbose_name_plural': 'words of the search',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['grams'], name='search_word_grams')],
            },
        ),
        migrations.RunSQL(
            sql="UPDATE catalog_searchentry SET stale_at = statement_timestamp()",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
