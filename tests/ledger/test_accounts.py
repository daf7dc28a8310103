"""Opening and closing accounts."""

import pytest
from django.db import IntegrityError, transaction

from exchange.ledger import errors
from exchange.ledger.entries import (
    EntryRequest,
)
from exchange.ledger.models import Account
from tests.factories.ledger import NOON, clearing, cny, post, wallet
from tests.ledger.books import pay, refused

pytestmark = pytest.mark.django_db


def test_opening_an_account_again_needs_the_same_terms(buyer: Account) -> None:
    assert wallet().pk == buyer.pk
    with pytest.raises(errors.AccountDiffers) as caught:
        clearing(code="wallet:1")
    assert caught.value.facts["differing"] == ["kind", "guard"]


def test_the_database_closes_only_a_settled_account_which_then_takes_nothing_more(
    buyer: Account,
) -> None:
    closing = Account.objects.filter(pk=buyer.pk)
    with pytest.raises(IntegrityError, match="account_closes_settled"), transaction.atomic():
        closing.update(closed_at=NOON)
    post(pay(100))
    closing.update(closed_at=NOON)
    refused(errors.AccountClosed, EntryRequest(debit="clearing", credit="wallet:1", amount=cny(1)))
