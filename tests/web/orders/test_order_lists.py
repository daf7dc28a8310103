"""The list of orders, the buying limit, and how often the database is asked."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import MembershipRole
from exchange.disputes import opening
from exchange.members.lifecycle import Decision
from exchange.members.models import ApprovalRequest
from exchange.notices import notify
from exchange.orders import conversation, limits
from exchange.orders.models import BuyingLimit
from exchange.orders.placing import limit_of
from pricing.money import Money
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


@pytest.fixture
def seller(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


def test_the_list_begins_with_what_needs_the_reader(
    market: Market, buyer: Client, seller: Client
) -> None:
    closed, unpaid, delivered = (
        market.order(market.offer(0)),
        market.order(market.offer(1)),
        market.delivered(),
    )
    opening.open_dispute(
        delivered.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    ids = re.findall(r"/orders/(ord_\w+)/\"", buyer.get("/orders/").content.decode())
    assert ids == [unpaid.public_id, delivered.public_id, closed.public_id]
    assert "No orders yet" in shown(seller, "/orders/?side=buyer")
    assert len(re.findall(r"/orders/(ord_\w+)/\"", shown(seller, "/orders/?side=seller"))) == 3


def test_lists_go_on_where_the_page_ended_and_a_bent_cursor_begins_anew(
    market: Market, buyer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.web.orders.views.ROWS_PER_PAGE", 2)
    offer = market.offer(1)
    orders = [market.order(offer).public_id for _ in range(5)]
    seen: list[str] = []
    url: str | None = "/orders/"
    while url:
        page = buyer.get(url).content.decode()
        seen += re.findall(r"/orders/(ord_\w+)/\"", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        url = html.unescape(older[1]) if older else None
    assert seen == orders[::-1]
    bent = buyer.get("/orders/?after=bent").content.decode()
    assert re.findall(r"/orders/(ord_\w+)/\"", bent) == orders[::-1][:2]


def test_the_limit_is_set_on_its_page(market: Market, buyer: Client) -> None:
    leader = browser(accounts.owner_of(market.buyer), market.buyer)
    assert leader.post("/buying-limit/", {"currency": "CNY", "amount": "12.345"}).status_code == 422
    assert leader.post("/buying-limit/", {"currency": "CNY", "amount": "12.34"}).status_code == 302
    refused = leader.post("/buying-limit/", {"currency": "CNY", "amount": "-1"})
    assert refused.status_code == 422
    [said] = refused.context["page"].form.errors["amount"]
    assert said.startswith("“-1” is not an amount in CNY.")
    assert 'value="-1"' in refused.content.decode()
    assert BuyingLimit.objects.get().limit == Money(1234, "CNY")
    assert "An owner or administrator" in shown(buyer, "/buying-limit/")
    assert buyer.post("/buying-limit/", {"currency": "CNY", "amount": "9"}).status_code == 403
    assert leader.post("/buying-limit/", {"currency": "CNY", "amount": ""}).status_code == 422
    assert BuyingLimit.objects.get().limit == Money(1234, "CNY")


@pytest.mark.parametrize(
    ("wanted", "then"),
    [({"lift": "on"}, None), ({"amount": "50"}, Money(5000, "CNY"))],
    ids=["lifted", "raised"],
)
def test_the_limit_is_raised_and_lifted_by_two_people_on_its_page(
    market: Market, buyer: Client, wanted: dict[str, str], then: Money | None
) -> None:
    limits.set_limit(actor=market.leading, limit=Money(1234, "CNY"), now=DAY)
    leader = browser(accounts.owner_of(market.buyer), market.buyer)
    another = browser(accounts.a_member(market.buyer, role=MembershipRole.ADMIN), market.buyer)

    def decided(who: Client, decision: str) -> int:
        said = {"currency": "CNY", "reason": "We grew.", **wanted}
        if not ApprovalRequest.objects.filter(decision=Decision.OPEN).exists():
            assert leader.post("/buying-limit/", said).status_code == 302
        request = ApprovalRequest.objects.get(decision=Decision.OPEN)
        path = f"/buying-limit/{request.public_id}/"
        return who.post(path, {"decision": decision}).status_code

    assert decided(buyer, "approve") == 403
    assert decided(leader, "approve") == 403
    assert "Take back" in shown(leader, "/buying-limit/")
    assert "We grew." in shown(another, "/buying-limit/")
    assert (decided(leader, "withdraw"), decided(another, "decline")) == (302, 302)
    assert limit_of(organisation_id=market.buyer.pk, currency="CNY") == Money(1234, "CNY")
    assert decided(another, "approve") == 302
    assert limit_of(organisation_id=market.buyer.pk, currency="CNY") == then
    assert "In every other currency each order waits" in shown(leader, "/buying-limit/")


def test_the_number_of_queries_does_not_grow_with_steps_messages_and_orders(
    market: Market, buyer: Client, count_queries: Callable[[Client, str], int]
) -> None:
    first = market.delivered()
    shown(buyer, notify.path("order", first.public_id))
    before = (
        count_queries(buyer, notify.path("order", first.public_id)),
        count_queries(buyer, "/orders/"),
    )
    for number in range(5):
        conversation.write(first.public_id, actor=market.buying, text=f"{number}", now=DAY)
        market.order(market.offer(1))
    after = (
        count_queries(buyer, notify.path("order", first.public_id)),
        count_queries(buyer, "/orders/"),
    )
    assert after == before
    assert before[0] <= 26
    assert before[1] <= 15


@pytest.fixture
def count_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> Callable[[Client, str], int]:
    def count(client: Client, path: str) -> int:
        with django_assert_max_num_queries(60) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    return count
