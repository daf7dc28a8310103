"""`manage.py appoint_staff <e-mail> <role> --proposed-by <e-mail> --approved-by <e-mail>`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members import actors, approvals, team
from exchange.members.actors import Actor
from exchange.members.roles import STAFF, Role


class Command(BaseCommand):
    help = (
        "Gives a member of the operating organisation a role of the exchange, as one operator asks"
        " and another approves: operator, exchange_finance, support or rule_keeper."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="e-mail address of who is appointed")
        parser.add_argument("role", choices=sorted(role.value for role in STAFF))
        parser.add_argument("--proposed-by", required=True, help="e-mail address of an operator")
        parser.add_argument("--approved-by", required=True, help="e-mail address of another")
        parser.add_argument("--reason", default="Appointed by command.")

    def handle(self, *_args: Any, **options: Any) -> None:
        person = _user(options["person"])
        role = Role(options["role"])
        try:
            _appoint(
                person,
                role,
                proposer=_operator(options["proposed_by"]),
                approver=_operator(options["approved_by"]),
                reason=options["reason"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{person} is {role.label} now.")


@use_case()
def _appoint(person: User, role: Role, *, proposer: Actor, approver: Actor, reason: str) -> None:
    """Both steps or neither."""
    now = clock.now()
    asked = team.ask_for_staff(
        actor=proposer, user_id=person.public_id, role=role, reason=reason, now=now
    )
    approvals.approve(asked.public_id, actor=approver, now=now)


def _user(email: str) -> User:
    found = User.objects.filter(email=email.lower()).first()
    if found is None:
        raise CommandError(f"Nobody signs in as {email}.")
    return found


def _operator(email: str) -> Actor:
    """The operator as policy sees them; whoever reaches the command line has shown enough."""
    operating = actors.operating_organisation()
    if operating is None:
        raise CommandError("The exchange has not been founded: run found_exchange first.")
    return actors.actor_from(
        user=_user(email), organisation_id=operating.pk, second_factor=True, at=clock.now()
    )
