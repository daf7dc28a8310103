"""Many postings at once: in order, whole or absent, repeatable."""

import pytest

from exchange.ledger import books, checks, errors
from exchange.ledger.entries import (
    Posting,
)
from exchange.ledger.models import Account, JournalEntry
from tests.factories.ledger import ACTOR, NOON, sums
from tests.ledger.books import pay

pytestmark = pytest.mark.django_db


def requests(count: int, *, minor: int = 1) -> list[Posting]:
    return [
        Posting(scope="batch", key=f"{number}", kind="t", transfers=[pay(minor)])
        for number in range(count)
    ]


def test_a_batch_is_in_the_order_asked_and_repeatable(buyer: Account) -> None:
    asked = requests(50)
    first = books.post_many(asked, actor=ACTOR, now=NOON)
    assert [posting.key for posting in first] == [request.key for request in asked]
    assert sums("wallet:1") == (50, 100, 0, 0)
    longer = books.post_many(requests(60), actor=ACTOR, now=NOON)
    assert [p.pk for p in longer[:50]] == [p.pk for p in first]
    assert sums("wallet:1") == (60, 100, 0, 0)
    assert checks.run().sound


def test_a_batch_is_whole_or_absent(buyer: Account) -> None:
    with pytest.raises(errors.InsufficientFunds):
        books.post_many(requests(101), actor=ACTOR, now=NOON)
    assert sums("wallet:1") == (0, 100, 0, 0)
    assert not JournalEntry.objects.filter(scope="batch").exists()


def test_a_key_twice_in_a_batch_counts_once_and_an_altered_one_is_refused(buyer: Account) -> None:
    twice = books.post_many(requests(1) * 2, actor=ACTOR, now=NOON)
    assert twice[0].pk == twice[1].pk
    assert sums("wallet:1") == (1, 100, 0, 0)
    with pytest.raises(errors.KeyReused):
        books.post_many([*requests(2), *requests(2, minor=2)], actor=ACTOR, now=NOON)
    assert sums("wallet:1") == (1, 100, 0, 0)


def test_a_batch_has_a_limit(buyer: Account) -> None:
    with pytest.raises(errors.BatchTooLarge):
        books.post_many(requests(1001), actor=ACTOR, now=NOON)
    assert books.post_many([], actor=ACTOR, now=NOON) == []
