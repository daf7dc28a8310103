"""Postings: what they do, what is refused, and that a refusal changes nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from exchange.ledger import books, checks, errors
from exchange.ledger.entries import (
    Authorise,
    Entry,
    EntryRequest,
    ExternalFact,
    Posting,
    transfer_id,
)
from exchange.ledger.models import Account, ExternalRef, JournalEntry, Transfer
from exchange.ledger.models.accounts import AccountKind, Guard, Phase
from pricing.money import MINOR_MAX, Money
from pricing.refusals import NotAnAmount, UnknownCurrency
from tests.factories.ledger import ACTOR, NOON, clearing, cny, post, sums, wallet
from tests.ledger.books import pay, refused

pytestmark = pytest.mark.django_db


def test_a_move_debits_one_account_and_credits_the_other(buyer: Account) -> None:
    posting = post(pay(30), key="order:1")
    assert sums("wallet:1") == (30, 100, 0, 0)
    assert sums("clearing") == (100, 30, 0, 0)
    transfer = Transfer.objects.get(posting=posting)
    assert transfer.id == transfer_id(scope="test", key="order:1", step=0)
    assert (transfer.amount, transfer.phase) == (cny(30), Phase.SINGLE)
    assert (posting.actor, posting.effective_at) == (ACTOR, NOON)


def test_the_returned_posting_is_the_stored_one(buyer: Account) -> None:
    posting = post(pay(1))
    stored = JournalEntry.objects.get(pk=posting.pk)
    assert (bytes(stored.fingerprint), stored.created_at) == (
        posting.fingerprint,
        posting.created_at,
    )


def test_the_same_key_and_contents_give_the_first_posting(buyer: Account) -> None:
    first = post(pay(30), key="order:1")
    again = post(pay(30), key="order:1")
    assert again.pk == first.pk
    assert sums("wallet:1") == (30, 100, 0, 0)


@pytest.mark.parametrize(
    "altered",
    [
        [pay(31)],
        [pay(30, debit="wallet:2")],
        [pay(30), pay(1)],
        [Authorise(debit="wallet:1", credit="clearing", amount=cny(30))],
        [EntryRequest(debit="wallet:1", credit="clearing", amount=cny(30), kind="fee")],
    ],
)
def test_the_same_key_with_other_contents_is_refused(buyer: Account, altered: list[Entry]) -> None:
    post(pay(30), key="order:1")
    assert refused(errors.KeyReused, *altered, key="order:1").facts["key"] == "order:1"


@pytest.mark.parametrize("minor", [0, -1, -(2**62)])
def test_an_amount_that_is_not_positive_is_refused(buyer: Account, minor: int) -> None:
    assert refused(errors.AmountNotPositive, pay(minor)).facts == {"amount_minor": minor}


@pytest.mark.parametrize("minor", [2**63, 1.5, Decimal("1.5"), True, "1"])
def test_what_is_no_whole_64_bit_number_is_no_amount(minor: Any) -> None:
    with pytest.raises(NotAnAmount):
        Money(minor, "CNY")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")
    with pytest.raises(UnknownCurrency):
        clearing(code="clearing:x", currency="XXX")
    assert not Account.objects.filter(code="clearing:x").exists()


def test_sums_that_do_not_fit_the_books_are_refused(buyer: Account) -> None:
    refused(
        errors.AmountTooLarge,
        EntryRequest(debit="clearing", credit="wallet:1", amount=cny(MINOR_MAX)),
    )


def test_a_guarded_account_cannot_go_below_zero(buyer: Account) -> None:
    assert refused(errors.InsufficientFunds, pay(101)).facts["account"] == "wallet:1"
    post(pay(100))
    assert sums("wallet:1") == (100, 100, 0, 0)


def test_a_debit_guard_keeps_an_asset_from_going_below_zero(buyer: Account) -> None:
    books.open_account(
        code="till",
        kind=AccountKind.ASSET,
        currency="CNY",
        guard=Guard.DEBIT,
        actor=ACTOR,
        now=NOON,
    )
    refused(errors.InsufficientFunds, EntryRequest(debit="wallet:1", credit="till", amount=cny(1)))
    post(EntryRequest(debit="till", credit="clearing", amount=cny(5)))
    refused(errors.InsufficientFunds, EntryRequest(debit="clearing", credit="till", amount=cny(6)))


def test_two_currencies_cannot_meet(buyer: Account) -> None:
    wallet("wallet:usd", "USD")
    refused(errors.CurrencyMismatch, pay(1, credit="wallet:usd"))
    refused(
        errors.CurrencyMismatch,
        EntryRequest(debit="wallet:1", credit="clearing", amount=Money(1, "USD")),
    )


def test_a_transfer_needs_two_accounts_that_exist(buyer: Account) -> None:
    refused(errors.SameAccount, pay(1, credit="wallet:1"))
    assert refused(errors.UnknownAccount, pay(1, credit="nobody")).facts["account"] == "nobody"


def test_a_posting_is_whole_or_absent(buyer: Account) -> None:
    wallet("wallet:2")
    refused(errors.InsufficientFunds, pay(60, credit="wallet:2"), pay(60))
    assert sums("wallet:2") == (0, 0, 0, 0)


def test_steps_of_one_posting_see_their_net(buyer: Account) -> None:
    wallet("wallet:2")
    post(pay(40, credit="wallet:2"), pay(40, debit="wallet:2"))
    assert sums("wallet:2") == (40, 40, 0, 0)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("key", ""),
        ("key", "x" * 201),
        ("key", "a\r\nBcc: b"),
        ("key", "a\x00b"),
        ("scope", "Order:1"),
        ("kind", ""),
        ("subject", "x" * 201),
    ],
)
def test_a_name_that_is_none_is_refused(buyer: Account, field: str, text: str) -> None:
    names: dict[str, Any] = {
        "scope": "test",
        "key": "k",
        "kind": "test.posting",
        "subject": "",
        field: text,
    }
    with pytest.raises(errors.MalformedPosting):
        books.write([Posting(**names, transfers=[pay(1)])], actor=ACTOR, now=NOON)
    assert sums("wallet:1") == (0, 100, 0, 0)


def test_a_posting_without_transfers_is_refused(buyer: Account) -> None:
    refused(errors.MalformedPosting)


def test_a_refusal_leaves_the_callers_transaction_usable(buyer: Account) -> None:
    with transaction.atomic():
        post(pay(10))
        with pytest.raises(errors.InsufficientFunds):
            post(pay(91))
        post(pay(90))
    assert sums("wallet:1") == (100, 100, 0, 0)


def fact(kind: str = "capture", step: int = 0) -> ExternalFact:
    return ExternalFact(
        psp="stripe", object_type="payment_intent", object_id="pi_1", kind=kind, step=step
    )


def test_a_providers_fact_is_booked_once(buyer: Account) -> None:
    def book(key: str) -> JournalEntry:
        return books.write(
            [Posting(scope="test", key=key, kind="t", transfers=[pay(1)], refs=[fact()])],
            actor=ACTOR,
            now=NOON,
        )[0]

    assert book("a").pk == book("a").pk
    with pytest.raises(errors.ExternalFactBooked):
        book("b")
    assert ExternalRef.objects.get().transfer_id == transfer_id(scope="test", key="a")
    assert sums("wallet:1") == (1, 100, 0, 0)
    assert checks.run().sound
