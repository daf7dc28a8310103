"""A month is distributed once, and answered one way, whoever comes at the same time."""

from functools import partial

import pytest

from exchange.core.lifecycle import Named
from exchange.payments import distributions, settlement
from exchange.payments.models import Distribution, Settlement
from pricing.money import Money
from tests.factories.orders import a_market
from tests.factories.payments import books_are_sound
from tests.factories.sharing import a_receiver
from tests.payments.test_distributions import IN_TIME, OVER, Shared
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CLOCK = Named("test:clock")


@pytest.fixture
def shared() -> Shared:
    market = a_market()
    made = Shared(market, a_receiver(market.exchange))
    made.sold()
    return made


def test_two_clocks_gather_a_month_once(shared: Shared) -> None:
    shared.sold()
    gather = partial(distributions.run_due, actor=CLOCK, now=OVER)
    assert at_once(gather, gather) == ["done", "done"]
    made = Distribution.objects.get()
    assert (made.sales_count, made.amount_minor) == (2, 19600)
    assert not Settlement.objects.exclude(distribution=made).exists()


def test_who_objects_while_the_last_party_or_the_clock_confirms_is_heard_or_too_late(
    shared: Shared,
) -> None:
    made = shared.sent()
    outcomes = at_once(
        lambda: distributions.object_to(
            made.public_id, reason="More.", actor=shared.leading, now=IN_TIME
        ),
        lambda: distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME),
    )
    made.refresh_from_db()
    assert "done" in outcomes
    assert made.state == "confirmed"  # an objection that came first was taken back by agreeing
    assert not made.parties.exclude(objection="").exists()


def test_two_clocks_pay_a_correction_once(shared: Shared) -> None:
    made = shared.sent()
    distributions.object_to(made.public_id, reason="More.", actor=shared.leading, now=IN_TIME)
    distributions.answer(
        made.public_id, reason="So.", actor=shared.market.selling, now=IN_TIME,
        corrections={shared.institute.public_id: Money(1000, "CNY")},
    )  # fmt: skip
    distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME)
    settlement.clear_due(actor=CLOCK, now=IN_TIME)
    pay = partial(distributions.run_due, actor=CLOCK, now=IN_TIME)
    assert at_once(pay, pay) == ["done", "done"]
    assert shared.available() == {"seller": 5860, "institute": 3940}
    assert books_are_sound()
