"""The books did it and the answer was lost: asking again gives the first posting, and moves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from exchange.audit.models import Record
from exchange.ledger import books, checks
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.errors import LedgerUnavailable
from exchange.ledger.models import JournalEntry
from tests.factories.ledger import ACTOR, NOON, clearing, cny, fund, post, sums, wallet
from tests.faults.deaf_proxy import losing_the_answer_to

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
MOVE = EntryRequest(debit="wallet:1", credit="clearing", amount=cny(7))


@pytest.fixture(autouse=True)
def _books() -> None:
    clearing()
    fund(wallet(), 10)


@contextmanager
def lost_answer(words: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inside, this thread's connection goes by the way on which the answer to `words` is lost."""
    parameters = connection.get_connection_params()
    server = Path(parameters["host"])
    connection.close()
    with losing_the_answer_to(words, server=server) as folder, monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", str(folder))
        try:
            yield
        finally:
            connection.close()


def test_a_posting_whose_answer_was_lost_is_found_again_under_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with lost_answer(b"ledger_post(", monkeypatch), pytest.raises(LedgerUnavailable) as caught:
        post(MOVE, key="lost")
    assert caught.value.facts["retryable"] is True
    first = JournalEntry.objects.get(key="lost")
    assert sums("wallet:1") == (7, 10, 0, 0)

    again = post(MOVE, key="lost")
    assert (again.pk, again.is_new) == (first.pk, False)
    assert sums("wallet:1") == (7, 10, 0, 0)
    assert checks.run().sound


def test_a_flow_whose_commit_was_not_heard_is_done_once_and_recorded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with lost_answer(b"COMMIT", monkeypatch), pytest.raises(OperationalError):
        _pay()
    first = JournalEntry.objects.get(key="lost")

    again = _pay()
    assert (again.pk, again.is_new) == (first.pk, False)
    assert sums("wallet:1") == (7, 10, 0, 0)
    assert Record.objects.filter(event="ledger.posting.made").count() == 1
    assert checks.run().sound


def _pay() -> JournalEntry:
    lost = Posting(scope="test", key="lost", kind="test.posting", transfers=[MOVE])
    with transaction.atomic():
        return books.post(lost, actor=ACTOR, now=NOON)
