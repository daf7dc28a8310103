"""The founding of an exchange: its operator and the first two people who may decide together."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, User
from exchange.flows.admission import record_step
from exchange.flows.team import record_grant
from exchange.members.actions import founding
from exchange.members.actors import system_actor
from exchange.members.models import Admission
from exchange.members.queries.team import grants_in_force


def found_exchange(
    *, organisation: Organisation, operators: Sequence[User], reason: str, now: datetime
) -> Admission:
    """Make the organisation the exchange's operator. Done once, from the command line only."""
    with transaction.atomic():
        step = founding.found_exchange(
            organisation_id=organisation.pk,
            operator_ids=[operator.pk for operator in operators],
            reason=reason,
            now=now,
        )
        actor = system_actor("founding")
        for grant in grants_in_force(organisation_id=organisation.pk):
            record_grant(grant, "members.role.granted", actor, reason, now)
        return record_step(step, actor=actor)
