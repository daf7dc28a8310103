"""Use that the plan has no price for: it closes no page, stops no other bill, and finance sees it."""

from typing import Any

import pytest
from django.urls import reverse

from exchange.journeys import billing
from exchange.metering import intake
from exchange.metering.models import QUANTITY_MAX, MeteredSubscription, UsageBill, UsageDay
from exchange.payments import parties
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.metering.test_usage_plans import CLOSED, PLAN, a_subscription
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db
DEAR: dict[str, Any] = {
    **PLAN,
    "charges": [{"name": "rows", "model": "per_unit", "meter": "rows", "unit": "9999999.99"}],
}


@pytest.fixture
def market() -> Market:
    return a_market()


def overdone(market: Market) -> MeteredSubscription:
    """A subscription of which the exchange itself sent far more than the plan has a price for."""
    subscription = a_subscription(market, plan=DEAR)
    intake.count_delivery(subscription.order, quantities={"rows": QUANTITY_MAX}, at=DAY, now=DAY)
    assert UsageDay.objects.get(subscription=subscription).quantity == QUANTITY_MAX
    return subscription


def test_pages_of_both_sides_say_what_is_wrong_and_who_can_do_what(market: Market) -> None:
    subscription = overdone(market)
    for person, side in (
        (market.agent, market.buyer),
        (accounts.owner_of(market.seller), market.seller),
    ):
        client = browser(person, side)
        assert "no price" in client.get(reverse("web:usage")).content.decode()
        page = client.get(reverse("web:usage_meter", args=[subscription.public_id]))
        assert page.status_code == 200
        assert "The plan has no price for what was counted" in page.content.decode()
        assert "the exchange decides what counts" in page.content.decode()


def test_a_bill_that_cannot_be_made_holds_up_no_other_and_finance_sees_it_once(
    market: Market,
) -> None:
    stuck, fine = overdone(market), a_subscription(market, plan=PLAN)
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.get().period.subscription == fine
    found = Difference.objects.get(kind=DifferenceKind.BILL_STUCK)
    assert (found.subject, found.state) == (stuck.order.public_id, "open")
    assert stuck.public_id in found.detail
    assert parties.of_difference(found) == {stuck.buyer_id, stuck.seller_id}
    billing.run_due(now=CLOSED)
    assert Difference.objects.count() == 1
