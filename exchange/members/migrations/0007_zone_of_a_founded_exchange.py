"""An exchange that was founded before its zone was kept goes on in the zone of the settings."""

from typing import Any

from django.conf import settings
from django.db import migrations


def keep_zone(apps: Any, _schema_editor: Any) -> None:
    if apps.get_model("members", "Qualification").objects.filter(kind="exchange_operator").exists():
        apps.get_model("core", "BooksZone").objects.create(
            zone=settings.TIME_ZONE, written_by="system:migration", reason=""
        )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_zone_of_the_books"),
        ("members", "0006_persons_and_approvals"),
    ]

    operations = [migrations.RunPython(keep_zone, migrations.RunPython.noop)]
