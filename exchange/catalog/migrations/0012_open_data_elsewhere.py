"""Free open data that lies elsewhere is told apart from what is sold or delivered here, and a price has its
currency among the facets."""

from django.db import migrations, models

TELL_APART = """
UPDATE catalog_searchentry
   SET is_local = NOT (facets @> ARRAY['delivery:external', 'pricing:free']::varchar[])
               OR facets && ARRAY['pricing:one_off', 'pricing:subscription', 'pricing:metered']::varchar[],
       facets = CASE WHEN card ->> 'currency' IS NULL THEN facets
                     ELSE facets || ('currency:' || (card ->> 'currency'))::varchar END
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_questions_about_products'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='searchentry',
            name='search_newest',
        ),
        migrations.AddField(
            model_name='searchentry',
            name='is_local',
            field=models.BooleanField(default=True, verbose_name='sold or delivered here'),
            preserve_default=False,
        ),
        migrations.RunSQL(TELL_APART, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(models.OrderBy(models.F('is_local'), descending=True), models.OrderBy(models.F('listed_at'), descending=True), models.OrderBy(models.F('product'), descending=True), name='search_newest'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(condition=models.Q(('is_local', True)), fields=['price_order', 'product'], name='search_cheapest_here'),
        ),
    ]
