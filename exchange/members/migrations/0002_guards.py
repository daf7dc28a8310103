"""Steps are append-only, decided proposals are final, and standing follows the newest step."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_admissions_and_roles"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("admissionstep", name="admission_steps"),
        NeverDeleted("proposal", name="proposals"),
        Frozen("proposal", when="OLD.decision <> 'open'", name="decided_proposals_are_final"),
        FollowsSteps("admission", "admissionstep", link="admission", state="standing"),
    ]
