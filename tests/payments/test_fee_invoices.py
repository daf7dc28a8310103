"""The exchange's invoices for its fees: each fee on one document, to the minor unit what was booked."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse

from exchange.audit import agreement
from exchange.core.lifecycle import Named
from exchange.journeys import acceptance
from exchange.ledger import months
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import chart, fee_invoices, fees, journal, order_refunds, tax_reports
from exchange.payments.fee_invoices import _Sale
from exchange.payments.journal import Books, period
from exchange.payments.lifecycle import DifferenceKind, DifferenceState, DocumentKind
from exchange.payments.models import Difference, Document, FeeLine
from exchange.web.documents.money import numbered_document
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_statements import OVER, SOLD_IN, a_market_of, owe
from tests.races.test_order_races import at_once
from tests.web.buyers import browser, shown

CLOCK = Named("system:clock")
NEXT = months.bounds(SOLD_IN)[1] + timedelta(days=1)
NEXT_OVER = months.bounds(NEXT.date().replace(day=1))[1] + timedelta(hours=2)


@pytest.fixture
def market(db: None) -> Market:
    """An exchange whose fee of 2 percent bears a tax of 6."""
    market = a_market()
    amend(key=fees.TAX, value="0.06", valid_from=DAY, now=DAY)
    return market


def settled(market: Market, yuan: int = 100, at: datetime = DAY) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=at)
    return order


def give_back(order: Order, minor: int, at: datetime = DAY) -> None:
    with transaction.atomic():
        order_refunds.refund(
            ORDER.lock(order.public_id), amount=Money(minor, "CNY"), reason="A part.",
            actor=Named("test:1"), now=at,
        )  # fmt: skip


def issue(at: datetime = OVER) -> int:
    return fee_invoices.run_due(actor=CLOCK, now=at)


def the(number: str) -> Mapping[str, Any]:
    return dict(Document.objects.get(number=number).content)


def differences() -> list[str]:
    return list(fee_invoices.differing(is_deep=True))


def booked() -> int:
    """What the exchange has of fees, with their tax."""
    return money.on(chart.fee("CNY")) + money.on(chart.fee_tax("CNY"))


def test_a_month_is_invoiced_once_it_is_over_sale_by_sale(market: Market) -> None:
    first, second = settled(market, 100), settled(market, 50)
    assert issue(DAY) == 0
    assert issue() == 1
    assert issue() == 0
    said = the("FI-2026-000001")
    assert [(one["order"], one["amount_minor"]) for one in said["lines"]] == [
        (first.public_id, 200), (second.public_id, 100),
    ]  # fmt: skip
    assert said["taxes"] == [{"percent": "6", "net_minor": 300, "tax_minor": 18}]
    amounts = [said[f"{name}_minor"] for name in ("net", "tax", "rounding", "total")]
    assert amounts == [300, 18, 0, 318]
    assert said["total_minor"] == booked()
    assert said["receiver"]["name"] == market.seller.name
    assert said["issuer"]["name"] == market.exchange.organisation.name
    assert differences() == []


def test_fees_of_months_before_there_were_documents_stand_on_none(market: Market) -> None:
    before = settled(market, 100)
    upgrade = import_module("exchange.payments.migrations.0028_fees_before_there_were_documents")
    began_at = months.bounds(SOLD_IN)[1]
    with connection.cursor() as cursor:
        for _again in range(2):
            cursor.execute(upgrade.TAKE_DOWN, {"begins_at": began_at})
    assert issue() == 0
    since = settled(market, 50, at=NEXT)
    assert issue(NEXT_OVER) == 1
    said = the("FI-2026-000001")
    assert [(one["order"], one["amount_minor"]) for one in said["lines"]] == [
        (since.public_id, 100)
    ]
    assert differences() == []
    for month in (SOLD_IN, NEXT.date()):
        (report,) = tax_reports.reports(period(f"{month:%Y-%m}", now=NEXT_OVER))
        assert report.fees_agree
    give_back(
        before, 10600, NEXT_OVER
    )  # a fee that no document charged is given back by one that names none
    assert issue(months.bounds(NEXT_OVER.date().replace(day=1))[1] + timedelta(hours=2)) == 1
    note = the("FC-2026-000001")
    assert (note["total_minor"], "corrects" in note["lines"][0]) == (212, False)
    with pytest.raises(Error), transaction.atomic():
        FeeLine.objects.filter(is_earlier=True).update(is_earlier=False)


def test_the_tax_is_that_of_the_whole_net_and_the_rest_is_rounding(market: Market) -> None:
    for _number in range(3):
        settled(market, 12)  # each: a fee of 0.24 and a tax of 0.0144
    issue()
    said = the("FI-2026-000001")
    assert (said["net_minor"], said["tax_minor"], said["rounding_minor"]) == (72, 4, -1)
    assert said["total_minor"] == booked() == 75
    (report,) = tax_reports.reports(period(f"{SOLD_IN:%Y-%m}", now=OVER))
    assert report.invoiced is not None
    assert (report.invoiced.tax.minor, report.invoiced.rounding.minor) == (4, -1)
    assert report.fees_agree
    rows = numbered_document(Document.objects.get(kind=DocumentKind.FEE_INVOICE)).tables[2].rows
    assert ("Rounding", "-CN¥0.01") in [tuple(row) for row in rows]


def test_what_was_given_back_is_on_a_credit_note_that_names_the_invoice(market: Market) -> None:
    kept, returned = settled(market), settled(market)
    give_back(returned, 5300)
    assert issue() == 2
    note = the("FC-2026-000001")
    assert (note["net_minor"], note["tax_minor"], note["total_minor"]) == (100, 6, 106)
    assert [one["corrects"] for one in note["lines"]] == ["FI-2026-000001"]
    give_back(kept, 10600, NEXT)
    give_back(returned, 5300, NEXT)
    assert issue(NEXT_OVER) == 1
    later = Document.objects.get(number="FC-2026-000002")
    assert later.content["total_minor"] == 212 + 106
    assert later.corrects == Document.objects.get(number="FI-2026-000001")
    assert booked() == 0
    assert differences() == []


def test_what_was_refunded_before_the_release_was_never_charged(market: Market) -> None:
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    give_back(order, 5300)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert issue() == 1
    assert the("FI-2026-000001")["total_minor"] == 106 == booked()


def test_a_fee_without_tax_says_so(market: Market) -> None:
    later = DAY + timedelta(hours=1)
    amend(key=fees.TAX, value="0", valid_from=later, now=DAY)
    order = market.order(market.offer(100), at=later)
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=later)
    settled(market)
    issue()
    assert the("FI-2026-000001")["taxes"] == [
        {"percent": "0", "net_minor": 200, "tax_minor": 0},
        {"percent": "6", "net_minor": 200, "tax_minor": 12},
    ]


def test_what_comes_to_light_of_an_invoiced_month_waits_for_the_next(market: Market) -> None:
    settled(market)
    issue()
    late = settled(market, 50)
    assert issue() == 0
    assert issue(NEXT_OVER) == 1
    said = the("FI-2026-000002")
    assert said["month"] == f"{NEXT:%Y-%m}"
    assert [one["order"] for one in said["lines"]] == [late.public_id]
    assert differences() == []


def test_a_tax_of_no_rate_is_not_invoiced_until_it_is_explained(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(market)
    with monkeypatch.context() as changed:
        changed.setattr(_Sale, "percent", "19")
        assert issue() == 0
        assert issue() == 0
    assert not Document.objects.filter(kind__in=fee_invoices.KINDS).exists()
    difference = Difference.objects.get(kind=DifferenceKind.FEE_STUCK)
    assert difference.subject == market.seller.public_id
    assert "no invoice is issued" in difference.detail
    assert issue() == 1
    difference.refresh_from_db()
    assert difference.state == DifferenceState.RESOLVED


def test_money_on_the_account_of_fees_that_is_of_no_sale_is_found(market: Market) -> None:
    settled(market)
    owe(market, 700, DAY)
    settled(market)
    issue()
    (found,) = differences()
    assert found == f"account {chart.fee('CNY')} comes to 400, and 1100 were booked"
    assert "payments.fees" in agreement._checks


def test_a_line_stays_on_its_document(market: Market) -> None:
    settled(market)
    issue()
    line = FeeLine.objects.first()
    assert line is not None
    for change in ({"document": None}, {"amount_minor": 1}):
        with pytest.raises(Error), transaction.atomic():
            FeeLine.objects.filter(pk=line.pk).update(**change)


def test_lines_beyond_the_most_are_summed_and_stand_in_the_csv(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    for yuan in (100, 200, 300):
        settled(market, yuan)
    monkeypatch.setattr(fee_invoices, "LINES_MAX", 1)
    monkeypatch.setattr(fee_invoices, "CSV_STEP", 1)
    issue()
    document = Document.objects.get(kind=DocumentKind.FEE_INVOICE)
    assert (document.content["lines_left_out"], document.content["left_out_minor"]) == (2, 1000)
    rows = list(csv.DictReader("".join(fee_invoices.csv_of(document)).splitlines()))
    assert [(row["net"], row["tax"]) for row in rows] == [
        ("2.00", "0.12"), ("4.00", "0.24"), ("6.00", "0.36"),
    ]  # fmt: skip


def test_the_exchanges_journal_names_the_invoice_and_its_tax_once(market: Market) -> None:
    settled(market)
    give_back(settled(market), 10600)
    issue()
    of = period(f"{SOLD_IN:%Y-%m}", now=OVER)
    rows = list(csv.DictReader("".join(journal.csv_of(Books(None), of)).splitlines()))
    own = [row for row in rows if row["account"].startswith("fee")]
    assert {row["document"] for row in own} == {"FI-2026-000001", "FC-2026-000001"}
    fees_taxed = [row for row in rows if row["document"][:3] in {"FI-", "FC-"} and row["net"]]
    assert [Decimal(row["net"]) for row in fees_taxed] == [4, 2]
    mine = "".join(journal.csv_of(Books(market.buyer), of))
    assert "FI-2026" not in mine


def test_the_seller_is_told_reads_prints_and_downloads(market: Market) -> None:
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    give_back(settled(market), 5300)
    issue()
    told = set(Notice.objects.filter(user=owner).values_list("kind", "url"))
    for kind in ("fee_invoice", "fee_credit_note"):
        assert (f"payments.{kind}.issued", reverse("web:statements")) in told
    seller, buyer = browser(owner, market.seller), browser(market.agent, market.buyer)
    listed = shown(seller, reverse("web:statements"))
    for number, total in (("FI-2026-000001", "CN¥2.12"), ("FC-2026-000001", "CN¥1.06")):
        assert number in listed
        assert total in listed
        assert total in shown(seller, reverse("web:numbered_document", args=[number, "html"]))
        pdf = seller.get(reverse("web:numbered_document", args=[number, "pdf"]))
        assert pdf.content.startswith(b"%PDF")
        for form in ("html", "csv"):
            address = reverse("web:numbered_document", args=[number, form])
            assert buyer.get(address).status_code == 404
        lines = seller.get(reverse("web:numbered_document", args=[number, "csv"]))
        assert lines["Content-Disposition"] == f'attachment; filename="{number}.csv"'
    month = {"month": f"{SOLD_IN:%Y-%m}"}
    assert (
        "Service fees by invoices, with tax"
        in seller.get(reverse("web:tax"), month).content.decode()
    )


def test_the_console_lists_them_and_leads_to_each_form(market: Market, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    settled(market)
    issue()
    finance = browser(market.exchange.staff(Role.EXCHANGE_FINANCE, 1), market.exchange.organisation)
    page = shown(finance, reverse("console:payments_document_changelist"))
    assert "FI-2026-000001" in page
    assert "ST-2026" not in page
    document = Document.objects.get(kind=DocumentKind.FEE_INVOICE)
    page = shown(finance, reverse("console:payments_document_change", args=[document.pk]))
    for form in ("html", "pdf", "csv"):
        address = reverse("web:numbered_document", args=["FI-2026-000001", form])
        assert address in page
        assert finance.get(address).status_code == 200


def test_another_sellers_fees_are_on_its_own_invoice(market: Market) -> None:
    other = a_market_of(market)
    settled(market)
    settled(other, 50)
    assert issue() == 2
    numbers = Document.objects.filter(kind=DocumentKind.FEE_INVOICE).values_list("number")
    assert sorted(number for (number,) in numbers) == ["FI-2026-000001", "FI-2026-000002"]
    assert (
        Document.objects.filter(kind=DocumentKind.FEE_INVOICE, receiver=other.seller).count() == 1
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_clocks_issue_each_document_once() -> None:
    market = a_market()
    amend(key=fees.TAX, value="0.06", valid_from=DAY, now=DAY)
    orders = [settled(market) for _number in range(4)]
    give_back(orders[0], 5300)
    issued: list[int] = []
    assert at_once(*[lambda: issued.append(issue())] * 4) == ["done"] * 4
    assert sum(issued) == 2
    assert Document.objects.filter(kind__in=fee_invoices.KINDS).count() == 2
    assert not FeeLine.objects.filter(document=None).exists()
    assert the("FI-2026-000001")["total_minor"] - the("FC-2026-000001")["total_minor"] == booked()
    assert differences() == []
