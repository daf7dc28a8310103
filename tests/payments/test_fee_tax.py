"""The service fee's own tax: reckoned from the fee shown, on an account of its own, given back with the fee."""

import pytest
from django.urls import reverse

from exchange.core.lifecycle import Named
from exchange.journeys import acceptance
from exchange.ledger.models import Transfer
from exchange.members.roles import Role
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import chart, fees, order_refunds, tax_reports
from exchange.payments.journal import period
from exchange.payments.models import Document, Settlement
from exchange.web.documents.money import numbered_document
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db

CNY = "CNY"


@pytest.fixture
def market() -> Market:
    """An exchange whose fee of 2 percent bears a tax of 6."""
    market = a_market()
    amend(key=fees.TAX, value="0.06", valid_from=DAY, now=DAY)
    return market


def bought(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    return order


def settled(market: Market, order: Order) -> Settlement:
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    return Settlement.objects.get(order=order)


def give_back(order: Order, minor: int) -> None:
    order_refunds.refund(
        ORDER.lock(order.public_id), amount=Money(minor, CNY), reason="A part.",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip


def sums(market: Market) -> tuple[int, int, int, int]:
    """What the seller has, and what is on the accounts of the tax, of the fee's own tax and of the fee."""
    codes = (chart.tax(CNY), chart.fee_tax(CNY), chart.fee(CNY))
    return money.pending(market), *map(money.on, codes)  # type: ignore[return-value]  # three


def test_the_tax_on_the_fee_is_booked_apart_and_shown_as_its_own_line(
    market: Market,
) -> None:
    order = bought(market)
    done = settled(market, order)
    assert (done.fee_minor, done.fee_tax_minor, done.pool_minor) == (212, 12, 9788)
    assert sums(market) == (9788, 600, 12, 200)
    assert Transfer.objects.get(kind="fee_tax").amount_minor == 12
    statement = numbered_document(Document.objects.get(kind="statement", order=order))
    rows = [tuple(row) for row in statement.tables[0].rows]
    assert rows[2:4] == [
        ("Service fee of the exchange", "-CN¥2.00"),
        ("Value-added tax on the service fee, 6 %", "-CN¥0.12"),
    ]
    said = {line.label: line.text for line in statement.lines}
    assert said["Service fee"] == "2 % of the net · plus 6 % value-added tax"
    assert money.books_are_sound()


def test_what_was_ordered_before_bears_none(market: Market) -> None:
    later = DAY + money.days(1)
    amend(key=fees.TAX, value="0", valid_from=later, now=DAY)
    order = market.order(market.offer(100), at=later)
    money.pay_by_card(market, order)
    done = settled(market, order)
    assert (done.fee_minor, done.fee_tax_minor) == (200, 0)
    statement = Document.objects.get(kind="statement", order=order)
    assert len(numbered_document(statement).tables[0].rows) == 4


def test_refunds_before_and_after_the_release_take_the_tax_with_the_fee(market: Market) -> None:
    order = bought(market)
    give_back(order, 5300)
    done = settled(market, order)
    given = (done.fee_refunded_minor, done.fee_tax_refunded_minor)
    assert (done.fee_minor, done.fee_tax_minor, given) == (212, 12, (106, 6))
    assert sums(market) == (4894, 300, 6, 100)
    give_back(order, 2650)
    assert sums(market) == (2447, 150, 3, 50)
    give_back(order, 2650)
    assert sums(market) == (0, 0, 0, 0)
    done.refresh_from_db()
    assert (done.fee_refunded_minor, done.fee_tax_refunded_minor) == (212, 12)
    assert money.books_are_sound()


def test_a_fee_of_all_that_was_paid_leaves_room_for_its_tax(market: Market) -> None:
    amend(key=fees.MINIMUM, value=50_000, valid_from=DAY + money.days(1), now=DAY)
    order = market.order(market.offer(100), at=DAY + money.days(1))
    money.pay_by_card(market, order)
    done = settled(market, order)
    assert (done.fee_minor, done.fee_tax_minor, done.pool_minor) == (10_000, 566, 0)
    give_back(order, 10_600)
    assert sums(market) == (0, 0, 0, 0)


def test_a_seller_sees_the_tax_before_and_after_it_sells(market: Market) -> None:
    order = bought(market)
    settled(market, order)
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller = browser(owner, market.seller)
    tried = seller.get(
        reverse("web:sell_simulate", args=[order.product.public_id]),
        {"source": "typed", "willing": "100 x 1"},
    ).content.decode()
    assert "97.88" in tried
    earned = seller.get(reverse("web:earnings")).content.decode()
    assert "with tax of CN¥0.12" in earned
    for page in (tried, earned):
        assert "plus 6 % value-added tax" in page
    shown = seller.get(reverse("web:order", args=[order.public_id])).content.decode()
    assert "Value-added tax on the service fee" in shown
    rows = seller.get(reverse("web:earnings_csv")).getvalue().decode().splitlines()
    assert ",106.00,6.00,2.12,97.88," in rows[1]
    assert rows[1].endswith(",0.12")


def test_the_tax_report_agrees_with_the_books_and_names_it_apart(market: Market) -> None:
    kept, returned = bought(market), bought(market)
    for order in (kept, returned):
        settled(market, order)
    give_back(returned, 5_300)
    month = period(f"{DAY:%Y-%m}", now=DAY)
    for seller in (None, market.seller):
        (report,) = tax_reports.reports(month, seller=seller)
        assert report.agrees
        assert (report.booked.minor, report.fee_tax.minor, report.fee.minor) == (900, 18, 300)
