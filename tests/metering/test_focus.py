"""The costs of use in the columns of FOCUS 1.2: the lines of a period sum to its bill, or it is not made."""

import csv
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exchange.journeys import billing
from exchange.metering import bills, focus
from exchange.metering.models import UsageBill
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference
from pricing.money import Money
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market
from tests.metering.test_usage_plans import CLOSED, PLAN, a_subscription, an_event, send
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName",
}  # fmt: skip
MAY_BE_EMPTY = {"ChargeClass", "PricingQuantity", "PricingUnit"}
RICH: dict[str, Any] = {
    **PLAN,
    "discount_percent": "10",
    "charges": [
        *PLAN["charges"],
        {"name": "access", "model": "flat", "amount": "20.00"},
    ],
}


@pytest.fixture
def market() -> Market:
    return a_market()


def costs(market: Market, *, months: int = 3) -> list[dict[str, str]]:
    lines = focus.csv_of(
        market.buyer.pk,
        begins_at=DAY,
        ends_at=DAY + timedelta(days=31 * months),
        provider="The exchange",
    )
    return list(csv.DictReader(lines))


def total(rows: list[dict[str, str]], *categories: str) -> Decimal:
    return sum(
        (Decimal(row["BilledCost"]) for row in rows if row["ChargeCategory"] in categories),
        Decimal(0),
    )


def test_the_lines_of_a_period_sum_to_its_bill_and_to_its_invoice(market: Market) -> None:
    subscription = a_subscription(market)
    send(market, an_event(subscription, 1, quantity=5_100))
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get()
    rows = [
        row
        for row in costs(market)
        if row["InvoiceId"] or row["BillingPeriodEnd"] < f"{CLOSED:%Y-%m-%d}"
    ]
    assert bill.order is not None
    assert total(rows, "Usage", "Purchase", "Credit", "Adjustment") == bill.net.decimal == 50
    assert total(rows, "Tax") == bill.order.tax.decimal == 3
    used = rows[0]
    assert (used["ConsumedQuantity"], used["ConsumedUnit"]) == ("5100", "rows")
    assert used["PublisherName"] == market.seller.name


def test_every_mandatory_column_is_there_and_filled_where_it_must_be(market: Market) -> None:
    subscription = a_subscription(market)
    send(market, an_event(subscription, 1, quantity=5_100))
    billing.run_due(now=CLOSED)
    for row in costs(market):
        assert set(row) >= MANDATORY
        for name in MANDATORY - MAY_BE_EMPTY:
            assert row[name], name
        if row["ChargeCategory"] in {"Usage", "Purchase"}:
            assert row["PricingQuantity"], row
        if row["ChargeCategory"] == "Tax":
            assert not row["PricingQuantity"], row
        assert row["ChargeClass"] in {"", "Correction"}
        assert row["BillingPeriodStart"].endswith("Z")


def test_a_period_that_is_not_billed_yet_has_its_lines_without_an_invoice(market: Market) -> None:
    subscription = a_subscription(market)
    send(market, an_event(subscription, 1, quantity=300))
    rows = costs(market)
    assert total(rows, "Usage") == 2
    assert total(rows, "Usage", "Adjustment") == 10  # the plan's minimum
    assert {row["InvoiceId"] for row in rows} == {""}


def test_late_use_is_a_correction_in_its_own_period(market: Market) -> None:
    subscription = a_subscription(market)
    send(market, an_event(subscription, 1, quantity=5_100))
    billing.run_due(now=CLOSED)
    send(market, an_event(subscription, 2, quantity=1_000), at=CLOSED)
    late = [row for row in costs(market) if row["ChargeClass"] == "Correction"]
    assert [row["BilledCost"] for row in late] == ["10.00"]
    assert late[0]["ChargePeriodStart"] < late[0]["BillingPeriodStart"]


def test_a_bill_whose_lines_do_not_sum_to_it_is_not_made_and_finance_is_told_why(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = a_subscription(market)
    send(market, an_event(subscription, 1, quantity=5_100))
    whole = focus.lines_of
    monkeypatch.setattr(focus, "lines_of", lambda bill: whole(bill)[1:])
    billing.run_due(now=CLOSED)
    assert not UsageBill.objects.exists()
    stuck = Difference.objects.get(kind=DifferenceKind.BILL_STUCK)
    assert stuck.subject == subscription.order.public_id
    assert "50.00" in stuck.detail
    monkeypatch.undo()
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.get().net == Money(5000, "CNY")
    stuck.refresh_from_db()
    assert stuck.state == "resolved"


def test_more_periods_take_no_more_statements_of_the_database_once_they_are_billed(
    market: Market,
) -> None:
    asked = []
    for _number in range(2):
        subscription = a_subscription(market)
        send(market, an_event(subscription, 1, quantity=5_100))
        billing.run_due(now=CLOSED)
        with CaptureQueriesContext(connection) as queries:
            list(focus.csv_of(market.buyer.pk, begins_at=DAY, ends_at=CLOSED, provider="x"))
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 4


def test_the_buyer_takes_the_file_from_the_page_and_the_seller_has_none_of_it(
    market: Market,
) -> None:
    subscription = a_subscription(market)
    month = f"{timezone.localtime(subscription.began_at):%Y-%m}"
    client = browser(market.agent, market.buyer)
    assert "Costs of a month" in shown(client, reverse("web:usage"))
    sent = client.get(reverse("web:usage_costs"), {"month": month})
    assert sent["Content-Disposition"] == f'attachment; filename="focus-{month}-provisional.csv"'
    assert client.get(reverse("web:usage_costs"), {"month": "2099-01"}).status_code == 409
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "Costs of a month" not in shown(seller, reverse("web:usage"))


def test_lines_that_a_plan_takes_off_are_credits_and_fixed_fees_are_purchases(
    market: Market,
) -> None:
    subscription = a_subscription(market, plan=RICH)
    send(market, an_event(subscription, 1, quantity=5_100))
    period = subscription.periods.get()
    lines = focus.lines_of(bills.drawn(period).document)
    assert {line.category.value for line in lines} == {"Usage", "Purchase", "Credit"}
    assert sum(line.amount.minor for line in lines) == bills.drawn(period).due.minor
