"""An appeal against a ruling: who may, who decides, the money held meanwhile, and the file for an arbitrator."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.audit import keys, sequencer
from exchange.audit.verify import check_case
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound, TooLate
from exchange.disputes import answers, appeals, offers, opening
from exchange.disputes.appeals import AppealAnswered, AppealNotYours, NotAgainstYou, RulingAccepted
from exchange.disputes.models import Dispute
from exchange.journeys import case_files, disputes, refunds
from exchange.journeys.case_files import NotDecided
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order, Ruling
from exchange.orders.rulings import RuledBefore
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Refund
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.members import a_role, acting, minutes
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

LATER = DAY + minutes(30)
LONG_AFTER = DAY + timedelta(days=30)
pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    return market


def ruled(market: Market, back: int) -> Dispute:
    """An order of 106 yuan, disputed for all of it, of which the exchange rules that so much goes back."""
    dispute = opening.open_dispute(
        market.delivered(100).public_id,
        kind="not_as_described",
        reason="Half of the rows are missing.",
        actor=market.buying,
        now=DAY,
    )
    rule(market, dispute, back, (market.exchange.proposer, market.exchange.approver))
    return fresh(dispute)


def rule(market: Market, dispute: Dispute, back: int, by: tuple[Actor, Actor]) -> None:
    proposes, approves = by
    is_full = back == 10_600
    disputes.rule_on(
        dispute.order.public_id,
        actor=proposes,
        transition=OrderTransition.REFUND if is_full else OrderTransition.RELEASE,
        reason_code="not_as_described" if back else "as_described",
        reason="As it was found.",
        refund=Money(back, "CNY") if back and not is_full else None,
        now=LATER,
    )
    waiting = Ruling.objects.get(decision="open").public_id
    disputes.approve(waiting, actor=approves, now=LATER)


def others(market: Market) -> tuple[Actor, Actor]:
    """Two operators who took no part in the first ruling."""
    return (
        market.exchange.acting_as(Role.OPERATOR, 1),
        market.exchange.acting_as(Role.OPERATOR, 2),
    )


def fresh(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("order", "ruling").get(pk=dispute.pk)


def test_a_ruling_waits_for_an_appeal_and_takes_effect_without_one(market: Market) -> None:
    dispute = ruled(market, 5_300)
    assert (dispute.state, dispute.turn, dispute.outcome) == ("ruled", "appellant", "")
    assert dispute.order.state == OrderState.OBJECTED
    assert money.held(dispute.order) == 10_600
    assert dispute.due_at is not None
    assert disputes.run_due(now=dispute.due_at - minutes(1)) == 0
    assert disputes.run_due(now=dispute.due_at) == 1
    assert disputes.run_due(now=dispute.due_at) == 0
    after = fresh(dispute)
    assert (after.state, after.outcome, after.refund_minor) == ("ended", "part_refunded", 5_300)
    assert Refund.objects.get().amount_minor == 5_300
    assert after.order.state == OrderState.CLOSED
    step = after.order.steps.get(transition="release")
    assert (step.by, step.approved_by) == (market.exchange.first, market.exchange.second)
    assert money.held(after.order) == 0
    assert money.books_are_sound()
    with pytest.raises(IllegalTransition):
        appeals.appeal(dispute.public_id, actor=market.buying, reason="Late.", now=LONG_AFTER)


def test_a_part_goes_against_both_and_takes_effect_once_both_accept(market: Market) -> None:
    dispute = ruled(market, 5_300)
    disputes.accept_ruling(dispute.public_id, actor=market.buying, now=LATER)
    assert fresh(dispute).state == "ruled"
    with pytest.raises(RulingAccepted):
        appeals.appeal(dispute.public_id, actor=market.buying, reason="But.", now=LATER)
    with pytest.raises((NotAllowed, NotFound)):
        disputes.accept_ruling(dispute.public_id, actor=market.exchange.proposer, now=LATER)
    disputes.accept_ruling(dispute.public_id, actor=market.selling, now=LATER)
    assert (fresh(dispute).outcome, fresh(dispute).order.state) == ("part_refunded", "closed")


@pytest.mark.parametrize(("back", "loser"), [(0, "buyer"), (10_600, "seller")])
def test_whom_a_ruling_does_not_go_against_has_nothing_to_appeal(
    market: Market, back: int, loser: str
) -> None:
    dispute = ruled(market, back)
    loses, wins = (market.buying, market.selling)
    if loser == "seller":
        loses, wins = wins, loses
    with pytest.raises(NotAgainstYou):
        appeals.appeal(dispute.public_id, actor=wins, reason="So.", now=LATER)
    with pytest.raises(NotAgainstYou):
        disputes.accept_ruling(dispute.public_id, actor=wins, now=LATER)
    assert fresh(dispute).steps_count == dispute.steps_count
    disputes.accept_ruling(dispute.public_id, actor=loses, now=LATER)
    assert fresh(dispute).state == "ended"


def test_an_appeal_holds_the_money_and_other_people_decide_it_for_good(market: Market) -> None:
    dispute = ruled(market, 0)
    appeals.appeal(dispute.public_id, actor=market.buying, reason="Look again.", now=LATER)
    appealed = fresh(dispute)
    assert (appealed.state, appealed.turn, appealed.appeal_by) == (
        "appealed",
        "operator",
        "claimant",
    )
    assert disputes.run_due(now=LONG_AFTER) == 0
    assert money.held(dispute.order) == 10_600
    assert Notice.objects.filter(kind="disputes.appeal.made", user=market.exchange.second).exists()
    appeals.answer(dispute.public_id, actor=market.selling, reason="They did.", now=LATER)
    third, fourth = others(market)
    for took_part in (market.exchange.proposer, market.exchange.approver):
        with pytest.raises(RuledBefore):
            rule(market, dispute, 10_600, (took_part, fourth))
        assert not Ruling.objects.filter(decision="open").exists()
    with pytest.raises(RuledBefore):
        rule(market, dispute, 10_600, (third, market.exchange.approver))
    with pytest.raises(NotAllowed):
        disputes.approve(Ruling.objects.get(decision="open").public_id, actor=third, now=LATER)
    disputes.approve(Ruling.objects.get(decision="open").public_id, actor=fourth, now=LATER)
    after = fresh(dispute)
    assert (after.state, after.outcome) == ("ended", "refunded")
    assert after.order.state == OrderState.REFUNDED
    assert [step.transition for step in after.steps.order_by("number")] == [
        "open", "decide", "appeal", "answer_appeal", "decide_appeal",
    ]  # fmt: skip
    assert Refund.objects.get().amount_minor == 10_600
    assert money.books_are_sound()
    with pytest.raises(IllegalTransition):
        appeals.appeal(dispute.public_id, actor=market.selling, reason="Again.", now=LATER)


def test_an_appeal_comes_in_time(market: Market) -> None:
    dispute = ruled(market, 0)
    with pytest.raises(TooLate):
        appeals.appeal(dispute.public_id, actor=market.buying, reason="Now.", now=LONG_AFTER)
    with pytest.raises(TooLate):
        disputes.accept_ruling(dispute.public_id, actor=market.buying, now=LONG_AFTER)


def test_an_appeal_is_answered_by_the_other_side_and_withdrawn_by_its_own(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispute = ruled(market, 5_300)
    appeals.appeal(dispute.public_id, actor=market.selling, reason="Look again.", now=LATER)
    with pytest.raises(AppealNotYours):
        appeals.answer(dispute.public_id, actor=market.selling, reason="I say.", now=LATER)
    with pytest.raises(AppealNotYours):
        disputes.withdraw_appeal(dispute.public_id, actor=market.buying, now=LATER)
    monkeypatch.setattr(appeals, "ANSWERS_MAX", 1)
    appeals.answer(dispute.public_id, actor=market.buying, reason="No.", now=LATER)
    with pytest.raises(AppealAnswered):
        appeals.answer(dispute.public_id, actor=market.buying, reason="No!", now=LATER)
    disputes.withdraw_appeal(dispute.public_id, actor=market.selling, now=LATER)
    after = fresh(dispute)
    assert (after.outcome, after.refund_minor) == ("part_refunded", 5_300)
    assert Refund.objects.get().amount_minor == 5_300


def test_nobody_rules_while_the_sides_may_appeal(market: Market) -> None:
    dispute = ruled(market, 0)
    with pytest.raises(IllegalTransition):
        rule(market, dispute, 5_300, others(market))
    assert not Ruling.objects.filter(decision="open").exists()


def test_the_sides_still_settle_while_an_appeal_runs(market: Market) -> None:
    dispute = ruled(market, 0)
    appeals.appeal(dispute.public_id, actor=market.buying, reason="Look again.", now=LATER)
    offered = offers.offer(
        dispute.public_id,
        actor=market.selling,
        refund=Money(2_000, "CNY"),
        reason="Peace.",
        now=LATER,
    )
    disputes.take_offer(
        dispute.public_id, actor=market.buying, number=offered.offer_number or 0, now=LATER
    )
    assert (fresh(dispute).outcome, Refund.objects.get().amount_minor) == ("part_refunded", 2_000)


def test_a_ruling_over_more_than_is_left_by_then_refunds_what_is_left(market: Market) -> None:
    dispute = ruled(market, 5_300)
    refunds.refund(
        dispute.order.public_id, amount=Money(6_000, "CNY"), bearer=Bearer.SELLER,
        reason="At once.", actor=market.selling, now=LATER,
    )  # fmt: skip
    assert disputes.run_due(now=LONG_AFTER) == 1
    assert fresh(dispute).order.state == OrderState.REFUNDED
    assert [one.amount_minor for one in Refund.objects.order_by("pk")] == [6_000, 4_600]
    assert money.books_are_sound()


def test_a_dispute_ends_when_all_of_the_money_went_back(market: Market) -> None:
    dispute = ruled(market, 0)
    refunds.refund(
        dispute.order.public_id, amount=Money(10_600, "CNY"), bearer=Bearer.SELLER,
        reason="At once.", actor=market.selling, now=LATER,
    )  # fmt: skip
    after = fresh(dispute)
    assert (after.state, after.outcome) == ("ended", "refunded")
    assert after.steps.latest("number").transition == "return_money"


def test_what_an_arbitrator_is_handed_checks_offline(market: Market) -> None:
    dispute = ruled(market, 0)
    with pytest.raises(NotDecided):
        case_files.arbitration_file(dispute.public_id, actor=market.buying, now=LATER)
    appeals.appeal(dispute.public_id, actor=market.buying, reason="Look again.", now=LATER)
    rule(market, dispute, 5_300, others(market))
    while sequencer.sequence_batch(LATER):
        pass
    for actor in (market.buying, market.selling, market.exchange.proposer):
        made = case_files.arbitration_file(dispute.public_id, actor=actor, now=LATER)
        assert made.name == f"{dispute.public_id}-arbitration.zip"
        with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        said = check_case(files, keys.verifier_key())
        assert f"dispute {dispute.public_id}" in said[0]
        summary = json.loads(files["arbitration.json"])
        assert summary["appeal"]["reason"] == "Look again."
        assert (summary["outcome"], summary["refund_minor"]) == ("part_refunded", "5300")
        rulings = json.loads(files["rulings.json"])["rulings"]
        assert [one["refund_minor"] for one in rulings] == [None, "5300"]
        assert summary["rulings"] == [one["id"] for one in rulings]
        assert summary["standing"] == rulings[1]["id"]
    other = accounts.an_organisation(name="Other House")
    stranger = acting(owner_of(other), other)
    with pytest.raises(NotFound):
        case_files.arbitration_file(dispute.public_id, actor=stranger, now=LATER)


def test_both_sides_and_the_desk_go_through_an_appeal(market: Market, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    now = timezone.now()
    dispute = opening.open_dispute(
        market.delivered(at=now).public_id, kind="below_quality", reason="Gaps.",
        actor=market.buying, now=now,
    )  # fmt: skip
    answers.answer(dispute.public_id, actor=market.selling, reason="None.", now=now)
    disputes.rule_on(
        dispute.order.public_id, actor=market.exchange.proposer,
        transition=OrderTransition.RELEASE, reason_code="as_described", reason="No gaps found.",
        now=now,
    )  # fmt: skip
    disputes.approve(Ruling.objects.get().public_id, actor=market.exchange.approver, now=now)
    buyer = browser(market.agent, market.buyer)
    seller = browser(owner_of(market.seller), market.seller)
    address = f"/disputes/{dispute.public_id}/"
    page = shown(buyer, address)
    assert "No gaps found." in page
    assert "The seller keeps the money" in page
    assert "Accept the ruling …" in page
    assert f"{address}appeal/" in page
    assert "Accept the ruling …" not in shown(seller, address)
    assert seller.post(f"{address}appeal/", {"reason": "Me too."}).status_code == 409
    assert buyer.post(f"{address}appeal/", {"reason": ""}).status_code == 422
    assert buyer.post(f"{address}appeal/", {"reason": "Look at May."}).status_code == 302
    assert "Withdraw the appeal …" in shown(buyer, address)
    assert f"{address}appeal/answer/" in shown(seller, address)
    assert seller.post(f"{address}appeal/answer/", {"reason": "May is whole."}).status_code == 302
    desk = reverse("console:disputes_dispute_change", args=[dispute.pk])
    decide = reverse("console:disputes_dispute_decide", args=[dispute.pk])
    third = browser(market.exchange.staff(Role.OPERATOR, 1), market.exchange.organisation)
    both = shown(third, desk)
    assert "Look at May." in both
    assert "May is whole." in both
    assert "First operator" in both
    form = {"ruling": "refund:not_as_described", "amount": "", "reason": "May lacks days."}
    looked = third.post(decide, form).content.decode()
    assert "It decides the appeal and is final." in looked
    seen = re.search(r'name="seen" value="([^"]+)"', looked)
    assert seen is not None
    assert third.post(decide, {**form, "seen": seen[1]}).status_code == 302
    ruling = Ruling.objects.get(decision="open")
    approve = reverse("console:orders_ruling_approve", args=[ruling.pk])
    fourth = browser(market.exchange.staff(Role.OPERATOR, 2), market.exchange.organisation)
    assert "It is carried out at once." in shown(fourth, approve)
    assert fourth.post(approve, {"csrfmiddlewaretoken": "x"}).status_code == 302
    assert Order.objects.get().state == "refunded"
    for side in (buyer, seller):
        page = shown(side, address)
        assert "Download for arbitration" in page
        assert side.get(f"{address}arbitration.zip").status_code == 200


def test_a_ruling_is_accepted_and_an_appeal_withdrawn_on_the_page(market: Market) -> None:
    now = timezone.now()
    for route in ("ruling/accept/", "appeal/withdraw/"):
        dispute = opening.open_dispute(
            market.delivered(at=now).public_id, kind="below_quality", reason="Gaps.",
            actor=market.buying, now=now,
        )  # fmt: skip
        disputes.rule_on(
            dispute.order.public_id, actor=market.exchange.proposer,
            transition=OrderTransition.RELEASE, reason_code="as_described", reason="None.", now=now,
        )  # fmt: skip
        disputes.approve(
            Ruling.objects.get(decision="open").public_id, actor=market.exchange.approver, now=now
        )
        if route.startswith("appeal"):
            appeals.appeal(dispute.public_id, actor=market.buying, reason="Again.", now=now)
        buyer: Client = browser(market.agent, market.buyer)
        assert buyer.post(f"/disputes/{dispute.public_id}/{route}").status_code == 302
        assert fresh(dispute).outcome == "released"
