"""What an entitlement was granted for never changes, it stands where its steps lead, and one that was
revoked stays so."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

GRANTED = (
    "public_id", "order", "organisation", "product", "terms", "history", "history_count", "future",
    "new_since", "valid_from", "valid_until",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0001_entitlements_and_deliveries"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("entitlementstep", name="entitlement_steps"),
        NeverDeleted("entitlement", name="entitlements"),
        Frozen("entitlement", fields=GRANTED, name="entitlements_keep_what_was_granted"),
        Frozen(
            "entitlement", when="OLD.state = 'revoked'", name="revoked_entitlements_stay_revoked"
        ),
        FollowsSteps("entitlement", "entitlementstep", link="entitlement"),
    ]
