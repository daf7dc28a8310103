"""An order over the turn of a year, and after a deadline that no sweep has come to yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchange.core.refusals import TooLate
from exchange.disputes import opening
from exchange.journeys import acceptance, checkout
from exchange.members.roles import Role
from exchange.orders import limits, placing
from exchange.orders.lifecycle import OrderState
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import Market, a_market
from tests.members.test_deadlines import CHRISTMAS
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
LATE = timedelta(days=2)


@pytest.fixture
def market() -> Market:
    return a_market()


def at(moment: Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(timezone, "now", lambda: moment)


def test_a_deadline_in_a_year_without_holidays_is_provisional_on_the_page_and_in_the_api(
    market: Market,
) -> None:
    order = market.delivered(at=CHRISTMAS)
    page = shown(browser(market.agent, market.buyer), f"/orders/{order.public_id}/")
    assert "provisional" in page
    assert "the date may become later, never earlier" in page
    key = accounts.an_api_key(market.buyer, scopes=("orders:read",), at=timezone.now())
    program = Client(headers={"Authorization": f"Bearer {key.secret}"})
    assert program.get(f"/api/v1/orders/{order.public_id}").json()["due_provisional"] is True


def test_nobody_objects_two_days_late_and_the_page_does_not_offer_it(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = market.delivered()
    buyer, address = browser(market.agent, market.buyer), f"/orders/{order.public_id}/"
    assert order.due_at is not None
    at(order.due_at - timedelta(seconds=1), monkeypatch)
    assert f"{address}object/" in shown(buyer, address)
    at(order.due_at + LATE, monkeypatch)
    page = shown(buyer, address)
    assert f"{address}object/" not in page
    assert f"{address}accept/" in page
    with pytest.raises(TooLate):
        opening.open_dispute(
            order.public_id,
            kind="not_as_described",
            actor=market.buying,
            reason="Late.",
            now=order.due_at + LATE,
        )
    acceptance.accept(order.public_id, actor=market.buying, now=order.due_at + LATE)
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED


def test_nobody_confirms_two_days_late_and_the_page_does_not_offer_it(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits.set_limit(actor=market.leading, limit=Money(0, "CNY"), now=CHRISTMAS)
    order = market.order(market.offer(100))
    second = accounts.a_member(market.buyer)
    a_role(market.buyer, second, Role.FINANCE)
    confirming, address = browser(second, market.buyer), f"/orders/{order.public_id}/"
    assert order.due_at is not None
    at(order.due_at - timedelta(seconds=1), monkeypatch)
    assert f"{address}confirm/" in shown(confirming, address)
    at(order.due_at + LATE, monkeypatch)
    assert f"{address}confirm/" not in shown(confirming, address)
    with pytest.raises(TooLate):
        checkout.confirm(
            order.public_id, actor=acting(second, market.buyer), now=order.due_at + LATE
        )
    order.refresh_from_db()
    assert order.state == OrderState.CREATED
    assert placing.obstacle(order) == ""
