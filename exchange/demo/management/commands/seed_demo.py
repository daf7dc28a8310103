"""`manage.py seed_demo`: the invented exchange, once; with --data real files and a catalogue too."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.core import clock
from exchange.demo import real_data, seeding


class Command(BaseCommand):
    help = "Fills an empty exchange with the demo's invented members, products and trades."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="a folder of real data to publish as well")

    def handle(self, *_args: Any, **options: Any) -> None:
        tell = self.stdout.write if options["verbosity"] else lambda _line: None
        made = seeding.seed(clock.now(), tell=tell)
        if options["data"] is not None:
            try:
                real_data.bring(options["data"], clock.now(), tell=self._show)
            except real_data.NoSuchFolder as reason:
                raise CommandError(str(reason)) from None
        if options["verbosity"]:
            said = "The demo exchange is ready." if made else "There is something already."
            self.stdout.write(said)

    def _show(self, line: str) -> None:
        """Progress is read while it is made."""
        self.stdout.write(line)
        self.stdout.flush()
