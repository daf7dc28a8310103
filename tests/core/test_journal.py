"""The journal: gathered while use cases run, written once, and forgotten with what failed."""

from collections.abc import Iterator, Sequence

import pytest
from django.db import transaction

from exchange.core import use_case as cases
from exchange.core.use_case import use_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def written() -> Iterator[list[list[object]]]:
    """What the writer of the kind `probe` was given, call by call."""
    calls: list[list[object]] = []

    def write(values: Sequence[object]) -> None:
        calls.append(list(values))

    cases.declare_writer("probe", rank=5, write=write)
    yield calls
    del cases._writers["probe"]


def test_outside_a_use_case_an_entry_is_written_at_once(written: list[list[object]]) -> None:
    cases.gather("probe", 1)
    cases.gather("probe", 2)
    assert written == [[1], [2]]


def test_within_a_use_case_all_are_written_together_when_the_outermost_ends(
    written: list[list[object]],
) -> None:
    @use_case()
    def inner() -> None:
        cases.gather("probe", 2)

    @use_case()
    def outer() -> None:
        cases.gather("probe", 1)
        inner()
        assert written == []
        cases.gather("probe", 3)

    outer()
    assert written == [[1, 2, 3]]


def test_what_a_rolled_back_savepoint_added_is_forgotten(written: list[list[object]]) -> None:
    @transaction.atomic
    def loses() -> None:
        cases.gather("probe", "lost")
        raise ValueError("in vain")

    @use_case()
    def outer() -> None:
        cases.gather("probe", "kept")
        with pytest.raises(ValueError, match="in vain"):
            loses()
        with transaction.atomic():
            cases.gather("probe", "kept too")

    outer()
    assert written == [["kept", "kept too"]]


def test_a_use_case_that_fails_writes_nothing_and_ends_the_gathering(
    written: list[list[object]],
) -> None:
    @use_case()
    def fails() -> None:
        cases.gather("probe", 1)
        raise ValueError("in vain")

    with pytest.raises(ValueError, match="in vain"):
        fails()
    assert written == []
    assert cases.is_gathering() is False
    cases.flush()
    assert written == []


def test_flush_writes_early_and_each_entry_once(written: list[list[object]]) -> None:
    @use_case()
    def reads_early() -> None:
        cases.gather("probe", 1)
        cases.flush()
        assert written == [[1]]
        cases.gather("probe", 2)

    reads_early()
    assert written == [[1], [2]]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_added(written: list[list[object]]) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        cases.gather("probe", 1)
    assert written == []
