"""Rights that are opened anew by another delivery, and rights that last longer."""

from django.conf import settings
from django.db import migrations, models

from exchange.core.guards import Frozen

GRANTED = (
    "public_id", "order", "organisation", "product", "terms", "history", "history_count", "future",
)  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0004_comparisons'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='entitlementstep',
            name='entitlement_step_is_legal',
        ),
        migrations.AddConstraint(
            model_name='entitlementstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), ('target', 'active'), ('transition', 'grant')), models.Q(('source', 'active'), ('target', 'suspended'), ('transition', 'suspend')), models.Q(('source', 'suspended'), ('target', 'active'), ('transition', 'resume')), models.Q(('source', 'active'), ('target', 'revoked'), ('transition', 'revoke')), models.Q(('source', 'expired'), ('target', 'revoked'), ('transition', 'revoke')), models.Q(('source', 'suspended'), ('target', 'revoked'), ('transition', 'revoke')), models.Q(('source', 'active'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'suspended'), ('target', 'expired'), ('transition', 'expire')), models.Q(('source', 'active'), ('target', 'active'), ('transition', 'deliver_anew')), models.Q(('source', 'expired'), ('target', 'active'), ('transition', 'deliver_anew')), models.Q(('source', 'active'), ('target', 'active'), ('transition', 'extend')), models.Q(('source', 'expired'), ('target', 'active'), ('transition', 'extend')), _connector='OR'), name='entitlement_step_is_legal'),
        ),
        migrations.RunSQL(
            "DROP TRIGGER entitlements_keep_what_was_granted ON delivery_entitlement",
            migrations.RunSQL.noop,
        ),
        Frozen("entitlement", fields=GRANTED, name="entitlements_keep_what_was_granted"),
        Frozen(
            "entitlement",
            fields=("new_since", "valid_from", "valid_until"),
            when="NEW.steps_count = OLD.steps_count",
            name="entitlement_times_change_with_a_step",
        ),
    ]
