"""The console's page of fairness: figures in tables, and the act that records a reason."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exchange.orders.models import PriceReason
from tests.console.conftest import SignedIn
from tests.factories.orders import a_market
from tests.journeys.test_fairness import agreed, another_buyer

pytestmark = pytest.mark.django_db
QUERIES_MAX = 30


def test_an_exchange_without_trades_has_nothing_to_show(operator: Client) -> None:
    page = operator.get(reverse("console:fairness")).content.decode()
    assert page.count("Nothing found.") == 6
    assert "These figures accuse nobody" in page


def test_findings_stand_in_tables_and_a_reason_takes_them_out(
    settings: Any, signed_in: SignedIn
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    market, now = a_market(), timezone.now()
    operator = signed_in(market.exchange.first)
    shop = market.offer(500)
    agreed(market, shop, another_buyer(market, "One"), 100, "quote:1", at=now)
    dear = agreed(market, shop, another_buyer(market, "Other"), 150, "quote:2", at=now)
    with CaptureQueriesContext(connection) as asked:
        page = operator.get(reverse("console:fairness")).content.decode()
    assert len(asked) <= QUERIES_MAX
    assert "CN¥150.00" in page
    assert "50%" in page
    act = reverse("console:orders_order_price_reason", args=[dear.pk])
    sent = operator.post(act, {"ground": "new_user", "reason": "First year."})
    assert sent.status_code == 302
    assert PriceReason.objects.get().order == dear
    assert "CN¥150.00" not in operator.get(reverse("console:fairness")).content.decode()
