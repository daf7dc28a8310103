"""Months of shared sales: calculated, checked, agreed to or objected to, corrected, paid, posted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from exchange.audit.models import Record
from exchange.core.lifecycle import IllegalTransition, Named
from exchange.core.refusals import NotAllowed, NotFound, TooLate
from exchange.disputes import opening
from exchange.journeys import acceptance
from exchange.ledger import months
from exchange.members import approvals
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.notices.models import Notice
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import (
    chart,
    closing,
    distribution_rulings,
    distributions,
    order_refunds,
    payouts,
    queries,
    reactions,
    settlement,
    unpaid,
)
from exchange.payments.distributions import CorrectionRefused, NothingToAnswer
from exchange.payments.models import Distribution, Payout, Settlement
from exchange.payments.unpaid import Why
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.sharing import a_receiver, agreed, leading, part
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
CNY = "CNY"
CLOCK = Named("test:clock")
MONTH = timezone.localtime(DAY).date().replace(day=1)
OVER = months.bounds(MONTH)[1] + timedelta(hours=2)
IN_TIME = OVER + timedelta(days=1)
TOO_LATE = OVER + timedelta(days=30)


@dataclass
class Shared:
    """A product of which the seller gets 70 and an institute 30 percent of what a sale brings, by month."""

    market: Market
    institute: Organisation

    def __post_init__(self) -> None:
        self.offer = self.market.offer(100)
        agreed(self.offer.product, "70", part(self.institute, "30"), by_month=True)

    @property
    def leading(self) -> Actor:
        return leading(self.institute)

    def sold(self, at: datetime = DAY) -> Order:
        order = self.market.order(self.offer)
        money.pay_by_card(self.market, order)
        return acceptance.accept(order.public_id, actor=self.market.buying, now=at)

    def calculated(self, at: datetime = OVER) -> Distribution:
        assert distributions.run_due(actor=CLOCK, now=at) == 1
        return Distribution.objects.get()

    def sent(self) -> Distribution:
        made = self.calculated()
        return distributions.review(made.public_id, actor=self.market.selling, now=OVER)

    def confirmed(self) -> Distribution:
        return distributions.agree(self.sent().public_id, actor=self.leading, now=IN_TIME)

    def available(self) -> dict[str, int]:
        return {
            "seller": money.available(self.market),
            "institute": money.on(chart.available(self.institute.public_id, CNY)),
        }


@pytest.fixture
def shared() -> Shared:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.FINANCE)
    return Shared(market, a_receiver(market.exchange))


def why(house: Organisation, at: datetime = DAY) -> list[Why]:
    reasons = unpaid.of_seller(house.pk, now=at)
    (line,) = queries.earnings_of(list(queries.shares_of(house.pk)), reasons)
    return [reason.why for reason in line.waits_for]


def clerk(market: Market, number: int = 1) -> Actor:
    person = market.exchange.staff(Role.EXCHANGE_FINANCE, number)
    return acting(person, market.exchange.organisation)


def test_a_month_is_confirmed_by_its_parties_before_anybody_has_the_money(shared: Shared) -> None:
    second = shared.sold()
    shared.sold()
    order_refunds.refund(
        ORDER.lock(second.public_id), amount=Money(5300, CNY), reason="half",
        actor=Named("test:1"), now=DAY,
    )  # fmt: skip
    assert distributions.run_due(actor=CLOCK, now=DAY + timedelta(days=20)) == 0
    assert settlement.clear_due(actor=CLOCK, now=TOO_LATE) == 0
    made = shared.calculated()
    # 98.00 and half of it, each 70 to 30.
    assert (made.amount_minor, made.sales_count, made.first_day) == (14700, 2, MONTH)
    parts = made.parties.values_list("organisation__name", "amount_minor")
    assert list(parts) == [("Pipeline Data", 10290), ("Institute", 4410)]
    assert distributions.run_due(actor=CLOCK, now=OVER) == 0
    distributions.review(made.public_id, actor=shared.market.selling, now=OVER)
    assert Notice.objects.filter(kind="payments.distribution.reviewed").exists()
    assert settlement.clear_due(actor=CLOCK, now=TOO_LATE) == 0
    done = distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME)
    assert done.state == "confirmed"
    assert (
        distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME).state == "confirmed"
    )
    reactions.run_due(now=IN_TIME)
    assert {row.cleared_at for row in Settlement.objects.all()} == {IN_TIME}
    assert shared.available() == {"seller": 10290, "institute": 4410}
    reactions.run_due(now=IN_TIME)
    done.refresh_from_db()
    assert (done.state, done.paid_at) == ("paid", IN_TIME)
    closing.close_month(first_day=IN_TIME.date(), actor=clerk(shared.market), now=TOO_LATE)
    reactions.run_due(now=TOO_LATE)
    done.refresh_from_db()
    assert done.state == "posted"
    assert set(Settlement.objects.values_list("distribution", flat=True)) == {done.pk}
    assert money.books_are_sound()


def test_sales_of_other_sharings_do_not_wait(shared: Shared) -> None:
    other = shared.market.offer(100)
    agreed(other.product, "70", part(shared.institute, "30"))
    order = shared.market.order(other)
    money.pay_by_card(shared.market, order)
    acceptance.accept(order.public_id, actor=shared.market.buying, now=DAY)
    assert settlement.clear_due(actor=CLOCK, now=TOO_LATE) == 1
    assert distributions.run_due(actor=CLOCK, now=OVER) == 0
    assert shared.available() == {"seller": 6860, "institute": 2940}


def test_who_says_nothing_in_time_has_agreed(shared: Shared) -> None:
    shared.sold()
    made = shared.calculated()
    assert made.due_at is not None
    assert distributions.run_due(actor=CLOCK, now=made.due_at - timedelta(seconds=1)) == 0
    distributions.run_due(actor=CLOCK, now=made.due_at)
    made.refresh_from_db()
    assert made.state == "reviewed"
    assert made.due_at is not None
    distributions.run_due(actor=CLOCK, now=made.due_at)
    made.refresh_from_db()
    assert made.state == "confirmed"
    assert Distribution.objects.get().due_at is None


def test_what_is_settled_late_is_in_the_next_months(shared: Shared) -> None:
    shared.sold()
    made = shared.calculated()
    late = shared.sold()
    assert distributions.run_due(actor=CLOCK, now=OVER) == 0
    distributions.run_due(actor=CLOCK, now=months.bounds(OVER.date().replace(day=1))[1])
    assert Distribution.objects.count() == 2
    late.settlement.refresh_from_db()
    assert late.settlement.distribution_id not in (None, made.pk)


def test_an_objection_holds_everything_until_the_seller_has_answered(shared: Shared) -> None:
    shared.sold()
    made = shared.sent()
    with pytest.raises(NotFound):  # the seller's own part is nobody's to answer
        distributions.object_to(
            made.public_id, reason="No.", actor=shared.market.selling, now=IN_TIME
        )
    distributions.object_to(
        made.public_id, reason="We built more of it.", actor=shared.leading, now=IN_TIME
    )
    assert Notice.objects.filter(kind="payments.distribution.objected").exists()
    reactions.run_due(now=TOO_LATE)
    assert shared.available() == {"seller": 0, "institute": 0}
    corrections = {shared.institute.public_id: Money(6861, CNY)}
    asked: dict[str, Any] = {
        "actor": shared.market.selling,
        "now": TOO_LATE,
        "reason": "So it is.",
    }
    with pytest.raises(CorrectionRefused):
        distributions.answer(made.public_id, corrections=corrections, **asked)
    for other in (Money(-1, CNY), Money(1, "EUR")):
        with pytest.raises(CorrectionRefused):
            distributions.answer(
                made.public_id, corrections={shared.institute.public_id: other}, **asked
            )
    with pytest.raises(NotFound):
        distributions.answer(
            made.public_id, corrections={shared.market.buyer.public_id: Money(1, CNY)}, **asked
        )
    corrections = {shared.institute.public_id: Money(1000, CNY)}
    answered = distributions.answer(made.public_id, corrections=corrections, **asked)
    assert (answered.state, answered.answer) == ("reviewed", "So it is.")
    distributions.agree(made.public_id, actor=shared.leading, now=TOO_LATE)
    with pytest.raises(NothingToAnswer):
        distributions.object_to(made.public_id, reason="Still.", actor=shared.leading, now=TOO_LATE)
    for _turn in range(3):
        reactions.run_due(now=TOO_LATE)
    assert shared.available() == {"seller": 5860, "institute": 3940}
    made.refresh_from_db()
    assert made.state == "paid"
    assert money.books_are_sound()


def test_a_correction_after_the_payout_is_owed_and_kept_from_the_next_one(shared: Shared) -> None:
    money.an_account(shared.market)
    shared.sold()
    made = shared.sent()
    distributions.object_to(made.public_id, reason="More.", actor=shared.leading, now=IN_TIME)
    distributions.answer(
        made.public_id, corrections={shared.institute.public_id: Money(1000, CNY)},
        reason="Agreed.", actor=shared.market.selling, now=IN_TIME,
    )  # fmt: skip
    distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME)
    settlement.clear_due(actor=CLOCK, now=IN_TIME)
    payouts.run_payouts(
        run_date=timezone.localtime(IN_TIME).date(), currency=CNY, actor=CLOCK, now=IN_TIME
    )
    assert Payout.objects.get().amount_minor == 6860
    money.settle_down()
    assert distributions.run_due(actor=CLOCK, now=IN_TIME) == 1
    assert shared.available() == {"seller": 0, "institute": 3940}
    assert money.on(chart.receivable(shared.market.seller.public_id, CNY)) == 1000
    assert money.books_are_sound()


def test_an_objection_is_taken_back_by_agreeing(shared: Shared) -> None:
    shared.sold()
    made = shared.sent()
    distributions.object_to(made.public_id, reason="Wait.", actor=shared.leading, now=IN_TIME)
    done = distributions.agree(made.public_id, actor=shared.leading, now=TOO_LATE)
    assert done.state == "confirmed"
    assert not done.parties.exclude(objection="").exists()


def test_two_of_the_exchanges_finance_end_an_objection(shared: Shared) -> None:
    shared.sold()
    made = shared.sent()
    reason = {"reason": "The shares are those that both signed."}
    with pytest.raises(IllegalTransition):
        distribution_rulings.ask_to_uphold(
            made.public_id, actor=clerk(shared.market), now=IN_TIME, **reason
        )
    distributions.object_to(made.public_id, reason="More.", actor=shared.leading, now=IN_TIME)
    asked = distribution_rulings.ask_to_uphold(
        made.public_id, actor=clerk(shared.market), now=IN_TIME, **reason
    )
    with pytest.raises(NotAllowed):
        approvals.approve(asked.public_id, actor=clerk(shared.market), now=IN_TIME)
    approvals.approve(asked.public_id, actor=clerk(shared.market, 2), now=IN_TIME)
    made.refresh_from_db()
    assert (made.state, made.answer) == ("confirmed", reason["reason"])
    assert made.parties.get(organisation=shared.institute).objection == "More."
    assert Notice.objects.filter(kind="payments.distribution.upheld").count() >= 2
    with pytest.raises(NotAllowed):
        distribution_rulings.uphold(
            made.public_id, actor=clerk(shared.market), now=IN_TIME, **reason
        )


def test_who_objects_too_late_is_told_so(shared: Shared) -> None:
    shared.sold()
    made = shared.sent()
    with pytest.raises(TooLate):
        distributions.object_to(made.public_id, reason="No.", actor=shared.leading, now=TOO_LATE)


def test_a_sale_in_dispute_keeps_no_other_of_its_month_waiting(shared: Shared) -> None:
    disputed, other = shared.sold(), shared.sold()
    opening.open_dispute(
        disputed.public_id,
        kind="below_quality",
        reason="Gaps.",
        actor=shared.market.buying,
        now=DAY,
    )
    made = shared.confirmed()
    reactions.run_due(now=IN_TIME)
    reactions.run_due(now=IN_TIME)
    made.refresh_from_db()
    assert made.state == "paid"
    other.settlement.refresh_from_db()
    assert other.settlement.cleared_at == IN_TIME
    assert not Settlement.objects.get(order=disputed).cleared_at


def test_only_the_seller_sends_and_only_a_party_answers(shared: Shared) -> None:
    shared.sold()
    made = shared.calculated()
    with pytest.raises(NotFound):
        distributions.review(made.public_id, actor=shared.leading, now=OVER)
    with pytest.raises(IllegalTransition):
        distributions.agree(made.public_id, actor=shared.leading, now=OVER)
    distributions.review(made.public_id, actor=shared.market.selling, now=OVER)
    worker = acting(accounts.a_member(shared.institute), shared.institute)
    for stranger, refusal in ((shared.market.buying, NotFound), (worker, NotAllowed)):
        with pytest.raises(refusal):
            distributions.agree(made.public_id, actor=stranger, now=IN_TIME)
    with pytest.raises(NotFound):
        distributions.answer(made.public_id, reason="So.", actor=shared.leading, now=IN_TIME)


def test_earnings_say_what_the_month_waits_for(shared: Shared) -> None:
    shared.sold()
    assert why(shared.institute) == [Why.DISTRIBUTION]
    made = shared.sent()
    assert why(shared.institute, IN_TIME) == [Why.CONFIRMATION]
    distributions.object_to(made.public_id, reason="More.", actor=shared.leading, now=IN_TIME)
    assert why(shared.market.seller, IN_TIME) == [Why.DISTRIBUTION_OBJECTED]
    distributions.agree(made.public_id, actor=shared.leading, now=IN_TIME)
    assert why(shared.institute, IN_TIME) == [Why.CLEARING]


def test_the_log_has_each_step_and_the_shares_name_how_they_are_confirmed(shared: Shared) -> None:
    shared.sold()
    shared.confirmed()
    events = Record.objects.filter(event__startswith="payments.distribution").order_by("pk")
    steps = [event.rpartition(".")[2] for event in events.values_list("event", flat=True)]
    assert steps == ["calculated", "reviewed", "agreed", "confirmed"]
    assert Settlement.objects.get().document["by_month"] is True


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_distribution SET amount_minor = 1",
        "UPDATE payments_distribution SET paid_at = now()",
        "UPDATE payments_distributionparty SET amount_minor = 1",
        "UPDATE payments_distributionparty SET correction_minor = -1",
        "UPDATE payments_distributionparty SET agreed_at = now()",
        "UPDATE payments_settlement SET distribution_id = NULL",
        "UPDATE payments_settlement SET by_month = FALSE",
        "UPDATE catalog_sharing SET by_month = FALSE",
        "DELETE FROM payments_distributionparty",
    ],
)
def test_plain_sql_cannot_change_a_distribution(shared: Shared, change: str) -> None:
    shared.sold()
    shared.calculated()
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_seller_and_party_read_it_and_answer_in_the_browser(shared: Shared) -> None:
    shared.sold()
    made = shared.calculated()
    page = reverse("web:distribution", args=[made.public_id])
    seller = browser(accounts.owner_of(shared.market.seller), shared.market.seller)
    party = browser(accounts.owner_of(shared.institute), shared.institute)
    buyer = browser(accounts.owner_of(shared.market.buyer), shared.market.buyer)
    assert buyer.get(page).status_code == 404
    assert "Institute" in shown(seller, page)
    assert (
        "Pipeline Data" not in shown(party, page).split("What each party gets")[1].split("Sales")[0]
    )
    assert "29.40" in shown(party, reverse("web:distributions"))
    assert seller.post(reverse("web:distribution_send", args=[made.public_id])).status_code == 302
    refused = party.post(reverse("web:distribution_object", args=[made.public_id]), {"reason": ""})
    assert refused.status_code == 422
    party.post(reverse("web:distribution_object", args=[made.public_id]), {"reason": "More."})
    assert "More." in shown(seller, page)
    too_much = seller.post(page, {"reason": "So.", "correction_1": "99.00"})
    assert too_much.status_code == 422
    assert "Your own part is" in too_much.content.decode()
    assert seller.post(page, {"reason": "So.", "correction_1": "10.00"}).status_code == 302
    assert "39.40" in shown(party, page)
    assert party.post(page, {"reason": "So."}).status_code == 404
    assert seller.post(page, {"reason": "So."}).status_code == 409
    party.post(reverse("web:distribution_agree", args=[made.public_id]))
    made.refresh_from_db()
    assert made.state == "confirmed"
    assert "29.40" in "".join(
        line.decode()
        for line in party.get(f"{page}sales.csv").streaming_content  # type: ignore[attr-defined]  # a stream
    )
