"""Opening and closing accounts."""

from datetime import timedelta

import pytest

from exchange.ledger import books, errors
from exchange.ledger.entries import (
    Move,
)
from exchange.ledger.models import Account
from tests.factories.ledger import ACTOR, NOON, clearing, cny, post, wallet
from tests.ledger.books import pay, refused

pytestmark = pytest.mark.django_db


def test_opening_an_account_again_needs_the_same_terms(buyer: Account) -> None:
    assert wallet().pk == buyer.pk
    with pytest.raises(errors.AccountDiffers) as caught:
        clearing(code="wallet:1")
    assert caught.value.facts["differing"] == ["kind", "guard"]


def test_only_a_settled_account_is_closed_and_it_takes_nothing_more(buyer: Account) -> None:
    with pytest.raises(errors.AccountNotSettled):
        books.close_account(code="wallet:1", actor=ACTOR, now=NOON)
    post(pay(100))
    assert books.close_account(code="wallet:1", actor=ACTOR, now=NOON).closed_at == NOON
    assert (
        books.close_account(code="wallet:1", actor=ACTOR, now=NOON + timedelta(1)).closed_at == NOON
    )
    refused(errors.AccountClosed, Move(debit="clearing", credit="wallet:1", amount=cny(1)))
    with pytest.raises(errors.UnknownAccount):
        books.close_account(code="nobody", actor=ACTOR, now=NOON)
