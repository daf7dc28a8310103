"""A small log, and freedom from what other rooms must have in it."""

import pytest

from exchange.audit import agreement, coverage, sequencer
from tests.factories.audit import NOON, record


@pytest.fixture
def no_coverage_rules_of_other_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_coverage_rules", {})
    monkeypatch.setattr(agreement, "_rules", {})
    monkeypatch.setattr(agreement, "_checks", {})


@pytest.fixture
def ids(db: None) -> list[str]:
    """Seven records under heads of 2, 4 and 7, the third with a personal value; an eighth waits."""
    ids = list[str]()
    for batch in (range(2), range(2, 4), range(4, 7)):
        for number in batch:
            ids.append(record(number, personal={"mail": "li@example.com"} if number == 2 else None))
        sequencer.sequence_batch(NOON)
    return [*ids, record(7)]
