"""A year of use in the rhythm of real meters, at a size for every run of the tests."""

import pytest

from tests.factories.orders import a_market
from tests.metering.replay import FILE, Year
from tests.sets import Sets, each_set

pytestmark = pytest.mark.django_db
EVENTS = 20_000


@each_set
def test_a_year_is_billed_twice_to_the_same_bytes(sets: Sets) -> None:
    year = Year(a_market(), source=sets.data / FILE, events=EVENTS)
    outcome = year.run()
    assert outcome.sent >= EVENTS
    assert outcome.refused == 0
    assert outcome.duplicates > 0
    assert outcome.accepted + outcome.duplicates == outcome.sent
    assert len(outcome.bills) >= 2
    assert any(b'"amount_minor"' in bytes(bill.document) for bill in outcome.bills)
    digests = [bill.digest for bill in outcome.bills]
    assert year.billed_again() == digests
    assert year.billed_again() == digests
    assert year.days_that_differ() == 0
    assert year.receipted() == outcome.accepted
    assert year.settles_to_zero()
