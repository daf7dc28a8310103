"""Events over HTTP: what is kept once, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchange.members.roles import Kind
from exchange.metering import intake
from exchange.metering.models import QUANTITY_MAX, MeteredSubscription, UsageDay, UsageEvent
from tests.api.callers import post, with_key
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.metering.test_usage_plans import a_subscription, an_event

pytestmark = pytest.mark.django_db
USAGE = "/api/v1/usage"


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def subscription(market: Market) -> MeteredSubscription:
    return a_subscription(market)


@pytest.fixture
def seller(market: Market) -> Client:
    return with_key(market.seller, "usage:write")


def send(client: Client, *lines: Any) -> Any:
    return post(client, USAGE, list(lines))


def test_a_batch_sent_again_by_the_network_is_counted_once(
    seller: Client, subscription: MeteredSubscription
) -> None:
    lines = [an_event(subscription, number) for number in range(3)]
    assert send(seller, *lines).json() == {"accepted": 3, "duplicates": 0, "held": 0, "refused": []}
    assert send(seller, *lines).json() == {"accepted": 0, "duplicates": 3, "held": 0, "refused": []}
    assert sum(UsageDay.objects.values_list("quantity", flat=True)) == 300


def test_a_known_event_with_another_quantity_is_refused_and_changes_nothing(
    seller: Client, subscription: MeteredSubscription
) -> None:
    send(seller, an_event(subscription, 1))
    refused = send(seller, an_event(subscription, 1, quantity=7))
    assert (refused.status_code, refused.json()["code"]) == (409, "usage_event_differs")
    assert UsageEvent.objects.get().quantity == 100


@pytest.mark.parametrize("quantity", [-1, QUANTITY_MAX + 1, "7", 1.5, True, None])
def test_a_quantity_that_is_none_is_refused(
    seller: Client, subscription: MeteredSubscription, quantity: object
) -> None:
    refused = send(seller, an_event(subscription, 1, quantity=quantity))
    assert (refused.status_code, refused.json()["code"]) == (422, "usage_line_invalid")
    assert UsageEvent.objects.exists() is False


def test_an_event_from_the_future_is_refused(
    seller: Client, subscription: MeteredSubscription
) -> None:
    ahead = (timezone.now() + timedelta(minutes=10)).isoformat()
    refused = send(seller, an_event(subscription, 1, at=ahead))
    assert (refused.status_code, refused.json()["code"]) == (422, "usage_from_future")
    assert UsageEvent.objects.exists() is False


def test_an_event_of_a_closed_period_goes_on_the_next_bill(
    seller: Client, subscription: MeteredSubscription
) -> None:
    MeteredSubscription.objects.update(final_no=1)
    assert send(seller, an_event(subscription, 1, at=DAY.isoformat())).json()["accepted"] == 1
    kept = UsageEvent.objects.get()
    assert (kept.period_no, kept.bill_no) == (1, 2)


def test_somebody_elses_subscription_does_not_exist(
    market: Market, subscription: MeteredSubscription
) -> None:
    other = accounts.an_organisation(name="Other Data")
    market.exchange.admit(other, Kind.SELLER)
    refused = send(with_key(other, "usage:write"), an_event(subscription, 1))
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_subscription")
    assert UsageEvent.objects.exists() is False


def test_a_batch_that_is_too_long_is_refused_whole(
    seller: Client, subscription: MeteredSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_MAX", 2)
    refused = send(seller, *(an_event(subscription, number) for number in range(3)))
    assert (refused.status_code, refused.json()["code"]) == (422, "usage_batch_refused")
    assert UsageEvent.objects.exists() is False


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02T10:00:00+16:00", "2026-03-02T10:00:00-23:59", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00", "2026-03-02T10:00:00", "2026-03-02", "yesterday", "", 7, None,
    ],
)  # fmt: skip
def test_an_event_without_a_time_that_can_be_read_is_refused_by_its_line_alone(
    seller: Client, subscription: MeteredSubscription, at: object
) -> None:
    odd = {**an_event(subscription, 1), "at": at}
    taken = send(seller, an_event(subscription, 0), odd, an_event(subscription, 2))
    assert taken.status_code == 200
    assert taken.json()["accepted"] == 2
    [line] = taken.json()["refused"]
    assert (line["line"], line["code"]) == (1, "usage_line_invalid")
    assert line["facts"]["field"] == "at"
