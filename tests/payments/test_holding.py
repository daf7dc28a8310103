"""Money that the provider may hold for a number of days only."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exchange.payments import holding
from exchange.payments.models import Payment
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
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


def test_the_console_raises_the_alarm_where_the_provider_limits_it(
    market: Market, settings: Settings
) -> None:
    reader = Client()
    reader.force_login(market.exchange.first)
    received = timezone.now() - timedelta(days=75)
    Payment.objects.update(received_at=received)
    title = "Money held long at the provider"
    assert title not in reader.get(reverse("console:index")).content.decode()
    settings.PAYMENT_PROVIDER = "stripe"
    queues = {q.title: q for q in reader.get(reverse("console:index")).context["queues"]}
    assert (queues[title].figure, queues[title].tone) == ("1", "danger")
    assert "80% of the 90 days" in queues[title].note
    shown = reader.get(queues[title].link).content.decode()
    assert Payment.objects.get().reference in shown
