"""How far a checkout, an acceptance and a bid walk through the house, counted on one real request each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from exchange.orders.models import Order
from tests.architecture.conftest import Figure
from tests.architecture.walk import Walk, followed, forget_caches
from tests.factories.auctions import a_house, clock_at
from tests.factories.orders import DAY, a_market
from tests.web.buyers import browser, filled

pytestmark = pytest.mark.django_db

# The machinery calls what higher floors declared to it: a use case its function and who answers for
# permissions, a lifecycle its reactions and records, the journal its writers, idempotency its deed, policy
# the subject's own word on who gets a part of it.
DECLARING = (
    "exchange/members/policy.py",
    "exchange/core/use_case.py",
    "exchange/core/lifecycle.py",
    "exchange/core/idempotency.py",
    "exchange/notices/notify.py",
)


def walk_of(send: Callable[[], object]) -> Walk:
    """The walk of the one POST that is sent."""
    walks: list[Walk] = []
    forget_caches()
    with followed(walks):
        send()
    assert len(walks) == 1
    return walks[0]


def hold(figure: Figure, name: str, walk: Walk) -> None:
    undeclared = [(low, high) for low, high in walk.upward() if low not in DECLARING]
    figure(f"{name}_modules", len(walk.modules), walk.places())
    figure(f"{name}_hops", len(walk.hops), [f"{low} -> {high}" for low, high in walk.hops])
    figure(f"{name}_upward", len(undeclared), [f"{low} -> {high}" for low, high in undeclared])


def sent(client: Client, path: str, form: dict[str, object]) -> Callable[[], None]:
    def send() -> None:
        assert client.post(path, form).status_code == 302

    return send


def test_a_checkout_is_a_short_walk(figure: Figure) -> None:
    market = a_market()
    buyer = browser(market.agent, market.buyer)
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form = filled(buyer, path, method="card", po_number="PO-1")
    walk = walk_of(sent(buyer, path, form))
    assert Order.objects.count() == 1
    hold(figure, "checkout", walk)


def test_accepting_a_delivery_is_a_short_walk(figure: Figure) -> None:
    market = a_market()
    order = market.delivered()
    buyer = browser(market.agent, market.buyer)
    hold(figure, "acceptance", walk_of(sent(buyer, f"/orders/{order.public_id}/accept/", {})))


def test_a_bid_is_a_short_walk(figure: Figure) -> None:
    with clock_at(DAY + timedelta(minutes=10)):
        house = a_house()
        path = f"/auctions/{house.auction().public_id}/"
        house.buyer("City Gas")
        bidder = browser(*house.agents["City Gas"])
        form = filled(bidder, path, amount="150", confirmed="1")
        hold(figure, "bid", walk_of(sent(bidder, f"{path}bid/", form)))
