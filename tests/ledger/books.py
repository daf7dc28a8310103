"""What the tests of the books ask for again and again."""

import pytest

from exchange.core.refusals import Refusal
from exchange.ledger.entries import (
    Entry,
    EntryRequest,
)
from exchange.ledger.models import JournalEntry, OpenHold, Transfer
from exchange.ledger.models.accounts import Phase
from tests.factories.ledger import cny, post, sums


def pay(minor: int, *, debit: str = "wallet:1", credit: str = "clearing") -> EntryRequest:
    return EntryRequest(debit=debit, credit=credit, amount=cny(minor))


def refused(refusal: type[Exception], *entries: Entry, key: str = "") -> Refusal:
    """The refusal of a posting, proved to have changed nothing."""
    before = (
        sums("wallet:1"),
        sums("clearing"),
        JournalEntry.objects.count(),
        Transfer.objects.count(),
    )
    with pytest.raises(refusal) as caught:
        post(*entries, key=key)
    after = (
        sums("wallet:1"),
        sums("clearing"),
        JournalEntry.objects.count(),
        Transfer.objects.count(),
    )
    assert after == before
    assert OpenHold.objects.count() == sum(
        not Transfer.objects.filter(pending_of=held).exists()
        for held in Transfer.objects.filter(phase=Phase.PENDING)
    )
    return caught.value  # type: ignore[return-value]
