"""Why a seller's money is not paid yet: each thing that it can wait for, on the pages and for programs."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exchange.core.lifecycle import Named
from exchange.disputes import opening
from exchange.journeys import acceptance
from exchange.ledger.entries import EntryRequest, Posting
from exchange.members import approvals
from exchange.members.models import Admission
from exchange.orders.models import Order
from exchange.payments import by_hand, chart, payout_files, payouts, reactions, unpaid
from exchange.payments.gateway.sandbox import outgoing, store
from exchange.payments.lifecycle import PayoutAccountState
from exchange.payments.models import Payment, Payout, PayoutAccount
from exchange.payments.unpaid import Reason, Why
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.ledger import cny
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_payout_files import approver, clerk
from tests.payments.test_payouts import LATER, earnings, run, sold
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def whys_of_order(market: Market, order: Order, at: datetime = DAY) -> list[str]:
    (row,) = unpaid.held_of(market.seller.pk)
    assert row == order
    reasons = unpaid.of_seller(market.seller.pk, now=at, orders=[row])
    return [str(reason.why) for reason in reasons.for_order(row)]


def whys_of_available(market: Market, at: datetime = LATER, currency: str = "CNY") -> list[str]:
    reasons = unpaid.of_seller(market.seller.pk, now=at)
    return [str(reason.why) for reason in reasons.for_available(currency)]


def whys_of_sale(market: Market, at: datetime = LATER) -> list[str]:
    (line,) = earnings(market, at)
    return [str(reason.why) for reason in line.waits_for]


def whys_of(payout: Payout) -> list[str]:
    payout.refresh_from_db()
    reasons = unpaid.of_seller(payout.organisation_id, now=LATER)
    return [str(reason.why) for reason in reasons.for_payout(payout)]


def test_an_order_waits_for_inspection_then_for_a_dispute(market: Market) -> None:
    order = market.delivered()
    assert whys_of_order(market, order) == ["inspection"]
    (balances,) = unpaid.of_seller(market.seller.pk, now=DAY).balances
    assert [balances.held.minor, balances.pending.minor, balances.available.minor] == [10600, 0, 0]
    opening.open_dispute(
        order.public_id, actor=market.buying, kind="not_delivered", reason="No file.", now=DAY
    )
    assert whys_of_order(market, order) == ["objected"]
    market.exchange.suspend(Admission.objects.get(organisation=market.buyer))
    assert whys_of_order(market, order) == ["objected", "suspended"]


def test_an_order_under_chargeback_says_so(market: Market) -> None:
    order = market.delivered()
    Payment.objects.update(disputed_minor=600)
    assert whys_of_order(market, order) == ["chargeback"]
    (row,) = unpaid.held_of(market.seller.pk)
    assert unpaid.left_of(row) == cny(10000)


def test_money_near_the_providers_limit_says_until_when(market: Market, settings: Settings) -> None:
    order = market.delivered()
    Payment.objects.update(provider="stripe")
    settings.PAYMENT_PROVIDER, settings.STRIPE_COUNTRY = "stripe", "SG"
    near = DAY + money.days(75)
    assert whys_of_order(market, order, near) == ["inspection", "holding_limit"]
    (row,) = unpaid.held_of(market.seller.pk)
    last = unpaid.of_seller(market.seller.pk, now=near, orders=[row]).for_order(row)[1]
    received = Payment.objects.get().received_at
    assert received is not None
    assert last.until == received + money.days(90)


def test_a_sale_waits_for_the_clearing_time_an_account_and_the_run(market: Market) -> None:
    sold(market)
    assert whys_of_sale(market, DAY) == ["clearing"]
    assert earnings(market)[0].paid_on is None
    assert (run_without_payouts(market), whys_of_sale(market)) == (0, ["no_account"])
    account = money.an_account(market)
    assert whys_of_sale(market) == ["next_run"]
    assert earnings(market, LATER)[0].paid_on == timezone.localtime(LATER).date()
    PayoutAccount.objects.update(state=PayoutAccountState.PENDING)
    assert whys_of_sale(market) == ["account_unverified"]
    PayoutAccount.objects.update(state=PayoutAccountState.READY, currency="EUR")
    assert whys_of_sale(market) == ["account_currency"]
    PayoutAccount.objects.update(currency=account.currency)
    market.exchange.suspend(Admission.objects.get(organisation=market.seller))
    assert whys_of_sale(market) == ["suspended", "next_run"]


def run_without_payouts(market: Market) -> int:
    return reactions.run_due(now=LATER)["payouts"]


def test_less_than_the_least_waits_for_more_and_what_is_owed_is_taken_first(
    market: Market,
) -> None:
    money.an_account(market)
    sold(market)
    amend(key=payouts.SMALLEST, value=9801, valid_from=DAY, now=DAY)
    assert run_without_payouts(market) == 0
    assert whys_of_available(market) == ["too_little"]
    sentence = unpaid.of_seller(market.seller.pk, now=LATER).for_available("CNY")[0].sentence
    assert sentence == "It is below the least that is paid out, CN¥98.01."
    owe(market, 9800)
    assert whys_of_available(market) == ["owed"]


def owe(market: Market, minor: int) -> None:
    accounts_of = chart.Chart(currency="CNY", actor=Named("test:1"), now=LATER)
    step = EntryRequest(
        debit=accounts_of.receivable(market.seller), credit=accounts_of.fee(), amount=cny(minor)
    )
    accounts_of.post(Posting(scope="test", key="owed", kind="test.owed", transfers=[step]))


def test_a_payout_by_the_provider_waits_for_its_balance_then_for_the_bank(market: Market) -> None:
    money.an_account(market)
    sold(market)
    store.add_line(kind="adjustment", source="test", currency="cny", amount=-10_000)
    first = run(market)
    assert whys_of(first) == ["at_provider"]
    money.work()
    assert whys_of(first) == ["provider_balance"]
    assert whys_of_sale(market) == ["provider_balance", "next_run"]
    store.add_line(kind="adjustment", source="test", currency="cny", amount=10_000)
    second = run(market, LATER + money.days(1))
    money.work()
    assert whys_of(second) == ["at_bank"]
    assert whys_of_sale(market) == ["at_bank"]
    outgoing.decide_payouts()
    money.settle_down()
    assert (whys_of(second), whys_of_sale(market)) == ([], [])
    assert earnings(market)[0].paid_on == second.run.run_date


def test_a_payout_by_bank_waits_for_its_file_and_for_a_second_person(
    market: Market, settings: Settings
) -> None:
    sold(market)
    settings.PAYMENT_PROVIDER = "none"
    money.an_account(market, number="DE89 3704 0044 0532 0130 00")
    payout = run(market)
    assert whys_of(payout) == ["payout_file"]
    file = payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    assert whys_of(Payout.objects.get()) == ["file_approval"]
    asked = by_hand.ask_about(
        by_hand.PAYOUT_FILE_APPROVED, file.public_id, actor=clerk(market), now=LATER
    )
    approvals.approve(asked.public_id, actor=approver(market), now=LATER)
    assert whys_of(Payout.objects.get()) == ["at_bank"]


def test_the_pages_and_the_programs_say_why_and_lead_to_the_account(
    market: Market, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "No money is held" in shown(seller, reverse("web:earnings_held"))
    order = market.delivered(2500)
    held = shown(seller, reverse("web:earnings_held"))
    assert "CN¥2,650.00" in held
    assert "The buyer may inspect the delivery until" in held
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert "The clearing time ends on 5 Mar 2026, 24:00 (+08:00)." in shown(
        seller, reverse("web:earnings")
    )
    assert run_without_payouts(market) == 0
    earned = shown(seller, reverse("web:earnings"))
    assert "Why the available part is not paid yet" in earned
    assert f'href="{reverse("web:payout_account")}?currency=CNY"' in earned
    (row,) = seller.get("/api/v1/balances").json()["results"]
    assert (row["currency"], row["available_minor"]) == ("CNY", 245000)
    assert [reason["why"] for reason in row["waits_for"]] == [Why.NO_ACCOUNT]


def test_a_run_is_named_by_its_day_and_a_time_that_ends_by_its_last_day() -> None:
    midnight = datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert Reason(Why.NEXT_RUN, until=midnight).sentence.endswith("on 6 Mar 2026.")
    assert Reason(Why.CLEARING, until=midnight).sentence.endswith("on 5 Mar 2026, 24:00 (+08:00).")


def test_an_account_is_named_for_each_currency(market: Market, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    seller = browser(accounts.owner_of(market.seller), market.seller)
    address = f"{reverse('web:payout_account')}?currency=KWD"
    assert '<option value="KWD" selected>' in shown(seller, address)
    said = {"currency": "KWD", "holder": "Pipeline Data", "number": money.NUMBER}
    assert seller.post(address, said)["Location"] == reverse("web:payouts")
    money.an_account(market)
    assert {row.currency for row in PayoutAccount.objects.exclude(state="closed")} == {"KWD", "CNY"}
    page = shown(seller, reverse("web:payouts"))
    assert "CNY" in page
    assert "KWD" in page
