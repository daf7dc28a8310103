"""Whatever the amounts are, an account spends what it has and a hold gives what it holds."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.ledger import checks, errors
from exchange.ledger.entries import Authorise, Capture, EntryRequest, transfer_id
from exchange.ledger.models import JournalEntry
from pricing.money import Money
from tests.factories.ledger import clearing, post, sums, wallet

amounts = st.integers(1, 200)


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(funds=amounts, parts=st.lists(amounts, min_size=1, max_size=8))
def test_an_account_spends_exactly_what_it_has(funds: int, parts: list[int]) -> None:
    with transaction.atomic():
        clearing()
        wallet()
        post(EntryRequest(debit="clearing", credit="wallet:1", amount=Money(funds, "CNY")))
        spent = 0
        for part in parts:
            try:
                post(EntryRequest(debit="wallet:1", credit="clearing", amount=Money(part, "CNY")))
            except errors.InsufficientFunds:
                assert spent + part > funds
            else:
                spent += part
        assert sums("wallet:1") == (spent, funds, 0, 0)
        assert JournalEntry.objects.count() == 1 + sum(1 for _ in _fitting(funds, parts))
        assert checks.run().sound
        transaction.set_rollback(True)


def _fitting(funds: int, parts: list[int]) -> list[int]:
    taken: list[int] = []
    for part in parts:
        if sum(taken) + part <= funds:
            taken.append(part)
    return taken


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(held=amounts, taken=amounts)
def test_a_hold_gives_what_is_taken_and_frees_the_rest(held: int, taken: int) -> None:
    with transaction.atomic():
        clearing()
        wallet()
        post(EntryRequest(debit="clearing", credit="wallet:1", amount=Money(200, "CNY")))
        hold = Authorise(debit="wallet:1", credit="clearing", amount=Money(held, "CNY"))
        post(hold, key="hold")
        pending = transfer_id(scope="test", key="hold")
        if taken > held:
            with pytest.raises(errors.ExceedsPending):
                post(Capture(pending=pending, amount=Money(taken, "CNY")))
            assert sums("wallet:1") == (0, 200, held, 0)
        else:
            post(Capture(pending=pending, amount=Money(taken, "CNY")))
            assert sums("wallet:1") == (taken, 200, 0, 0)
        assert checks.run().sound
        transaction.set_rollback(True)
