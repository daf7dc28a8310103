"""`manage.py migrate`: Django's, signed in as the owner of the tables; then the runtime role's grants are renewed."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from exchange.core import database_roles


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        database = options["database"]
        with database_roles.as_owner(database) as runtime_role:
            super().handle(*args, **options)
            if runtime_role and not (options["plan"] or options["check_unapplied"]):
                database_roles.grant_runtime(runtime_role, using=database)
