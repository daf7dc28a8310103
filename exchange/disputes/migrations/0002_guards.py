"""What was asked for and what was said stay as they were, a dispute stands where its steps lead, and one
that has ended does not change again."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

CLAIM = (
    "public_id", "order", "claimant", "respondent", "opened_by", "kind", "remedy", "currency",
    "wanted_minor", "opened_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0001_disputes"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("disputestep", name="dispute_steps"),
        NeverDeleted("dispute", name="disputes"),
        Frozen("dispute", fields=CLAIM, name="dispute_claims_stay"),
        FollowsSteps("dispute", "disputestep", link="dispute"),
    ]
