"""`manage.py move_time_zone <zone> --by user:usr_… --reason …`: the books go on in another zone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.members.founding import move_time_zone


class Command(BaseCommand):
    help = (
        "Says that the exchange goes on in another time zone, and records it. Ends that were promised"
        " stay where they are: end or extend what runs and tell the members first."
    )
    requires_system_checks = []  # it is what the check of the zone asks for

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("zone", help="a zone of the IANA database, such as Asia/Shanghai")
        parser.add_argument("--by", required=True, help="who moves it, such as user:usr_…")
        parser.add_argument("--reason", required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            move_time_zone(
                options["zone"], by=options["by"], reason=options["reason"], now=clock.now()
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The books go on in {options['zone']}; set TIME_ZONE to it.")
