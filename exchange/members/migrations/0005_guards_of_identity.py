"""What was asked for stays as it was, and a decided request is final."""

from django.db import migrations

from exchange.core.guards import Frozen, NeverDeleted


class Migration(migrations.Migration):
    dependencies = [("members", "0004_identity_requests"), ("core", "0003_refusal_function")]

    operations = [
        NeverDeleted("identityrequest", name="identity_requests"),
        Frozen(
            "identityrequest",
            fields=("public_id", "organisation", "before", "wanted", "reason", "asked_by", "asked_at"),
            name="identity_requests_stay_as_asked",
        ),
        Frozen(
            "identityrequest",
            when="OLD.state <> 'open'",
            name="decided_identity_requests_are_final",
        ),
    ]
