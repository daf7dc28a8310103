"""Laws of the bill: neither the order of events nor how they were cut into batches changes it."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.metering import bills, intake
from exchange.metering.models import MeteredSubscription, UsageEvent
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import Market, a_market
from tests.metering.test_usage_plans import END, a_subscription, an_event

pytestmark = pytest.mark.django_db
NAMES = st.lists(
    st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=60)
    | st.sampled_from(["NULL", "null", '"', "\\", '\\"', "{}", "a,b", "'", "%s", "$1", "\\u0041"]),
    min_size=1, max_size=8, unique=True,
)  # fmt: skip
EVENTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5_000)), min_size=1, max_size=12)


class Undone(Exception):
    """Takes back what an example wrote."""


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def metered(market: Market) -> MeteredSubscription:
    return a_subscription(market)


@pytest.fixture
def reporter(market: Market) -> Actor:
    operator = accounts.a_member(market.seller)
    a_role(market.seller, operator, Role.DATA_OPERATOR)
    return acting(operator, market.seller)


def billed(
    metered: MeteredSubscription, reporter: Actor, batches: Sequence[Sequence[dict[str, Any]]]
) -> tuple[int, str]:
    """What the bill of the first period would come to, and the hash of its document. Nothing stays:
    the examples of one test share its database."""
    drawn: list[tuple[int, str]] = []
    try:
        with transaction.atomic():
            for batch in batches:
                intake.report(list(batch), actor=reporter, now=END)
            made = bills.drawn(metered.periods.get(number=1))
            drawn.append((made.due.minor, made.digest))
            raise Undone
    except Undone:
        return drawn[0]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=st.data())
def test_order_batches_and_repetition_do_not_change_the_bill(
    metered: MeteredSubscription, reporter: Actor, events: list[tuple[int, int]], data: Any
) -> None:
    lines = [
        {**an_event(metered, hour), "event_id": f"e{number}", "quantity": quantity}
        for number, (hour, quantity) in enumerate(events)
    ]
    whole = billed(metered, reporter, [lines])
    mixed = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    again = data.draw(st.lists(st.sampled_from(lines), max_size=4))
    batches = [one for one in (mixed[:cut], again, mixed[cut:], mixed) if one]
    assert billed(metered, reporter, batches) == whole


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_the_bill_is_the_price_of_the_sum(
    metered: MeteredSubscription, reporter: Actor, events: list[tuple[int, int]]
) -> None:
    lines = [
        {**an_event(metered, hour), "event_id": f"e{number}", "quantity": quantity}
        for number, (hour, quantity) in enumerate(events)
    ]
    used = sum(quantity for _hour, quantity in events)
    # A hundred rows are free, a row costs a fen, and a period at least ten yuan.
    assert billed(metered, reporter, [lines])[0] == max(1_000, used - 100)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES)
def test_names_of_any_printable_text_come_in_as_they_are(
    metered: MeteredSubscription, reporter: Actor, names: list[str]
) -> None:
    """The names go to the database in the text of an array: nothing in them may end it."""
    printable = [name for name in names if name.isprintable()]
    assume(printable)
    lines = [{**an_event(metered, 1), "source": name, "event_id": name} for name in printable]
    try:
        with transaction.atomic():
            intake.report(lines, actor=reporter, now=END)
            kept = UsageEvent.objects.filter(subscription=metered)
            assert set(kept.values_list("source", "event_id")) == {(one, one) for one in printable}
            again = intake.report(lines, actor=reporter, now=END)
            assert (again.accepted, again.duplicates) == (0, len(printable))
            raise Undone
    except Undone:
        pass
