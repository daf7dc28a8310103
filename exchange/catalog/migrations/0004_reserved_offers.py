"""Offers to one organisation, with what they came out of and what changes hands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COLUMNS = """public_id product_id number name kind plan plan_digest currency price_minor period access_days
    history history_count future valid_from valid_until supersedes_id""".split()
RESERVED = ["deal_nature", "reserved_for_id", "basis"]


def _trigger(columns: list[str]) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("OLD", "NEW"))
    return f"""
DROP TRIGGER offers_only_end ON catalog_offer;
CREATE TRIGGER offers_only_end
    BEFORE UPDATE ON catalog_offer
    FOR EACH ROW WHEN (
        OLD.state = 'withdrawn' OR ({old}) IS DISTINCT FROM ({new})
    ) EXECUTE FUNCTION catalog_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards_of_organisations"),
        ("catalog", "0003_search_and_interest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name='offer',
            name='basis',
            field=models.CharField(blank=True, max_length=80, verbose_name='came out of'),
        ),
        migrations.AddField(
            model_name='offer',
            name='deal_nature',
            field=models.CharField(choices=[('licence', 'Licence'), ('transfer', 'Transfer'), ('contribution', 'Contribution')], default='licence', max_length=12, verbose_name='nature of the deal'),
        ),
        migrations.AddField(
            model_name='offer',
            name='reserved_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='reserved for'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), ('reserved_for', None)), models.Q(('reserved_for__isnull', False), models.Q(('basis', ''), _negated=True)), _connector='OR'), name='offer_reserved_says_what_it_came_out_of'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('reserved_for__isnull', False)), fields=('basis', 'reserved_for'), name='offer_is_reserved_once'),
        ),
        migrations.RunSQL(_trigger(COLUMNS + RESERVED), _trigger(COLUMNS)),
    ]
