"""Finance holds a seller's payouts back: two do it, the run passes the seller over, and two let them go."""

import json
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django import Settings

from exchange.audit.models import Record
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import approvals
from exchange.members.models import ApprovalRequest
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.payments import payout_files, payout_holds, reactions, unpaid
from exchange.payments.errors import NothingToPayOut
from exchange.payments.hold_lifecycle import PayoutHoldState
from exchange.payments.lifecycle import PayoutState
from exchange.payments.models import Payout, PayoutHold, PayoutRun
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_payout_files import approver, clerk
from tests.payments.test_payouts import LATER, run, sold
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
WHY = "The papers of this seller are looked at."


@pytest.fixture
def market() -> Market:
    return a_market()


def held(market: Market, currency: str = "CNY") -> PayoutHold:
    request = payout_holds.ask_to_hold(
        market.seller.public_id, currency=currency, actor=clerk(market), reason=WHY, now=DAY
    )
    approvals.approve(request.public_id, actor=approver(market), now=DAY)
    return PayoutHold.objects.latest("pk")


def let_go(market: Market, hold: PayoutHold) -> None:
    request = payout_holds.ask_to_release(
        hold.public_id, actor=approver(market), reason="It is in order.", now=LATER
    )
    approvals.approve(request.public_id, actor=clerk(market), now=LATER)


def whys(market: Market) -> list[str]:
    reasons = unpaid.of_seller(market.seller.pk, now=LATER)
    return [str(one.why) for one in reasons.for_available("CNY")]


def test_the_run_passes_the_seller_over_until_two_let_it_go(market: Market) -> None:
    money.an_account(market)
    sold(market)
    hold = held(market)
    assert (hold.asked_by_id, hold.held_by_id) == (clerk(market).user_id, approver(market).user_id)
    reactions.run_due(now=LATER)
    assert PayoutRun.objects.get().payouts_count == 0
    assert not Payout.objects.exists()
    assert whys(market) == ["payout_held"]
    (balances,) = unpaid.of_seller(market.seller.pk, now=LATER).balances
    assert balances.available.minor == 9800
    assert WHY in balances.waits_for[0].sentence
    let_go(market, hold)
    payout = run(market, LATER + money.days(1))
    assert (payout.state, payout.amount_minor) == (PayoutState.PROMISED, 9800)
    money.work()
    payout.refresh_from_db()
    assert payout.state == PayoutState.SENT
    with pytest.raises(IllegalTransition):
        let_go(market, hold)


def test_what_was_promised_and_not_asked_for_yet_is_taken_back(market: Market) -> None:
    money.an_account(market)
    sold(market)
    payout = run(market)
    held(market)
    money.work()
    payout.refresh_from_db()
    assert (payout.state, payout.failure) == (PayoutState.REFUSED, "payout_held")
    assert whys(market) == ["payout_held"]


def test_what_waits_for_a_file_of_the_bank_waits_on(market: Market, settings: Settings) -> None:
    sold(market)
    settings.PAYMENT_PROVIDER = "none"
    money.an_account(market, number="DE89 3704 0044 0532 0130 00")
    payout = run(market)
    hold = held(market)
    with pytest.raises(NothingToPayOut):
        payout_files.make(currency="CNY", actor=clerk(market), now=LATER)
    reasons = unpaid.of_seller(market.seller.pk, now=LATER).for_payout(payout)
    assert [str(one.why) for one in reasons] == ["payout_held", "payout_file"]
    let_go(market, hold)
    assert payout_files.make(currency="CNY", actor=clerk(market), now=LATER).payouts_count == 1


def test_another_currency_is_paid(market: Market) -> None:
    money.an_account(market)
    sold(market)
    held(market, "EUR")
    assert run(market).state == PayoutState.PROMISED


