"""The service fee: a share of the net, at least and at most so much, by the schedule of the order's day."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.journeys import acceptance
from exchange.payments import fees
from exchange.payments.models import Document, Settlement
from exchange.web.documents.money import numbered_document
from pricing.worth.proceeds import Fee
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.ledger import cny
from tests.factories.orders import DAY, a_market


@given(
    net=st.integers(0, 10**9),
    rate=st.decimals(0, 1, places=4),
    least=st.integers(1, 10**6),
    more=st.integers(0, 10**6),
)
def test_a_fee_is_within_its_bounds_and_never_more_than_the_sale(
    net: int, rate: Decimal, least: int, more: int
) -> None:
    fee = Fee(Fraction(rate), least, least + more).of(cny(net)).minor
    assert 0 <= fee <= net
    assert fee >= min(least, net)
    assert fee <= least + more
    plain = Fee(Fraction(rate)).of(cny(net)).minor
    if least <= plain <= least + more:
        assert fee == plain


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "value", "yuan", "fee"),
    [
        (fees.MINIMUM, 500, 100, 500),
        (fees.MINIMUM, 100, 100, 200),
        (fees.MINIMUM, 20_000, 100, 10_000),
        (fees.CAP, 150, 100, 150),
        (fees.CAP, 300, 100, 200),
    ],
)
def test_minimum_and_cap_hold_for_what_is_ordered_from_their_day_on(
    key: str, value: int, yuan: int, fee: int
) -> None:
    market = a_market()
    before = market.delivered(yuan, at=DAY)
    later = DAY + money.days(1)
    amend(key=key, value=value, valid_from=later, now=DAY)
    after = market.delivered(yuan, at=later)
    for order in (before, after):
        acceptance.accept(order.public_id, actor=market.buying, now=later)
    settled = {row.order_id: row.fee_minor for row in Settlement.objects.all()}
    assert settled == {before.pk: 200, after.pk: fee}
    assert money.books_are_sound()
    statement = Document.objects.get(kind="statement", order=after)
    said = {line.label: line.text for line in numbered_document(statement).lines}
    word = "at least" if key == fees.MINIMUM else "at most"
    assert said["Service fee"].startswith(f"0.02 × net · {word} ")


@pytest.mark.django_db
def test_a_minimum_in_yuan_does_not_hold_for_other_currencies() -> None:
    a_market()
    amend(key=fees.MINIMUM, value=500, valid_from=DAY, now=DAY)
    schedule = fees.schedule(at=DAY)
    euros = type(cny(1))(1000, "EUR")
    assert (schedule.of(euros).minor, schedule.of(cny(1000)).minor) == (20, 500)
    assert schedule.bounds_of(euros) == {}
