"""The founding of an exchange: its operator and the first two people who may decide together."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, User
from exchange.flows.admission import record_step
from exchange.members.actions import founding
from exchange.members.actors import system_actor
from exchange.members.models import Admission


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
        return record_step(step, actor=system_actor("founding"))
