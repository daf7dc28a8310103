"""Money that the provider may hold for a number of days only."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.payments import holding
from exchange.payments.models import CardTopUp, Payment
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
from tests.payments.test_card_top_ups import topped_up
from tests.payments.test_payouts import run, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: Settings) -> Market:
    """A sale by card that was paid and accepted, its money still at the provider."""
    market = a_market()
    sold(market)
    Payment.objects.update(provider="stripe")
    settings.STRIPE_COUNTRY = "SG"
    settings.SECOND_FACTOR_REQUIRED = False
    return market


def rewrite(rows: QuerySet[Any], **values: object) -> None:
    """Change what the guards of the database keep, as only a superuser may."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        rows.update(**values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def held_after(days: int) -> int:
    received = Payment.objects.get().received_at
    assert received is not None
    return holding.held_long(now=received + timedelta(days=days)).count()


def test_four_fifths_of_the_days_are_near_the_limit_of_each_country(
    market: Market, settings: Settings
) -> None:
    assert (held_after(71), held_after(72)) == (0, 1)
    settings.STRIPE_COUNTRY = "TH"
    assert (held_after(7), held_after(8)) == (0, 1)
    settings.STRIPE_COUNTRY = "US"
    assert (held_after(583), held_after(584)) == (0, 1)


def test_money_that_went_on_or_back_is_not_held(market: Market) -> None:
    Payment.objects.update(refunded_minor=1)
    assert held_after(80) == 1
    money.an_account(market)
    run(market)
    assert held_after(80) == 0


def test_a_payout_in_another_currency_pays_nothing_on(market: Market) -> None:
    money.an_account(market)
    run(market)
    rewrite(Payment.objects.all(), currency="USD")
    assert held_after(80) == 1


def test_a_top_up_is_held_until_what_came_first_is_spent(market: Market) -> None:
    tops = [topped_up(market, yuan) for yuan in (100, 50)]
    rewrite(CardTopUp.objects.all(), provider="stripe")
    now = timezone.now()
    for top_up, days in zip(tops, (80, 75), strict=True):
        rewrite(CardTopUp.objects.filter(pk=top_up.pk), received_at=now - timedelta(days=days))

    def held() -> list[int]:
        return [one.pk for one in holding.top_ups_held_long(now=now)]

    first, second = (one.pk for one in tops)
    assert held() == [first, second]
    order = market.order(market.offer(90), method=PaymentMethod.WALLET)  # 95.40 with tax
    assert order.state != OrderState.CONTRACT_SIGNED
    assert held() == [first, second]
    market.order(market.offer(10), method=PaymentMethod.WALLET)
    assert held() == [second]


def test_the_console_raises_the_alarm_where_the_provider_limits_it(
    market: Market, settings: Settings
) -> None:
    reader = Client()
    reader.force_login(market.exchange.first)
    received = timezone.now() - timedelta(days=75)
    Payment.objects.update(received_at=received)
    top_up = topped_up(market, 100)
    title = "Money held long at the provider"
    assert title not in reader.get(reverse("console:index")).content.decode()
    settings.PAYMENT_PROVIDER = "stripe"
    queues = {q.title: q for q in reader.get(reverse("console:index")).context["queues"]}
    assert (queues[title].figure, queues[title].tone) == ("1", "danger")
    assert "80% of the 90 days" in queues[title].note
    shown = reader.get(queues[title].link).content.decode()
    assert Payment.objects.get().reference in shown
    of_wallets = queues["Top-ups held long at the provider"]
    assert (of_wallets.figure, of_wallets.tone) == ("0", "success")
    rewrite(CardTopUp.objects.all(), provider="stripe", received_at=received)
    queues = {q.title: q for q in reader.get(reverse("console:index")).context["queues"]}
    assert queues[of_wallets.title].figure == "1"
    listed = reader.get(of_wallets.link)
    assert [row.pk for row in listed.context["cl"].queryset] == [top_up.pk]
