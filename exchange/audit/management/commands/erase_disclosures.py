"""`manage.py erase_disclosures --by user:usr_… (--subject …| --record rec_…)`: erase personal values of the log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.audit import disclosures
from exchange.core import clock
from exchange.core.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Deletes the personal values behind the records of a subject, or behind one record, and"
        " records that. The log still verifies: it keeps their commitments alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--subject", help="as records name it, such as user:usr_…")
        parser.add_argument("--record", help="public id of one record (rec_…)")
        parser.add_argument("--by", required=True, help="who erases, such as user:usr_…")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            count = disclosures.erase(
                actor=options["by"],
                now=clock.now(),
                subject=options["subject"],
                record=options["record"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        values = "value was" if count == 1 else "values were"
        self.stdout.write(f"{count} {values} erased.")
