"""The search knows whose a listing is: what is listed already is marked with its seller."""

from django.db import migrations

MARK = """
    UPDATE catalog_searchentry AS entry
       SET facets = array_append(entry.facets, ('seller:' || organisation.public_id)::varchar),
           card = entry.card || jsonb_build_object('seller_id', organisation.public_id)
      FROM catalog_product AS product
      JOIN accounts_organisation AS organisation ON organisation.id = product.seller_id
     WHERE product.id = entry.product_id
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_a_listing_is_paused")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
