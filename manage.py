"""Run a management command. The settings of development and of the demo bring a PostgreSQL of their own
when DATABASE_URL names none; those of production refuse."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.dev")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
