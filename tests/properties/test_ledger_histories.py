"""Seeded histories against a model in Python that is compared with the books after every step."""

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from exchange.core.refusals import Refusal
from exchange.ledger import checks, holds
from exchange.ledger.entries import Authorise, Capture, Entry, EntryRequest, Void
from exchange.ledger.models import Account
from pricing.money import Money
from tests.depth import histories
from tests.factories.ledger import ACTOR, NOON, post
from tests.factories.ledger_clock import age_hold
from tests.properties.ledger_model import CODES, model_of, open_accounts

HISTORIES = histories(300)
STEPS = 120
SHARDS = 3
FAR = timedelta(days=2)
SUMS = "SELECT code, dr_minor, cr_minor, dr_pending_minor, cr_pending_minor FROM ledger_account"


def stored_sums() -> dict[str, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(SUMS)
        return {code: list(row) for code, *row in cursor.fetchall()}


class History:
    """One seeded walk. Every step is done to the model and to the books."""

    def __init__(self, seed: int, accounts: Sequence[Account]) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a repeatable walk is meant
        self.model = model_of(accounts)
        self.refused = 0
        self.last = ""

    def run(self, steps: int) -> None:
        plan: list[tuple[Callable[[], None], int]] = [
            (self.move, 30),
            (self.hold, 18),
            (self.take, 16),
            (self.release, 8),
            (self.repeat, 8),
            (self.alter, 6),
            (self.age, 4),
            (self.expire, 3),
            (self.vandalise, 7),
        ]
        moves, weights = zip(*plan, strict=True)
        for _ in range(steps):
            self.dice.choices(moves, weights)[0]()
            assert stored_sums() == self.model.sums, self.last

    def post(self, key: str, entry: Entry) -> None:
        self.last = f"{key} {entry}"
        expected = self.model.post(key, entry)
        answer = None
        try:
            post(entry, key=key)
        except Refusal as refusal:
            self.refused += 1
            answer = refusal.code
        assert answer == expected, self.last

    def key(self) -> str:
        return f"step:{self.dice.getrandbits(64)}"

    def way(self) -> tuple[str, str, Money]:
        codes = self.dice.choices(CODES, (6, 5, 5, 5, 1, 1), k=2)
        if self.dice.random() < 0.03:
            codes[1] = "nobody"
        minor = self.dice.choice([self.dice.randint(1, 60)] * 12 + [0, -3])
        currency = self.model.currency[codes[0]] if self.dice.random() < 0.97 else "EUR"
        return codes[0], codes[1], Money(minor, currency)

    def move(self) -> None:
        debit, credit, amount = self.way()
        self.post(self.key(), EntryRequest(debit=debit, credit=credit, amount=amount))

    def hold(self) -> None:
        debit, credit, amount = self.way()
        until = timezone.now() + FAR if self.dice.random() < 0.5 else None
        self.post(
            self.key(), Authorise(debit=debit, credit=credit, amount=amount, expires_at=until)
        )

    def some_hold(self) -> tuple[uuid.UUID, Money]:
        choice = self.dice.random()
        if choice < 0.75 and self.model.open_holds:
            pending, held = self.dice.choice(list(self.model.open_holds.items()))
            return pending, held.entry.amount
        if choice < 0.93 and self.model.resolved:
            return self.dice.choice(sorted(self.model.resolved)), Money(1, "CNY")
        return uuid.UUID(int=self.dice.getrandbits(128)), Money(5, "CNY")

    def take(self) -> None:
        pending, amount = self.some_hold()
        minor = self.dice.choice(
            [amount.minor, self.dice.randint(1, amount.minor), amount.minor + 1]
        )
        # A resolved hold's currency is not remembered: take in the right one when it is known.
        self.post(self.key(), Capture(pending=pending, amount=Money(minor, amount.currency)))

    def release(self) -> None:
        self.post(self.key(), Void(pending=self.some_hold()[0]))

    def repeat(self) -> None:
        if self.model.known:
            self.post(*self.dice.choice(list(self.model.known.items())))

    def alter(self) -> None:
        if self.model.known:
            entry = EntryRequest(debit="clearing", credit="wallet:1", amount=Money(10**9, "CNY"))
            self.post(self.dice.choice(list(self.model.known)), entry)

    def age(self) -> None:
        ageable = [
            (pending, held)
            for pending, held in self.model.open_holds.items()
            if held.entry.expires_at is not None and not held.due
        ]
        if ageable:
            pending, held = self.dice.choice(ageable)
            age_hold(pending)
            held.due = True

    def expire(self) -> None:
        self.last = "expire"
        assert len(holds.expire_batch(actor=ACTOR, now=NOON, limit=500)) == self.model.expire()

    def vandalise(self) -> None:
        statement = self.dice.choice(
            [
                "UPDATE ledger_transfer SET amount_minor = amount_minor + 1",
                "DELETE FROM ledger_transfer",
                "DELETE FROM ledger_journalentry",
                "UPDATE ledger_account SET cr_minor = cr_minor + 1",
                "UPDATE ledger_account SET guard = 0",
                "TRUNCATE ledger_transfer, ledger_journalentry, ledger_openhold, ledger_externalref",
            ]
        )
        self.last = statement
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# A transaction for each history and not for the test: the versions of the accounts' rows that a
# history leaves are dead as soon as it is rolled back, and the next one does not wade through them.
@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_books_agree_with_the_model_after_every_step(shard: int) -> None:
    accounts = open_accounts()
    refused = 0
    for seed in HISTORIES[shard::SHARDS]:
        with transaction.atomic():
            history = History(seed, accounts)
            history.run(STEPS)
            if seed % 5 == 0:
                laws = {f.law for f in checks.run().findings if f.differences}
                assert laws <= {"L4", "L8"}, f"seed {seed}"  # holds that were aged by hand
            refused += history.refused
            transaction.set_rollback(True)
    assert refused > len(HISTORIES) // SHARDS * STEPS // 10
