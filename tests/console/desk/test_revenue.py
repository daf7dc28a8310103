"""What the seller earned month by month, on the first page of the desk."""

from datetime import datetime

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.core import clock
from exchange.core.periods import after_months
from exchange.journeys import acceptance
from exchange.members.roles import Role
from exchange.payments import queries
from exchange.payments.models import Settlement, SettlementShare
from tests.factories import accounts, members
from tests.factories import payments as money
from tests.factories.orders import DAY, Market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which the market trades."""
    monkeypatch.setattr(clock, "now", lambda: DAY)


def sell(market: Market, yuan: int = 100) -> SettlementShare:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    return SettlementShare.objects.get(settlement__order=order)


def months_of(market: Market, now: datetime = DAY, months: int = 3) -> dict[str, list[int]]:
    found = queries.earned_by_month(market.seller.pk, now=now, months=months)
    return {currency: [one.net.minor for one in earned] for currency, earned in found.items()}


def test_months_sum_what_each_sale_left_and_months_without_one_are_there(market: Market) -> None:
    assert months_of(market) == {}
    first, second = sell(market), sell(market, 300)
    whole = first.amount_minor + second.amount_minor
    assert months_of(market) == {"CNY": [0, 0, whole]}
    SettlementShare.objects.filter(pk=first.pk).update(refunded_minor=first.amount_minor)
    left = second.amount_minor
    assert months_of(market) == {"CNY": [0, 0, left]}
    assert months_of(market, after_months(DAY, 2)) == {"CNY": [left, 0, 0]}
    assert months_of(market, after_months(DAY, 3)) == {}


def test_a_month_begins_in_the_zone_of_the_exchange(market: Market) -> None:
    sell(market)
    settled = Settlement.objects.get().settled_at.astimezone(timezone.get_default_timezone())
    found = queries.earned_by_month(market.seller.pk, now=DAY, months=1)
    assert found["CNY"][0].begins == settled.date().replace(day=1)


@pytest.mark.usefixtures("today")
def test_the_first_page_draws_it_and_says_it_as_a_table(market: Market, owner: Client) -> None:
    assert "Earned by month" not in shown(owner, reverse("desk:index"))
    share = sell(market, 300)
    page = shown(owner, reverse("desk:index"))
    (one,) = owner.get(reverse("desk:index")).context["revenue"]
    assert len(one.table["rows"]) == 12
    assert one.picture.count("<rect") == 12
    assert one.table["rows"][0][1] == one.total
    assert str(share.amount.decimal) in one.total
    assert 'role="img"' in page
    assert "As a table" in page
    assert f"{one.total} in 12 months" in page


@pytest.mark.usefixtures("today")
def test_who_does_not_see_earnings_sees_no_revenue(market: Market) -> None:
    sell(market)
    data = accounts.a_member(market.seller)
    members.a_role(market.seller, data, Role.DATA_OWNER)
    for person in (data, accounts.a_member(market.seller)):
        answer = browser(person, market.seller).get(reverse("desk:index"))
        assert answer.context["revenue"] == []
        assert "Earned by month" not in answer.content.decode()


@pytest.mark.usefixtures("today")
def test_it_is_said_in_chinese(market: Market, owner: Client) -> None:
    sell(market)
    owner.cookies[configured.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = shown(owner, reverse("desk:index"))
    assert "每月收入" in page
    assert "以表格显示" in page
