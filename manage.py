"""Run a management command, on the project's own PostgreSQL when DATABASE_URL names none."""

import os
import sys

from django.core.management import execute_from_command_line

from exchange.local import postgres


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.dev")
    postgres.provide()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
