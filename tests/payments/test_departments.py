"""Departments: a split of the organisation's own proceeds by month, which sums to the unit."""

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from exchange.audit.models import Record
from exchange.core.lifecycle import Named
from exchange.core.periods import after_months
from exchange.core.refusals import NotAllowed
from exchange.journeys import acceptance
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import departments, order_refunds
from exchange.payments.departments import DepartmentRequest, DepartmentsRefused
from exchange.payments.models import Department, DepartmentSplit
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.sharing import a_receiver, agreed, part
from tests.payments.test_payouts import LATER, run
from tests.web.buyers import browser, shown

CNY = "CNY"
MONTH = timezone.localtime(DAY).date().replace(day=1)
JOINING = """
    INSERT INTO payments_department (split_id, position, name, percent)
    SELECT split_id, 9, 'More', 1 FROM payments_department LIMIT 1
"""
THREE = (("Unit", "33.3333"), ("Platform", "33.3333"), ("Personnel fund", "33.3334"))


@pytest.fixture
def market() -> Market:
    return a_market()


def split(market: Market, *rows: tuple[str, str], at: datetime = DAY) -> DepartmentSplit:
    asked = [DepartmentRequest(name, Decimal(percent)) for name, percent in rows]
    return departments.set_split(asked, actor=market.selling, now=at)


def sold(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    return acceptance.accept(order.public_id, actor=market.buying, now=DAY)


def amounts(market: Market, month: date = MONTH) -> dict[str, int]:
    found = departments.month_of(market.seller.pk, month)
    return {row.name: row.amount.minor for one in found for row in one.parts}


@given(
    minor=st.integers(-(10**12), 10**12),
    cuts=st.lists(st.integers(1, 999_999), min_size=0, max_size=11, unique=True),
)
def test_the_parts_of_a_month_are_its_proceeds_to_the_unit(minor: int, cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), 1_000_000]
    made = DepartmentSplit(pk=1)
    rows = [
        Department(name=f"D{at}", percent=Decimal(after - before) / 10_000)
        for at, (before, after) in enumerate(pairwise(ends))
    ]
    made._prefetched_objects_cache = {"departments": rows}  # type: ignore[attr-defined]  # as read
    parts = list(departments._divided(Money(minor, CNY), made))
    assert sum(part.amount.minor for part in parts) == minor
    for row, one in zip(rows, parts, strict=True):
        assert abs(one.amount.minor - minor * row.percent / 100) < 1


@pytest.mark.django_db
def test_what_is_earned_is_divided_and_what_is_given_back_is_too(market: Market) -> None:
    split(market, *THREE)
    order = sold(market)
    assert amounts(market) == {"Unit": 3267, "Platform": 3266, "Personnel fund": 3267}
    order_refunds.refund(
        ORDER.lock(order.public_id), amount=Money(5300, CNY), reason="half", actor=Named("test:1"),
        now=DAY,
    )  # fmt: skip
    assert sum(amounts(market).values()) == 4900
    assert money.books_are_sound()


@pytest.mark.django_db
def test_payouts_and_clearing_change_nothing_of_the_proceeds(market: Market) -> None:
    split(market, ("Unit", "60"), ("Platform", "40"))
    sold(market)
    money.an_account(market)
    assert run(market).amount_minor == 9800
    assert amounts(market) == {"Unit": 5880, "Platform": 3920}
    assert amounts(market, timezone.localtime(LATER).date().replace(day=1)) in (
        {}, {"Unit": 5880, "Platform": 3920},
    )  # fmt: skip


@pytest.mark.django_db
def test_who_shares_in_anothers_sale_divides_its_own_part(market: Market) -> None:
    institute = a_receiver(market.exchange)
    offer = market.offer(100)
    agreed(offer.product, "70", part(institute, "30"))
    owner = acting(accounts.owner_of(institute), institute)
    departments.set_split(
        [DepartmentRequest("Lab", Decimal(50)), DepartmentRequest("Fund", Decimal(50))],
        actor=owner, now=DAY,
    )  # fmt: skip
    order = market.order(offer)
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    (month,) = departments.month_of(institute.pk, MONTH)
    assert [row.amount.minor for row in month.parts] == [1470, 1470]


@pytest.mark.django_db
def test_a_change_holds_from_the_next_month_and_the_month_keeps_its_split(market: Market) -> None:
    first = split(market, ("Unit", "100"))
    assert split(market, ("Unit", "100")) == first
    second = split(market, ("Unit", "50"), ("Platform", "50"))
    assert (first.holds_from, second.holds_from) == (MONTH, after_months(MONTH, 1))
    sold(market)
    assert amounts(market) == {"Unit": 9800}
    assert departments.split_of_month(market.seller.pk, after_months(MONTH, 1)) == second
    assert departments.month_of(market.seller.pk, after_months(MONTH, -1)) == []
    assert Record.objects.filter(event="payments.department_split.set").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("Unit", "99.9999"),),
        (("Unit", "50"), ("Unit", "50")),
        (("", "100"),),
        (("Unit", "100"), ("Platform", "0")),
        (("Unit", "33.33333"), ("Platform", "66.66667")),
    ],
)
def test_departments_that_are_not_the_whole_are_refused(
    market: Market, rows: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(DepartmentsRefused):
        split(market, *rows)
    assert not DepartmentSplit.objects.exists()


@pytest.mark.django_db
def test_who_does_not_answer_for_the_money_sets_nothing(market: Market) -> None:
    plain = acting(accounts.a_member(market.seller), market.seller)
    with pytest.raises(NotAllowed):
        departments.set_split([DepartmentRequest("Unit", Decimal(100))], actor=plain, now=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_department SET percent = 50",
        "DELETE FROM payments_department",
        "UPDATE payments_departmentsplit SET holds_from = '2020-01-01'",
        JOINING,
    ],
)
def test_plain_sql_cannot_change_a_split(market: Market, change: str) -> None:
    split(market, ("Unit", "100"))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{change}; SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_the_page_sets_the_split_and_shows_and_downloads_the_month(market: Market) -> None:
    sold(market)
    seller = browser(accounts.owner_of(market.seller), market.seller)
    page = f"{reverse('web:departments')}?month={MONTH:%Y-%m}"
    assert "No split holds for this month." in shown(seller, page)
    form = {"name_1": "Unit", "percent_1": "60", "name_2": "Security", "percent_2": "30"}
    refused = seller.post(reverse("web:departments"), form)
    assert refused.status_code == 422
    assert "sum to 90" in refused.content.decode()
    split(market, ("Unit", "60"), ("Security", "40"))
    told = shown(seller, page)
    assert "58.80" in told
    assert "39.20" in told
    assert seller.get(f"{reverse('web:departments_csv')}?month={MONTH:%Y-%m}").status_code == 200
    lines = "".join(departments.csv_of(market.seller.pk, MONTH))
    assert f"{MONTH:%Y-%m},CNY,Security,40,39.20,1" in lines
    assert seller.post(reverse("web:departments"), form | {"percent_2": "40"}).status_code == 302
    assert seller.get(f"{reverse('web:departments')}?month=nonsense").status_code == 200
