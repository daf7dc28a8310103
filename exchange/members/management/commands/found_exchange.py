"""`manage.py found_exchange <organisation id> <e-mail> <e-mail> …`: the first operators."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation, User
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.members.founding import found_exchange


class Command(BaseCommand):
    help = (
        "Makes an organisation the exchange's operator and two of its members the first operators."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation", help="public id of the organisation (org_…)")
        parser.add_argument("operators", nargs="+", help="e-mail addresses of two or more members")
        parser.add_argument("--reason", default="Founding of the exchange.")

    def handle(self, *_args: Any, **options: Any) -> None:
        organisation = Organisation.objects.filter(public_id=options["organisation"]).first()
        if organisation is None:
            raise CommandError("There is no such organisation.")
        people = {user.email: user for user in User.objects.filter(email__in=options["operators"])}
        missing = [email for email in options["operators"] if email not in people]
        if missing:
            raise CommandError(f"Nobody signs in as {', '.join(missing)}.")
        try:
            found_exchange(
                organisation=organisation,
                operators=[people[email] for email in options["operators"]],
                reason=options["reason"],
                now=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{organisation} operates the exchange.")
