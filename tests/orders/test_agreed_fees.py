"""Fees agreed with one seller: by two rule keepers without a tie, for a time, frozen with what is ordered."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from exchange.audit import agreement as rows
from exchange.audit.findings import Counts
from exchange.audit.models import Record
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.journeys import acceptance
from exchange.members import approvals, relations
from exchange.members.approvals import ProposerLeft
from exchange.members.models import ApprovalRequest, TieKind
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders import agreed_fees
from exchange.orders.agreed_fees import FeeNotPlanned, FeeNotRunning, FeeOverlaps
from exchange.orders.models import FeeAgreement, Order
from exchange.orders.terms import SME_DISCOUNT, renewed
from exchange.payments import fees
from exchange.payments.models import Document, Settlement
from exchange.web.documents.money import numbered_document
from tests.console.conftest import approve_newest
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.members import acting
from tests.factories.orders import DAY, Market, a_market
from tests.races.test_order_races import at_once
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db

LATER = DAY + money.days(10)
UNTIL = DAY + money.days(40)


@pytest.fixture
def market() -> Market:
    return a_market()


def asked_for(
    market: Market, seller: Organisation | None = None, **changes: Any
) -> ApprovalRequest:
    """What the first rule keeper asks: 1 percent, from LATER until UNTIL, but for what is given."""
    wanted: dict[str, Any] = {
        "rate": Decimal("0.01"), "currency": "CNY", "minimum_minor": 0, "cap_minor": 0,
        "valid_from": LATER, "valid_until": UNTIL, "reason": "A first year.",
    } | changes  # fmt: skip
    return approvals.ask(
        agreed_fees.AGREE, subject=(seller or market.seller).public_id,
        arguments=agreed_fees.arguments(**wanted),
        actor=market.exchange.acting_as(Role.RULE_KEEPER), now=DAY,
    )  # fmt: skip


def approved(market: Market, request: ApprovalRequest, *, now: datetime = DAY) -> ApprovalRequest:
    second = market.exchange.acting_as(Role.RULE_KEEPER, 2)
    return approvals.approve(request.public_id, actor=second, now=now)


def agreed(market: Market, *, now: datetime = DAY, **changes: Any) -> FeeAgreement:
    approved(market, asked_for(market, **changes), now=now)
    return FeeAgreement.objects.latest("pk")


def asked_to(
    market: Market, name: str, row: FeeAgreement, *, now: datetime, at: datetime | None = None
) -> ApprovalRequest:
    said = {"reason": "It is over.", "at": at.isoformat() if at else None}
    return approvals.ask(
        name, subject=row.public_id, arguments=said,
        actor=market.exchange.acting_as(Role.RULE_KEEPER), now=now,
    )  # fmt: skip


def done_to(market: Market, name: str, row: FeeAgreement, *, now: datetime, **asked: Any) -> None:
    approved(market, asked_to(market, name, row, now=now, **asked), now=now)
    row.refresh_from_db()


def fee_of(market: Market, order: Order) -> int:
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=UNTIL)
    return Settlement.objects.get(order=order).fee_minor


def test_orders_of_its_time_are_settled_by_it_and_no_others(market: Market) -> None:
    offer = market.offer(100)
    row = agreed(market, minimum_minor=30, cap_minor=5_000)
    orders = [market.order(offer, at=at) for at in (DAY, LATER, UNTIL - money.days(1), UNTIL)]
    assert [order.terms.get("fee") for order in orders] == [
        None,
        row.public_id,
        row.public_id,
        None,
    ]
    assert [fee_of(market, order) for order in orders] == [200, 100, 100, 200]
    assert money.books_are_sound()
    settled = Settlement.objects.get(order=orders[1])
    assert (settled.rule_version, settled.fee_rate) == (row.public_id, Decimal("0.01"))
    statement = Document.objects.get(kind="statement", order=orders[1])
    said = {line.label: line.text for line in numbered_document(statement).lines}
    assert said["Service fee"] == (
        "1 % of the net · as agreed with the seller · at least CN¥0.30 · at most CN¥50.00"
    )
    told = Notice.objects.filter(kind="orders.fee.agreed").values_list("facts", flat=True)
    assert {facts["percent"] for facts in told} == {"1"}


def test_what_is_agreed_is_paid_whatever_the_rules_spare_others(market: Market) -> None:
    Organisation.objects.filter(pk=market.seller.pk).update(sme=True)
    amend(key=SME_DISCOUNT, value="1", valid_from=DAY, now=DAY)
    agreed(market, valid_from=None, valid_until=None)
    assert fee_of(market, market.order(market.offer(100))) == 100


def test_an_order_keeps_the_fee_that_ended_since_and_its_renewal_does_not(market: Market) -> None:
    row = agreed(market, valid_from=None)
    order = market.order(market.offer(100))
    done_to(market, agreed_fees.END, row, now=LATER)
    assert (row.valid_until, row.withdrawn_at) == (LATER, None)
    assert renewed(order.terms, order.product, day=LATER, now=DAY)["fee"] == row.public_id
    assert "fee" not in renewed(order.terms, order.product, day=LATER, now=LATER)
    assert fee_of(market, order) == 100


def test_a_planned_fee_is_withdrawn_and_one_that_runs_is_not(market: Market) -> None:
    planned = agreed(market)
    done_to(market, agreed_fees.WITHDRAW, planned, now=DAY)
    second = market.exchange.staff(Role.RULE_KEEPER, 2)
    assert (planned.withdrawn_at, planned.withdrawn_by) == (DAY, second)
    assert fees.schedule(market.seller, at=LATER).source == "cn-2026-07/fee.service_rate@1"
    again = agreed(market, valid_until=None)
    for refusal, name, row, now in (
        (FeeNotPlanned, agreed_fees.WITHDRAW, planned, DAY),
        (FeeNotPlanned, agreed_fees.WITHDRAW, again, LATER),
        (FeeNotRunning, agreed_fees.END, planned, LATER),
        (FeeNotRunning, agreed_fees.END, again, DAY),
    ):
        with pytest.raises(refusal):
            asked_to(market, name, row, now=now)
    late = asked_to(market, agreed_fees.WITHDRAW, again, now=DAY)
    with pytest.raises(FeeNotPlanned):
        approved(market, late, now=LATER)
    events = Record.objects.filter(event__startswith="orders.fee.").order_by("pk")
    assert [one.event for one in events] == [
        "orders.fee.agreed", "orders.fee.withdrawn", "orders.fee.agreed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rate": Decimal("1.01")}, "percent"),
        ({"rate": Decimal("0.0000001")}, "percent"),
        ({"minimum_minor": -1}, "minimum"),
        ({"minimum_minor": 500, "cap_minor": 499}, "cap"),
        ({"valid_from": DAY - money.days(1)}, "valid_from"),
        ({"valid_until": LATER}, "valid_until"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_what_is_no_fee_is_refused_at_its_field(
    market: Market, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asked_for(market, **changes)
    assert refused.value.facts["field"] == field
    assert not ApprovalRequest.objects.exists()


def test_a_seller_has_one_agreed_fee_at_a_time(market: Market) -> None:
    agreed(market)
    for begins, ends in (
        (UNTIL - money.days(1), None),
        (None, LATER + money.days(1)),
        (None, None),
    ):
        with pytest.raises(FeeOverlaps):
            asked_for(market, valid_from=begins, valid_until=ends)
    agreed(market, valid_from=UNTIL, valid_until=None)
    agreed(market, valid_from=None, valid_until=LATER)
    asked_for(market, market.buyer)
    assert [rate for _at, rate in rates(market, since=DAY)] == ["0.01"]


def rates(market: Market, *, since: datetime) -> list[tuple[datetime, str]]:
    found = fees.schedules(market.seller, since=since)
    return [(at, schedule.facts_in("CNY")["fee_rate"]) for at, schedule in found]


def test_changes_of_the_rules_and_of_what_is_agreed_are_known_before(market: Market) -> None:
    agreed(market)
    amend(key="fee.service_rate", value="0.03", valid_from=UNTIL - money.days(2), now=DAY)
    assert rates(market, since=DAY) == [(DAY, "0.02"), (LATER, "0.01"), (UNTIL, "0.03")]
    seller = browser(accounts.owner_of(market.seller), market.seller)
    page = seller.get(reverse("web:earnings")).content.decode()
    assert "3 % of the net" in page


def test_nobody_who_is_tied_to_the_seller_asks_or_decides(market: Market) -> None:
    keeper = market.exchange.staff(Role.RULE_KEEPER, 1)
    second = market.exchange.staff(Role.RULE_KEEPER, 2)
    request = asked_for(market)
    with pytest.raises(NotAllowed):
        approvals.approve(
            request.public_id, actor=market.exchange.acting_as(Role.RULE_KEEPER), now=DAY
        )
    tie = relations.declare_tie(
        actor=market.exchange.approver, user_id=second.public_id,
        organisation_id=market.seller.public_id, kind=TieKind.FAMILY, reason="A sister.", now=DAY,
    )  # fmt: skip
    for decide in (approvals.approve, approvals.decline):
        with pytest.raises(NotAllowed) as refused:
            decide(
                request.public_id, actor=market.exchange.acting_as(Role.RULE_KEEPER, 2), now=DAY,
                note="No.",
            )  # fmt: skip
        assert refused.value.facts["reason"] == "other_side"
    relations.end_tie(tie.public_id, actor=market.exchange.approver, now=DAY)
    accounts.a_member(market.seller, user=keeper)
    with pytest.raises(ProposerLeft):
        approved(market, request)
    with pytest.raises(NotAllowed):
        asked_for(market, valid_from=UNTIL)
    assert not FeeAgreement.objects.exists()


def test_only_rule_keepers_agree_and_no_seller(market: Market) -> None:
    row = agreed(market)
    for actor in (market.selling, market.exchange.proposer, acting(accounts.a_user(), None)):
        with pytest.raises((NotAllowed, NotFound)):
            agreed_fees.withdraw(row.public_id, reason="No.", actor=actor, now=DAY)
    with pytest.raises(NotAllowed):
        agreed_fees.end(
            row.public_id, at=LATER, reason="Alone.", now=LATER,
            actor=market.exchange.acting_as(Role.RULE_KEEPER),
        )  # fmt: skip
    request = asked_to(market, agreed_fees.WITHDRAW, row, now=DAY)
    approvals.withdraw(
        request.public_id, note="It stays.", now=DAY,
        actor=market.exchange.acting_as(Role.RULE_KEEPER),
    )  # fmt: skip
    with pytest.raises(IllegalTransition):
        approved(market, request)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders_feeagreement SET rate = 0",
        "UPDATE orders_feeagreement SET valid_from = valid_from - interval '1 day'",
        "UPDATE orders_feeagreement SET valid_until = NULL",
        "UPDATE orders_feeagreement SET valid_until = valid_until + interval '1 day'",
        "UPDATE orders_feeagreement SET valid_until = valid_from",
        "UPDATE orders_feeagreement SET withdrawn_at = valid_from, withdrawn_by_id = approved_by_id",
        "UPDATE orders_feeagreement SET approved_by_id = proposed_by_id",
        "DELETE FROM orders_feeagreement",
    ],
)
def test_plain_sql_cannot_change_what_was_agreed(market: Market, change: str) -> None:
    agreed(market)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_rows_say_what_the_log_says(market: Market) -> None:
    agreed(market, rate=Decimal("0.0125"), minimum_minor=100, cap_minor=900)
    assert [one for one in rows.findings(Counts()) if "agreed_fee" in str(one)] == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_for_one_time_the_second_is_refused() -> None:
    market = a_market()
    third = market.exchange.acting_as(Role.RULE_KEEPER, 3)
    wanted: dict[str, Any] = {
        "seller": market.seller.public_id, "rate": Decimal("0.01"), "currency": "CNY",
        "minimum_minor": 0, "cap_minor": 0, "valid_from": LATER, "valid_until": None,
        "reason": "Two at once.", "now": DAY,
    }  # fmt: skip
    keeper = market.exchange.rule_keeper
    other = type(third)(**{**vars(third), "proposer_id": keeper.proposer_id})
    outcomes = at_once(
        *(lambda one=one: agreed_fees.agree(**wanted, actor=one) for one in (keeper, other))
    )
    assert outcomes == ["agreed_fee_overlaps", "done"]


def test_rule_keepers_do_all_of_it_in_the_browser(market: Market) -> None:
    first, second = (
        browser(market.exchange.staff(Role.RULE_KEEPER, number), market.exchange.organisation)
        for number in (1, 2)
    )
    page = reverse("console:orders_feeagreement_changelist")
    begins = timezone.localtime() + money.days(3)
    form = {
        "seller": market.seller.public_id, "percent": "1.5", "currency": "CNY", "cap": "50.00",
        "valid_from": begins.strftime("%Y-%m-%dT%H:%M"), "reason": "A promotion.",
    }  # fmt: skip
    ask = reverse("console:orders_feeagreement_agree")
    assert first.get(ask).status_code == 200
    refused = first.post(ask, form | {"seller": "org_nobody"})
    assert (refused.status_code, FeeAgreement.objects.count()) == (422, 0)
    assert first.post(ask, form).status_code == 302
    waiting = first.get(page).content.decode()
    assert "Fees: service fee as a share of the net amount" in waiting
    assert "Pipeline Data · 1.5 % of the net · at most CN¥50.00" in waiting
    approve_newest(second)
    row = FeeAgreement.objects.get()
    listed = second.get(page).content.decode()
    assert "1.5 % of the net · at most CN¥50.00" in listed
    assert "Nothing waits." in listed
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "1.5 % of the net" in seller.get(reverse("web:earnings")).content.decode()
    for name in ("withdraw", "end"):
        assert (
            first.get(reverse(f"console:orders_feeagreement_{name}", args=[row.pk])).status_code
            == 200
        )
    first.post(
        reverse("console:orders_feeagreement_withdraw", args=[row.pk]), {"reason": "No more."}
    )
    approve_newest(second)
    row.refresh_from_db()
    assert row.withdrawn_at
    assert "0.015" not in seller.get(reverse("web:earnings")).content.decode()
