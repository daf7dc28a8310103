"""Framework agreements: how long they run, and which have come to their end."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, IntegerField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from exchange.contracts.models import Contract
from exchange.contracts.states import ContractState

LIMITS, CALLS, DAYS = "limits", "calls_max", "calls_days"
DAY = timedelta(days=1)


def calls_of(contract: Contract) -> int | None:
    """How many orders the contract allows in all; None where it is no framework."""
    found = contract.document[LIMITS].get(CALLS)
    return None if found is None else int(found)


def runs_until(contract: Contract) -> datetime | None:
    """Until when orders may be called off; None before the last signature and for other contracts."""
    days = contract.document[LIMITS].get(DAYS)
    if days is None or contract.concluded_at is None:
        return None
    return contract.concluded_at + int(days) * DAY


def ended(*, now: datetime, limit: int) -> list[str]:
    """Public ids of frameworks whose time is over, and that nobody has completed yet."""
    days = Cast(KeyTextTransform(DAYS, KeyTransform(LIMITS, "document")), IntegerField())
    until = ExpressionWrapper(F("concluded_at") + days * Value(DAY), output_field=DateTimeField())
    rows = Contract.objects.filter(
        state=ContractState.PERFORMING, document__limits__has_key=DAYS
    ).annotate(runs_until=until)
    found = rows.filter(runs_until__lte=now).order_by("pk")
    return list(found.values_list("public_id", flat=True)[:limit])
