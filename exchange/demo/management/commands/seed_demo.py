"""`manage.py seed_demo`: the invented exchange, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exchange.demo import seeding


class Command(BaseCommand):
    help = "Fills an empty exchange with the demo's invented members and books."

    def handle(self, *_args: Any, **options: Any) -> None:
        tell = self.stdout.write if options["verbosity"] else lambda _line: None
        made = seeding.seed(timezone.now(), tell=tell)
        if options["verbosity"]:
            said = "The demo exchange is ready." if made else "There is something already."
            self.stdout.write(said)
