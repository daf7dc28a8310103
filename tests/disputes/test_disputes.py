"""A dispute over an order: opening, answers, silence, agreement, and rulings down to the minor unit."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, TooLate
from exchange.disputes import answers, opening
from exchange.disputes.answers import QUESTIONS_MAX, AskedEnough
from exchange.disputes.models import Dispute
from exchange.disputes.opening import DisputeRefused
from exchange.disputes.splits import split_view
from exchange.journeys import disputes, scheduled
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order, Ruling
from exchange.orders.rulings import RulingRefused
from exchange.payments.models import Document, Refund, Settlement
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.members import a_role, minutes
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
LATER = DAY + minutes(30)
LONG_AFTER = DAY + timedelta(days=30)


@pytest.fixture
def market() -> Market:
    return a_market()


def disputed(market: Market, *, part: int = 0) -> Dispute:
    """An order of 100 yuan and 6 of tax, disputed for all of it or for so many fen."""
    order = market.delivered(100)
    return opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        reason="Half of the rows are missing.",
        remedy="part" if part else "refund",
        wanted=Money(part, "CNY") if part else None,
        actor=market.buying,
        now=DAY,
    )


def answered(market: Market, dispute: Dispute) -> Dispute:
    return answers.answer(
        dispute.public_id, actor=market.selling, reason="They never were there.", now=LATER
    )


def fresh(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("order").get(pk=dispute.pk)


def test_a_dispute_holds_the_money_and_waits_for_the_seller_who_is_told(market: Market) -> None:
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    dispute = disputed(market)
    assert (dispute.state, dispute.turn, dispute.wanted.minor) == ("opened", "respondent", 10_600)
    assert fresh(dispute).order.state == OrderState.OBJECTED
    assert money.held(dispute.order) == 10_600
    told = {notice.user_id for notice in Notice.objects.filter(kind="disputes.dispute.opened")}
    assert {market.selling.user_id, market.exchange.first.pk, market.exchange.second.pk} <= told
    assert market.agent.pk not in told


def test_what_a_dispute_asks_for_fits_the_order_and_nothing_else_changes(market: Market) -> None:
    order = market.delivered(100)
    asked: dict[str, Any] = {
        "actor": market.buying, "reason": "No.", "now": DAY, "kind": "below_quality",
    }  # fmt: skip
    unfit: list[dict[str, Any]] = [
        {"remedy": "part"},
        {"remedy": "part", "wanted": Money(10_600, "CNY")},
        {"remedy": "part", "wanted": Money(10, "EUR")},
        {"wanted": Money(10, "CNY")},
        {"remedy": "revenge"},
        {"kind": "mood"},
    ]
    for wrong in unfit:
        with pytest.raises(DisputeRefused):
            opening.open_dispute(order.public_id, **{**asked, **wrong})
    assert not Dispute.objects.exists()
    assert Order.objects.get(pk=order.pk).state == OrderState.DELIVERED


def test_a_refunded_order_is_not_disputed_again(market: Market) -> None:
    dispute = disputed(market)
    money.ruled(market.exchange, dispute.order, OrderTransition.REFUND, now=LATER)
    with pytest.raises(IllegalTransition):
        opening.open_dispute(
            dispute.order.public_id,
            kind="below_quality",
            actor=market.buying,
            reason="And.",
            now=LATER,
        )
    assert Dispute.objects.count() == 1


def test_each_side_speaks_when_it_is_its_turn(market: Market) -> None:
    dispute = disputed(market)
    with pytest.raises(NotAllowed):
        answers.answer(dispute.public_id, actor=market.buying, reason="Me.", now=LATER)
    answered(market, dispute)
    with pytest.raises(IllegalTransition):
        answered(market, dispute)
    asked = answers.ask(
        dispute.public_id,
        actor=market.exchange.proposer,
        whom="claimant",
        reason="Which?",
        now=LATER,
    )
    assert (asked.state, asked.turn) == ("asked", "claimant")
    with pytest.raises(NotAllowed):
        answers.reply(dispute.public_id, actor=market.selling, reason="These.", now=LATER)
    answers.reply(dispute.public_id, actor=market.buying, reason="The odd ones.", now=LATER)
    assert (fresh(dispute).state, fresh(dispute).turn) == ("review", "operator")
    said = list(dispute.steps.order_by("number").values_list("transition", "reason"))
    assert said == [
        ("open", "Half of the rows are missing."),
        ("answer", "They never were there."),
        ("ask_claimant", "Which?"),
        ("reply", "The odd ones."),
    ]


def test_an_answer_too_late_is_refused(market: Market) -> None:
    dispute = disputed(market)
    with pytest.raises(TooLate):
        answers.answer(dispute.public_id, actor=market.selling, reason="Now.", now=LONG_AFTER)


def test_questions_end_somewhere(market: Market) -> None:
    dispute = disputed(market)
    answered(market, dispute)
    for number in range(QUESTIONS_MAX + 1):
        if number == QUESTIONS_MAX:
            with pytest.raises(AskedEnough):
                answers.ask(
                    dispute.public_id, actor=market.exchange.proposer, whom="claimant",
                    reason="Again?", now=LATER,
                )  # fmt: skip
            break
        answers.ask(
            dispute.public_id,
            actor=market.exchange.proposer,
            whom="claimant",
            reason="?",
            now=LATER,
        )
        answers.reply(dispute.public_id, actor=market.buying, reason="!", now=LATER)
    assert fresh(dispute).state == "review"


def test_a_seller_who_stays_silent_loses_what_was_asked_for(market: Market) -> None:
    dispute = disputed(market, part=2_120)
    assert dispute.due_at is not None
    assert scheduled.run_orders(now=dispute.due_at - minutes(1))["disputes"] == 0
    assert scheduled.run_orders(now=LONG_AFTER)["disputes"] == 1
    after = fresh(dispute)
    assert (after.state, after.outcome, after.refund_minor) == ("ended", "part_refunded", 2_120)
    assert after.order.state == OrderState.CLOSED
    assert Refund.objects.get().amount_minor == 2_120
    assert money.held(after.order) == 0
    assert money.books_are_sound()


def test_a_buyer_who_leaves_a_question_open_loses(market: Market) -> None:
    dispute = disputed(market)
    answered(market, dispute)
    answers.ask(
        dispute.public_id,
        actor=market.exchange.proposer,
        whom="claimant",
        reason="Which?",
        now=LATER,
    )
    assert disputes.run_due(now=LONG_AFTER) == 1
    assert (fresh(dispute).outcome, fresh(dispute).order.state) == ("released", OrderState.CLOSED)
    assert money.pending(market) == 9_800


def test_the_other_side_can_agree_and_the_opener_withdraw(market: Market) -> None:
    agreed, given_up = disputed(market), disputed(market)
    with pytest.raises(NotAllowed):
        disputes.concede(agreed.public_id, actor=market.buying, now=LATER)
    disputes.concede(agreed.public_id, actor=market.selling, now=LATER)
    disputes.withdraw(given_up.public_id, actor=market.buying, now=LATER)
    assert (fresh(agreed).outcome, fresh(agreed).order.state) == ("refunded", OrderState.REFUNDED)
    assert (fresh(given_up).outcome, fresh(given_up).order.state) == ("released", OrderState.CLOSED)
    assert money.books_are_sound()


def test_a_ruling_refunds_a_part_as_its_split_said(market: Market) -> None:
    dispute = answered(market, disputed(market))
    part = Money(5_300, "CNY")
    split = split_view(dispute.order, part)
    assert [(row.gives.minor, row.keeps.minor) for row in split.rows] == [
        (4_900, 4_900), (100, 100), (300, 300),
    ]  # fmt: skip
    assert split.total.gives == part
    disputes.rule_on(
        dispute.order.public_id, actor=market.exchange.proposer, transition=OrderTransition.RELEASE,
        reason_code="not_as_described", reason="Half is there.", refund=part, now=LATER,
    )  # fmt: skip
    assert fresh(dispute).state == "review"
    waiting = Ruling.objects.get().public_id
    disputes.approve(waiting, actor=market.exchange.approver, now=LATER)
    assert fresh(dispute).state == "ruled"
    money.accept_ruling(dispute.order, now=LATER)
    after = fresh(dispute)
    assert (after.outcome, after.refund_minor) == ("part_refunded", 5_300)
    step = after.steps.get(transition="decide")
    assert (step.by, step.approved_by) == (market.exchange.first, market.exchange.second)
    assert after.order.state == OrderState.CLOSED
    settlement = Settlement.objects.get()
    assert (settlement.tax_refunded_minor, settlement.fee_refunded_minor) == (300, 100)
    assert money.pending(market) == 4_900
    kinds = list(Document.objects.filter(order=after.order).values_list("kind", flat=True))
    assert kinds.count("credit_note") == 1
    assert money.books_are_sound()


def test_a_part_is_less_than_all_and_has_a_reason_that_fits(market: Market) -> None:
    dispute = disputed(market)
    asked: dict[str, Any] = {
        "actor": market.exchange.proposer, "transition": OrderTransition.RELEASE, "now": LATER,
        "reason": "So it is.", "reason_code": "not_as_described",
    }  # fmt: skip
    unfit: list[dict[str, Any]] = [
        {"refund": Money(10_600, "CNY")},
        {"refund": Money(100, "CNY"), "reason_code": "as_described"},
        {"reason_code": "not_as_described"},
        {"transition": OrderTransition.REFUND, "reason_code": "as_described"},
        {"transition": OrderTransition.REFUND, "reason_code": "withdrawn"},
    ]
    for wrong in unfit:
        with pytest.raises(RulingRefused):
            disputes.rule_on(dispute.order.public_id, **{**asked, **wrong})
    assert not Ruling.objects.exists()
