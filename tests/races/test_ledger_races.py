"""The books under real threads."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.ledger import checks, errors, holds
from exchange.ledger.entries import Authorise, Capture, EntryRequest, Posting, transfer_id
from exchange.ledger.models import Account, JournalEntry, Transfer
from tests.factories.ledger import ACTOR, NOON, clearing, cny, fund, post, sums, wallet

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS = 8


@pytest.fixture(autouse=True)
def sound_books() -> Iterator[None]:
    clearing()
    yield
    assert checks.run().sound


def together(act: Callable[[int], str]) -> list[str]:
    """What `act` answers in each of THREADS threads that begin at the same moment."""
    gate = threading.Barrier(THREADS)

    def run(number: int) -> str:
        try:
            connection.ensure_connection()
            gate.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(run, range(THREADS)))


def answer(act: Callable[[], object]) -> str:
    try:
        act()
    except (
        errors.InsufficientFunds,
        errors.KeyReused,
        errors.PendingAlreadyResolved,
        errors.AccountClosed,
    ) as refusal:
        return refusal.code
    return "done"


def test_of_eight_that_want_the_last_unit_exactly_one_gets_it() -> None:
    fund(wallet(), 1)
    move = EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1))
    answers = together(lambda number: answer(lambda: post(move, key=f"last:{number}")))
    assert answers == ["done"] + ["insufficient_funds"] * 7
    assert sums("wallet:1") == (1, 1, 0, 0)
    assert Transfer.objects.count() == 2


def test_eight_repeats_of_one_key_have_one_effect() -> None:
    fund(wallet(), 10)
    move = EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1))
    ids: set[int] = set()
    answers = together(lambda _n: answer(lambda: ids.add(post(move, key="one").pk)))
    assert answers == ["done"] * 8
    assert ids == {JournalEntry.objects.get(key="one").pk}
    assert sums("wallet:1") == (1, 10, 0, 0)


def test_of_eight_contents_under_one_key_one_is_booked() -> None:
    fund(wallet(), 100)
    answers = together(
        lambda n: answer(
            lambda: post(
                EntryRequest(debit="wallet:1", credit="clearing", amount=cny(n + 1)), key="one"
            )
        )
    )
    assert answers == ["done"] + ["key_reused"] * 7
    assert sums("wallet:1")[0] == Transfer.objects.get(posting__key="one").amount_minor


def test_a_hold_taken_by_eight_is_taken_once() -> None:
    fund(wallet(), 100)
    post(Authorise(debit="wallet:1", credit="clearing", amount=cny(60)), key="hold")
    take = Capture(pending=transfer_id(scope="test", key="hold"), amount=cny(50))
    answers = together(lambda n: answer(lambda: post(take, key=f"take:{n}")))
    assert answers == ["done"] + ["pending_already_resolved"] * 7
    assert sums("wallet:1") == (50, 100, 0, 0)


def void(name: str) -> None:
    """Release the hold as a room does: in the transaction of what it is about."""
    with transaction.atomic():
        holds.void(
            Posting(scope="test", key=f"void:{name}", kind="t"),
            actor=ACTOR,
            now=NOON,
            holds=[transfer_id(scope="test", key=name)],
        )


def test_a_hold_that_runs_out_while_others_release_it_is_freed_once(
    age_committed: Callable[[], None],
) -> None:
    fund(wallet(), 100)
    names = [f"hold:{n}" for n in range(12)]
    for name in names:
        post(Authorise(debit="wallet:1", credit="clearing", amount=cny(5)), key=name)
    age_committed()

    def act(number: int) -> str:
        if number % 2:
            holds.expire_batch(actor=ACTOR, now=NOON, limit=500)
            return "swept"
        for name in names[number // 2 :: 4]:
            answer(partial(void, name))
        return "voided"

    assert together(act) == ["swept"] * 4 + ["voided"] * 4
    assert sums("wallet:1") == (0, 100, 0, 0)
    assert Transfer.objects.filter(phase="void").count() == 12


@pytest.fixture
def age_committed() -> Callable[[], None]:
    def age() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE ledger_openhold SET expires_at = now() - interval '1 day'")
            cursor.execute("SET session_replication_role = DEFAULT")

    return age


def test_random_account_order_never_deadlocks() -> None:
    codes = [wallet(f"wallet:{n}").code for n in range(6)]
    for code in codes:
        post(EntryRequest(debit="clearing", credit=code, amount=cny(10**6)))

    def storm(number: int) -> str:
        dice = random.Random(number)  # noqa: S311 - a repeatable storm is meant
        for step in range(40):
            ways = [dice.sample(codes, 2) for _ in range(4)]
            post(
                *(EntryRequest(debit=a, credit=b, amount=cny(dice.randint(1, 9))) for a, b in ways),
                key=f"storm:{number}:{step}",
            )
        return "done"

    assert together(storm) == ["done"] * 8
    assert JournalEntry.objects.filter(key__startswith="storm:").count() == 320
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == (0,)


def test_an_account_is_closed_or_credited_and_never_both() -> None:
    wallet("wallet:2")

    def act(number: int) -> str:
        if number == 0:
            try:
                Account.objects.filter(code="wallet:2").update(closed_at=NOON)
            except IntegrityError:
                return "not settled"
            return "done"
        move = EntryRequest(debit="clearing", credit="wallet:2", amount=cny(1))
        return answer(lambda: post(move, key=f"credit:{number}"))

    answers = together(act)
    account = Account.objects.get(code="wallet:2")
    if account.closed_at is None:
        assert answers == ["done"] * 7 + ["not settled"]
        assert sums("wallet:2") == (0, 7, 0, 0)
    else:
        assert answers == ["account_closed"] * 7 + ["done"]
        assert sums("wallet:2") == (0, 0, 0, 0)
