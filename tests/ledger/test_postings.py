"""Postings: what they do, what is refused, and that a refusal changes nothing."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from exchange.core.refusals import Refusal
from exchange.ledger import errors
from exchange.ledger.actions import accounts, batches, pendings, postings
from exchange.ledger.entries import (
    Entry,
    ExternalFact,
    Hold,
    Move,
    Release,
    Request,
    Take,
    transfer_id,
)
from exchange.ledger.models import Account, ExternalRef, OpenHold, Posting, Transfer
from exchange.ledger.queries import checks
from exchange.ledger.states import AccountKind, Guard, Phase
from pricing.money import MINOR_MAX, Money
from pricing.refusals import NotAnAmount, UnknownCurrency
from tests.factories.ledger import ACTOR, NOON, clearing, cny, fund, post, sums, wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer() -> Account:
    clearing()
    account = wallet()
    fund(account, 100)
    return account


def pay(minor: int, *, debit: str = "wallet:1", credit: str = "clearing") -> Move:
    return Move(debit=debit, credit=credit, amount=cny(minor))


def refused(refusal: type[Exception], *entries: Entry, key: str = "") -> Refusal:
    """The refusal of a posting, proved to have changed nothing."""
    before = (sums("wallet:1"), sums("clearing"), Posting.objects.count(), Transfer.objects.count())
    with pytest.raises(refusal) as caught:
        post(*entries, key=key)
    after = (sums("wallet:1"), sums("clearing"), Posting.objects.count(), Transfer.objects.count())
    assert after == before
    assert OpenHold.objects.count() == sum(
        not Transfer.objects.filter(pending_of=held).exists()
        for held in Transfer.objects.filter(phase=Phase.PENDING)
    )
    return caught.value  # type: ignore[return-value]


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
    stored = Posting.objects.get(pk=posting.pk)
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
        [Hold(debit="wallet:1", credit="clearing", amount=cny(30))],
        [Move(debit="wallet:1", credit="clearing", amount=cny(30), kind="fee")],
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
        Move(debit="clearing", credit="wallet:1", amount=cny(MINOR_MAX)),
    )


def test_a_guarded_account_cannot_go_below_zero(buyer: Account) -> None:
    assert refused(errors.InsufficientFunds, pay(101)).facts["account"] == "wallet:1"
    post(pay(100))
    assert sums("wallet:1") == (100, 100, 0, 0)


def test_a_debit_guard_keeps_an_asset_from_going_below_zero(buyer: Account) -> None:
    accounts.open_account(
        code="till",
        kind=AccountKind.ASSET,
        currency="CNY",
        guard=Guard.DEBIT,
        actor=ACTOR,
        now=NOON,
    )
    refused(errors.InsufficientFunds, Move(debit="wallet:1", credit="till", amount=cny(1)))
    post(Move(debit="till", credit="clearing", amount=cny(5)))
    refused(errors.InsufficientFunds, Move(debit="clearing", credit="till", amount=cny(6)))


def test_two_currencies_cannot_meet(buyer: Account) -> None:
    wallet("wallet:usd", "USD")
    refused(errors.CurrencyMismatch, pay(1, credit="wallet:usd"))
    refused(
        errors.CurrencyMismatch,
        Move(debit="wallet:1", credit="clearing", amount=Money(1, "USD")),
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
        postings.post(**names, transfers=[pay(1)], actor=ACTOR, now=NOON)
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


def test_a_hold_counts_against_the_payer_and_is_not_spendable_by_the_payee(buyer: Account) -> None:
    seller = wallet("wallet:2")
    post(Hold(debit="wallet:1", credit="wallet:2", amount=cny(60)))
    assert (sums("wallet:1"), sums("wallet:2")) == ((0, 100, 60, 0), (0, 0, 0, 60))
    refused(errors.InsufficientFunds, pay(41))
    refused(errors.InsufficientFunds, pay(1, debit="wallet:2"))
    buyer.refresh_from_db()
    seller.refresh_from_db()
    assert (buyer.balance, buyer.available) == (cny(100), cny(40))
    assert (seller.balance, seller.available) == (cny(0), cny(0))


def hold(minor: int = 60, *, key: str = "hold:1", expires_at: Any = None) -> uuid.UUID:
    return pendings.hold(
        scope="test",
        key=key,
        kind="test.hold",
        debit="wallet:1",
        credit="clearing",
        amount=cny(minor),
        actor=ACTOR,
        now=NOON,
        expires_at=expires_at,
    )


def test_taking_part_of_a_hold_frees_the_rest(buyer: Account) -> None:
    pending = hold(60)
    pendings.post(
        scope="test", key="take:1", kind="t", pending=pending, amount=cny(45), actor=ACTOR, now=NOON
    )
    assert (sums("wallet:1"), sums("clearing")) == ((45, 100, 0, 0), (100, 45, 0, 0))
    assert not OpenHold.objects.exists()


def test_releasing_a_hold_restores_exactly(buyer: Account) -> None:
    pending = hold(60)
    pendings.void(scope="test", key="void:1", kind="t", pending=pending, actor=ACTOR, now=NOON)
    assert (sums("wallet:1"), sums("clearing")) == ((0, 100, 0, 0), (100, 0, 0, 0))


def test_a_hold_is_resolved_once(buyer: Account) -> None:
    pending = hold(60)
    post(Take(pending=pending, amount=cny(10)), key="take:1")
    for second in (Take(pending=pending, amount=cny(10)), Release(pending=pending)):
        refusal = refused(errors.PendingAlreadyResolved, second)
        assert refusal.facts["pending"] == str(pending)
    assert post(Take(pending=pending, amount=cny(10)), key="take:1").key == "take:1"


def test_no_more_than_the_hold_is_taken(buyer: Account) -> None:
    refused(errors.ExceedsPending, Take(pending=hold(60), amount=cny(61)))


def test_a_hold_is_taken_in_its_own_currency(buyer: Account) -> None:
    refused(errors.CurrencyMismatch, Take(pending=hold(60), amount=Money(1, "USD")))


def test_what_is_no_hold_is_not_resolved(buyer: Account) -> None:
    refused(errors.UnknownPending, Release(pending=uuid.uuid4()))
    post(pay(1), key="moved")
    refused(errors.UnknownPending, Release(pending=transfer_id(scope="test", key="moved")))


def test_a_hold_must_run_out_later_than_it_begins(buyer: Account) -> None:
    refused(
        errors.ExpiryNotAhead,
        Hold(
            debit="wallet:1", credit="clearing", amount=cny(1), expires_at=NOON - timedelta(days=90)
        ),
    )


def test_a_hold_that_has_run_out_is_released_and_not_taken(buyer: Account, age: Any) -> None:
    later = timezone.now() + timedelta(days=1)
    due, running = hold(10, key="a", expires_at=later), hold(20, key="b", expires_at=later)
    age(due)
    assert refused(errors.PendingExpired, Take(pending=due, amount=cny(1))).facts["pending"] == str(
        due
    )
    assert pendings.expire_due(actor="clock", now=NOON) == 1
    assert sums("wallet:1") == (0, 100, 20, 0)
    assert list(OpenHold.objects.values_list("pk", flat=True)) == [running]
    assert pendings.expire_due(actor="clock", now=NOON) == 0
    refused(errors.PendingAlreadyResolved, Take(pending=due, amount=cny(1)))


def test_opening_an_account_again_needs_the_same_terms(buyer: Account) -> None:
    assert wallet().pk == buyer.pk
    with pytest.raises(errors.AccountDiffers) as caught:
        clearing(code="wallet:1")
    assert caught.value.facts["differing"] == ["kind", "guard"]


def test_only_a_settled_account_is_closed_and_it_takes_nothing_more(buyer: Account) -> None:
    with pytest.raises(errors.AccountNotSettled):
        accounts.close_account(code="wallet:1", actor=ACTOR, now=NOON)
    post(pay(100))
    assert accounts.close_account(code="wallet:1", actor=ACTOR, now=NOON).closed_at == NOON
    assert (
        accounts.close_account(code="wallet:1", actor=ACTOR, now=NOON + timedelta(1)).closed_at
        == NOON
    )
    refused(errors.AccountClosed, Move(debit="clearing", credit="wallet:1", amount=cny(1)))
    with pytest.raises(errors.UnknownAccount):
        accounts.close_account(code="nobody", actor=ACTOR, now=NOON)


def fact(kind: str = "capture", step: int = 0) -> ExternalFact:
    return ExternalFact(
        psp="stripe", object_type="payment_intent", object_id="pi_1", kind=kind, step=step
    )


def test_a_providers_fact_is_booked_once(buyer: Account) -> None:
    def book(key: str) -> Posting:
        return postings.post(
            scope="test",
            key=key,
            kind="t",
            transfers=[pay(1)],
            actor=ACTOR,
            now=NOON,
            refs=[fact()],
        )

    assert book("a").pk == book("a").pk
    with pytest.raises(errors.ExternalFactBooked):
        book("b")
    assert ExternalRef.objects.get().transfer_id == transfer_id(scope="test", key="a")
    assert sums("wallet:1") == (1, 100, 0, 0)
    assert checks.run().sound


def requests(count: int, *, minor: int = 1) -> list[Request]:
    return [
        Request(scope="batch", key=f"{number}", kind="t", transfers=[pay(minor)])
        for number in range(count)
    ]


def test_a_batch_is_in_the_order_asked_and_repeatable(buyer: Account) -> None:
    asked = requests(50)
    first = batches.post_many(requests=asked, actor=ACTOR, now=NOON)
    assert [posting.key for posting in first] == [request.key for request in asked]
    assert sums("wallet:1") == (50, 100, 0, 0)
    longer = batches.post_many(requests=requests(60), actor=ACTOR, now=NOON)
    assert [p.pk for p in longer[:50]] == [p.pk for p in first]
    assert sums("wallet:1") == (60, 100, 0, 0)
    assert checks.run().sound


def test_a_batch_is_whole_or_absent(buyer: Account) -> None:
    with pytest.raises(errors.InsufficientFunds):
        batches.post_many(requests=requests(101), actor=ACTOR, now=NOON)
    assert sums("wallet:1") == (0, 100, 0, 0)
    assert not Posting.objects.filter(scope="batch").exists()


def test_a_key_twice_in_a_batch_counts_once_and_an_altered_one_is_refused(buyer: Account) -> None:
    twice = batches.post_many(requests=requests(1) * 2, actor=ACTOR, now=NOON)
    assert twice[0].pk == twice[1].pk
    assert sums("wallet:1") == (1, 100, 0, 0)
    with pytest.raises(errors.KeyReused):
        batches.post_many(requests=[*requests(2), *requests(2, minor=2)], actor=ACTOR, now=NOON)
    assert sums("wallet:1") == (1, 100, 0, 0)


def test_a_batch_has_a_limit(buyer: Account) -> None:
    with pytest.raises(errors.BatchTooLarge):
        batches.post_many(requests=requests(1001), actor=ACTOR, now=NOON)
    assert batches.post_many(requests=[], actor=ACTOR, now=NOON) == []
