"""An offer ends at the moment at which another takes its place, and the search follows by the clock."""

from django.db import migrations, models

GIVES_WAY = """
CREATE FUNCTION catalog_offer_gives_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM catalog_offer AS earlier
        LEFT JOIN catalog_offer AS later
            ON later.supersedes_id = earlier.id AND later.state = 'active'
        WHERE earlier.id IN (NEW.id, NEW.supersedes_id) AND earlier.state = 'active'
            AND earlier.replaced_at IS DISTINCT FROM later.valid_from
    ) THEN
        RAISE EXCEPTION 'offer % does not end when the one in its place begins', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER offers_end_when_others_take_their_place
    AFTER INSERT OR UPDATE OF state, replaced_at ON catalog_offer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_offer_gives_way();
"""
FREE = """
DROP TRIGGER offers_end_when_others_take_their_place ON catalog_offer;
DROP FUNCTION catalog_offer_gives_way();
"""
# Entries whose offers begin or end by the clock are made anew once, and then know when.
ANEW = """
UPDATE catalog_searchentry AS entry SET stale_at = now()
WHERE EXISTS (
    SELECT FROM catalog_offer AS offer
    WHERE offer.product_id = entry.product_id AND offer.state = 'active'
        AND (offer.valid_until IS NOT NULL OR offer.valid_from > now())
)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_open_data_elsewhere'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='replaced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='replaced'),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='stale_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='made anew'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('replaced_at__isnull', False), ('state', 'active')), fields=['replaced_at'], name='offer_to_be_replaced'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(condition=models.Q(('stale_at__isnull', False)), fields=['stale_at'], name='search_stale'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'active'])), fields=('supersedes',), name='offer_is_replaced_by_one'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('replaced_at', None), ('replaced_at__gt', models.F('valid_from')), _connector='OR'), name='offer_is_replaced_after_its_start'),
        ),
        migrations.RunSQL(GIVES_WAY, FREE),
        migrations.RunSQL(ANEW, migrations.RunSQL.noop),
    ]
