"""What was put up for signing and who signed it stay as they were, and a contract stands where its steps
lead."""

from django.db import migrations

from exchange.core.guards import AppendOnly, FollowsSteps, Frozen, NeverDeleted

DOCUMENT = (
    "public_id", "template", "template_version", "product", "seller", "buyer", "basis", "document",
    "document_hash", "sign_by", "created_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0001_contracts_signatures_and_permits"),
        ("core", "0003_refusal_function"),
    ]

    operations = [
        AppendOnly("signature", name="signatures"),
        AppendOnly("contractstep", name="contract_steps"),
        NeverDeleted("contract", name="contracts"),
        Frozen("contract", fields=DOCUMENT, name="contract_documents_are_frozen"),
        FollowsSteps("contract", "contractstep", link="contract"),
    ]
