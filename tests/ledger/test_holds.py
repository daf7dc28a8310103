"""Holds: set aside, taken, released, run out; each once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchange.ledger import errors, holds
from exchange.ledger.entries import (
    Authorise,
    Capture,
    Posting,
    Void,
    transfer_id,
)
from exchange.ledger.models import Account, OpenHold
from pricing.money import Money
from tests.factories.ledger import ACTOR, NOON, cny, post, sums, wallet
from tests.ledger.books import pay, refused

pytestmark = pytest.mark.django_db


def test_a_hold_counts_against_the_payer_and_is_not_spendable_by_the_payee(buyer: Account) -> None:
    seller = wallet("wallet:2")
    post(Authorise(debit="wallet:1", credit="wallet:2", amount=cny(60)))
    assert (sums("wallet:1"), sums("wallet:2")) == ((0, 100, 60, 0), (0, 0, 0, 60))
    refused(errors.InsufficientFunds, pay(41))
    refused(errors.InsufficientFunds, pay(1, debit="wallet:2"))
    buyer.refresh_from_db()
    seller.refresh_from_db()
    assert (buyer.balance, buyer.available) == (cny(100), cny(40))
    assert (seller.balance, seller.available) == (cny(0), cny(0))


def hold(minor: int = 60, *, key: str = "hold:1", expires_at: Any = None) -> uuid.UUID:
    return holds.authorise(
        Posting(scope="test", key=key, kind="test.hold"),
        debit="wallet:1",
        credit="clearing",
        amount=cny(minor),
        actor=ACTOR,
        now=NOON,
        expires_at=expires_at,
    )


def test_taking_part_of_a_hold_frees_the_rest(buyer: Account) -> None:
    pending = hold(60)
    holds.capture(
        Posting(scope="test", key="take:1", kind="t"),
        hold=pending,
        amount=cny(45),
        actor=ACTOR,
        now=NOON,
    )
    assert (sums("wallet:1"), sums("clearing")) == ((45, 100, 0, 0), (100, 45, 0, 0))
    assert not OpenHold.objects.exists()


def test_releasing_a_hold_restores_exactly(buyer: Account) -> None:
    pending = hold(60)
    holds.void(
        Posting(scope="test", key="void:1", kind="t"), holds=[pending], actor=ACTOR, now=NOON
    )
    assert (sums("wallet:1"), sums("clearing")) == ((0, 100, 0, 0), (100, 0, 0, 0))


def test_a_hold_is_resolved_once(buyer: Account) -> None:
    pending = hold(60)
    post(Capture(pending=pending, amount=cny(10)), key="take:1")
    for second in (Capture(pending=pending, amount=cny(10)), Void(pending=pending)):
        refusal = refused(errors.PendingAlreadyResolved, second)
        assert refusal.facts["pending"] == str(pending)
    assert post(Capture(pending=pending, amount=cny(10)), key="take:1").key == "take:1"


def test_no_more_than_the_hold_is_taken(buyer: Account) -> None:
    refused(errors.ExceedsPending, Capture(pending=hold(60), amount=cny(61)))


def test_a_hold_is_taken_in_its_own_currency(buyer: Account) -> None:
    refused(errors.CurrencyMismatch, Capture(pending=hold(60), amount=Money(1, "USD")))


def test_what_is_no_hold_is_not_resolved(buyer: Account) -> None:
    refused(errors.UnknownPending, Void(pending=uuid.uuid4()))
    post(pay(1), key="moved")
    refused(errors.UnknownPending, Void(pending=transfer_id(scope="test", key="moved")))


def test_a_hold_must_run_out_later_than_it_begins(buyer: Account) -> None:
    refused(
        errors.ExpiryNotAhead,
        Authorise(
            debit="wallet:1", credit="clearing", amount=cny(1), expires_at=NOON - timedelta(days=90)
        ),
    )


def test_a_hold_that_has_run_out_is_released_and_not_taken(buyer: Account, age: Any) -> None:
    later = timezone.now() + timedelta(days=1)
    due, running = hold(10, key="a", expires_at=later), hold(20, key="b", expires_at=later)
    age(due)
    assert refused(errors.PendingExpired, Capture(pending=due, amount=cny(1))).facts[
        "pending"
    ] == str(due)
    assert [p.key for p in holds.expire_batch(actor="clock", now=NOON, limit=10)] == [str(due)]
    assert sums("wallet:1") == (0, 100, 20, 0)
    assert list(OpenHold.objects.values_list("pk", flat=True)) == [running]
    assert holds.expire_batch(actor="clock", now=NOON, limit=10) == []
    refused(errors.PendingAlreadyResolved, Capture(pending=due, amount=cny(1)))