def test_one_alone_holds_nothing_and_nobody_else_does(market: Market) -> None:
    request = payout_holds.ask_to_hold(
        market.seller.public_id, currency="CNY", actor=clerk(market), reason=WHY, now=DAY
    )
    with pytest.raises(NotAllowed) as own:
        approvals.approve(request.public_id, actor=clerk(market), now=DAY)
    assert own.value.facts["reason"] == "own_making"
    with pytest.raises(NotAllowed) as alone:
        payout_holds.hold(
            market.seller.public_id, currency="CNY", actor=clerk(market), reason=WHY, now=DAY
        )
    assert alone.value.facts["reason"] == "second_person_needed"
    with pytest.raises(NotAllowed):
        payout_holds.ask_to_hold(
            market.seller.public_id, currency="EUR", actor=market.exchange.proposer, reason=WHY,
            now=DAY,
        )  # fmt: skip
    with pytest.raises(NotFound):
        payout_holds.ask_to_hold(
            "org_nobody", currency="EUR", actor=clerk(market), reason=WHY, now=DAY
        )
    assert not PayoutHold.objects.exists()


def test_held_twice_is_refused_and_the_seller_reads_why(market: Market) -> None:
    a_role(market.seller, accounts.owner_of(market.seller), Role.FINANCE)
    held(market)
    with pytest.raises(payout_holds.PayoutsHeld):
        held(market)
    told = Notice.objects.filter(kind="payments.payout_hold.made")
    assert told.exists()
    assert {one.facts["reason"] for one in told} == {WHY}
    record = Record.objects.get(event="payments.payout_hold.made")
    facts = json.loads(bytes(record.canonical))["facts"]
    assert (facts["currency"], facts["organisation"]) == ("CNY", market.seller.public_id)


def test_the_sellers_money_page_says_why(market: Market, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    money.an_account(market)
    sold(market)
    held(market)
    reactions.run_due(now=LATER)
    page = shown(browser(accounts.owner_of(market.seller), market.seller), reverse("web:earnings"))
    assert WHY in page


def test_finance_asks_at_the_account_and_approves_on_its_page(
    market: Market, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    account = money.an_account(market)
    house = market.exchange.organisation
    first = browser(market.exchange.staff(Role.EXCHANGE_FINANCE, 1), house)
    second = browser(market.exchange.staff(Role.EXCHANGE_FINANCE, 2), house)
    address = reverse("console:payments_payoutaccount_hold", args=[account.pk])
    assert "reads your reason" in first.get(address).content.decode()
    assert first.post(address, {"reason": WHY}).status_code == 302
    asked = ApprovalRequest.objects.latest("pk")
    approve = reverse("console:members_approvalrequest_approve", args=[asked.pk])
    assert second.post(approve, {"sent": "1"}).status_code == 302
    hold = PayoutHold.objects.get()
    page = first.get(reverse("console:payments_payouthold_change", args=[hold.pk]))
    assert WHY in page.content.decode()
    release = reverse("console:payments_payouthold_release", args=[hold.pk])
    assert first.post(release, {"reason": "The papers are in order."}).status_code == 302
    asked = ApprovalRequest.objects.latest("pk")
    approve = reverse("console:members_approvalrequest_approve", args=[asked.pk])
    assert second.post(approve, {"sent": "1"}).status_code == 302
    hold.refresh_from_db()
    assert hold.state == PayoutHoldState.RELEASED


def deleted(hold: PayoutHold) -> None:
    PayoutHold.objects.filter(pk=hold.pk).delete()


def rewritten(hold: PayoutHold) -> None:
    PayoutHold.objects.filter(pk=hold.pk).update(reason="Another.")


def released_by_one(hold: PayoutHold) -> None:
    PayoutHold.objects.filter(pk=hold.pk).update(
        state=PayoutHoldState.RELEASED, released_at=LATER, released_by=hold.held_by,
        release_asked_by=hold.held_by, release_reason="Alone.",
    )  # fmt: skip


@pytest.mark.parametrize("change", [deleted, rewritten, released_by_one])
def test_the_database_keeps_it(market: Market, change: Callable[[PayoutHold], None]) -> None:
    hold = held(market)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(hold)
