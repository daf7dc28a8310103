"""The bookings of a month, transfer by transfer: of all the books, or of one organisation's accounts.

What is booked is of the month of its business. The keys of the transfers are read once, and the transfers in
batches after that, so that nothing is held open however slowly the lines are taken.
"""

from collections.abc import Iterator

from django.db.models import Q

from exchange.ledger.models import Transfer
from exchange.ledger.models.accounts import Phase
from exchange.ledger.movements import Time

BATCH = 500
BOOKED = (Phase.SINGLE, Phase.POST)


def batches(
    time: Time, *, owner_id: int | None = None, currency: str = ""
) -> Iterator[list[Transfer]]:
    """Some hundred transfers at a time, in the order of entry, with postings, accounts and their owners. Without
    `owner_id` those of all accounts; without `currency` those of every currency."""
    booked = Transfer.objects.filter(
        phase__in=BOOKED,
        seq__lte=time.until,
        posting__effective_at__gte=time.begins_at,
        posting__effective_at__lt=time.ends_at,
    )
    if owner_id is not None:
        booked = booked.filter(Q(debit__owner=owner_id) | Q(credit__owner=owner_id))
    if currency:
        booked = booked.filter(currency=currency)
    keys = list(booked.order_by("seq").values_list("pk", flat=True))
    whole = Transfer.objects.select_related("posting", "debit__owner", "credit__owner")
    for first in range(0, len(keys), BATCH):
        yield list(whole.filter(pk__in=keys[first : first + BATCH]).order_by("seq"))
