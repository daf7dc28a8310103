"""What was proposed and what happened stay as they were, and a negotiation stands where its steps lead."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

PARTIES = (
    "public_id", "origin", "product", "buyer", "seller", "demand", "currency", "created_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("negotiation", "0001_negotiations_and_proposals"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("proposal", name="proposals"),
        AppendOnly("negotiationstep", name="negotiation_steps"),
        NeverDeleted("negotiation", name="negotiations"),
        Frozen("negotiation", fields=PARTIES, name="negotiation_parties_are_frozen"),
        FollowsSteps("negotiation", "negotiationstep", link="negotiation"),
    ]
