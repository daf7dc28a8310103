"""The table of kinds: who opens which for what, access that rests, and what sellers claim of their buyers."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchange.core.refusals import NotAllowed, TooLate
from exchange.delivery import drafting, entitlements
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import appeals, opening
from exchange.disputes.appeals import NotAgainstYou
from exchange.disputes.drafts import newest_draft
from exchange.disputes.kinds import KINDS, kinds_for
from exchange.disputes.lifecycle import DisputeKind, Remedy
from exchange.disputes.models import Dispute
from exchange.disputes.opening import DisputedBefore, DisputeRefused
from exchange.disputes.statistics import disputes_of_seller
from exchange.journeys import acceptance, disputes
from exchange.members.roles import Role
from exchange.orders.lifecycle import OrderTransition
from exchange.orders.models import Order
from exchange.orders.queries import Side
from exchange.orders.rulings import RulingRefused
from exchange.payments import settlement
from exchange.payments.models import Refund
from tests.disputes.test_late_disputes import CLOCK, LONG_AFTER, SOON, cleared, set_aside
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
DRAFTS = {rule.code for rule in drafting.RULES}


@pytest.fixture
def market() -> Market:
    return a_market()


def claimed(
    market: Market, order: Order, *, kind: str = "misuse", remedy: str = "end_access",
    now: datetime = SOON,
) -> Dispute:  # fmt: skip
    return opening.open_claim(
        order.public_id, kind=kind, remedy=remedy, reason="It is on a public page.",
        actor=market.selling, now=now,
    )  # fmt: skip


def access(order: Order) -> str:
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    return entitlement.state


def ruled_end(market: Market, order: Order) -> None:
    disputes.rule_on(
        order.public_id, actor=market.exchange.proposer, transition=OrderTransition.RELEASE,
        ends_access=True, reason_code="misused", reason="It was published.", now=SOON,
    )  # fmt: skip
    disputes.approve(order.rulings.latest("pk").public_id, actor=market.exchange.approver, now=SOON)


@pytest.mark.parametrize("kind", list(DisputeKind))
def test_every_kind_has_its_row_and_its_draft(market: Market, kind: DisputeKind) -> None:
    rule = KINDS[kind]
    order = cleared(market)
    side = Side.BUYER if rule.buyer else Side.SELLER
    opens, actor = (
        (opening.open_dispute, market.buying)
        if side is Side.BUYER
        else (opening.open_claim, market.selling)
    )
    dispute = opens(
        order.public_id,
        kind=kind,
        remedy=rule.remedies(side)[0],
        reason="So.",
        actor=actor,
        now=SOON,
    )
    assert (access(order) == "suspended") == rule.pauses_access
    assert (dispute.paused_step is not None) == rule.pauses_access
    assert newest_draft(order).rule == (rule.draft or "not_compared")
    assert newest_draft(order).rule in DRAFTS
    disputes.withdraw(dispute.public_id, actor=actor, now=SOON)
    assert access(order) == "active"


def test_a_kind_is_opened_by_its_side_for_what_the_table_has(market: Market) -> None:
    assert kinds_for(Side.SELLER) == (DisputeKind.RIGHTS_CHALLENGED, DisputeKind.MISUSE)
    assert kinds_for(Side.EXCHANGE) == ()
    order = cleared(market)
    for kind, remedy in (("misuse", "refund"), ("wrong_price", "refund"), ("misuse", "part")):
        with pytest.raises(DisputeRefused):
            claimed(market, order, kind=kind, remedy=remedy)
    with pytest.raises(DisputeRefused):
        opening.open_dispute(
            order.public_id, kind="misuse", remedy="end_access", reason="No.",
            actor=market.buying, now=SOON,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        opening.open_claim(
            order.public_id, kind="misuse", remedy="end_access", reason="No.",
            actor=market.buying, now=SOON,
        )  # fmt: skip
    assert not Dispute.objects.exists()
    assert access(order) == "active"


def test_a_seller_claims_once_the_order_is_closed_in_time_and_once(market: Market) -> None:
    with pytest.raises(DisputeRefused):
        claimed(market, market.delivered(100))
    order = cleared(market)
    with pytest.raises(TooLate):
        claimed(market, order, now=LONG_AFTER)
    dispute = claimed(market, order)
    with pytest.raises(DisputedBefore):
        claimed(market, order)
    with pytest.raises(DisputedBefore):  # one at a time
        opening.open_dispute(
            order.public_id, kind="below_quality", reason="No.", actor=market.buying, now=SOON
        )
    disputes.withdraw(dispute.public_id, actor=market.selling, now=SOON)
    with pytest.raises(DisputedBefore):
        claimed(market, order)
    later = SOON + timedelta(days=10)  # the buyer's time began anew
    opening.open_dispute(
        order.public_id, kind="below_quality", reason="Gaps.", actor=market.buying, now=later
    )


def test_misuse_holds_no_money_and_ends_the_access_alone(market: Market) -> None:
    order = cleared(market)
    dispute = claimed(market, order)
    assert (money.available(market), set_aside(dispute), dispute.wanted.minor) == (9_800, 0, 0)
    ruled_end(market, order)
    with pytest.raises(NotAgainstYou):
        appeals.appeal(dispute.public_id, actor=market.selling, reason="Why?", now=SOON)
    disputes.accept_ruling(dispute.public_id, actor=market.buying, now=SOON)
    assert Dispute.objects.get().outcome == "access_ended"
    assert access(order) == "revoked"
    assert money.available(market) == 9_800
    assert not Refund.objects.exists()
    assert disputes_of_seller(market.seller.pk, now=SOON).disputes == 0
    assert money.books_are_sound()


def test_a_buyer_that_stays_silent_loses_the_access(market: Market) -> None:
    order = cleared(market)
    claimed(market, order)
    assert disputes.run_due(now=LONG_AFTER) == 1
    assert (access(order), Dispute.objects.get().outcome) == ("revoked", "access_ended")


def test_a_claim_that_is_turned_down_gives_the_access_back(market: Market) -> None:
    order = cleared(market)
    dispute = claimed(market, order)
    money.ruled(market.exchange, order, OrderTransition.RELEASE, now=SOON)
    assert Dispute.objects.get().outcome == "released"
    assert access(order) == "active"
    assert not appeals.losing_sides(dispute)


def test_an_end_of_access_is_ruled_where_it_is_asked_for(market: Market) -> None:
    order = cleared(market)
    opening.open_dispute(
        order.public_id, kind="below_quality", reason="Gaps.", actor=market.buying, now=SOON
    )
    with pytest.raises(RulingRefused):
        ruled_end(market, order)
    assert not order.rulings.exists()


def test_a_seller_whose_rights_are_challenged_gives_the_money_back(market: Market) -> None:
    order = cleared(market)
    dispute = claimed(market, order, kind="rights_challenged", remedy="refund")
    assert (money.available(market), set_aside(dispute)) == (0, 9_800)
    disputes.concede(dispute.public_id, actor=market.buying, now=SOON)
    assert Refund.objects.get().amount_minor == 10_600
    assert (access(order), set_aside(dispute), money.available(market)) == ("revoked", 0, 0)
    assert money.books_are_sound()


def test_what_an_operator_did_meanwhile_stands(market: Market) -> None:
    order = cleared(market)
    dispute = claimed(market, order)
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    operator = market.exchange.proposer
    said: dict[str, Any] = {"actor": operator, "reason": "Security.", "now": SOON}
    entitlements.resume(entitlement.public_id, **said)
    entitlements.suspend(entitlement.public_id, **said)
    disputes.withdraw(dispute.public_id, actor=market.selling, now=SOON)
    assert access(order) == "suspended"


def test_a_free_order_is_claimed_too(market: Market) -> None:
    order = market.order(market.offer(0))
    order.refresh_from_db()
    assert order.state == "closed"
    dispute = claimed(market, order, kind="rights_challenged", remedy="refund", now=DAY)
    disputes.concede(dispute.public_id, actor=market.buying, now=DAY)
    assert access(order) == "revoked"
    assert not Refund.objects.exists()


def test_a_seller_claims_on_the_page_of_the_order(market: Market) -> None:
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    now = timezone.now()
    order = market.order(market.offer(100), at=now)
    money.pay_by_card(market, order, at=now)
    acceptance.accept(order.public_id, actor=market.buying, now=now)
    settlement.clear_due(actor=CLOCK, now=now)
    seller = browser(owner_of(market.seller), market.seller)
    page = shown(seller, f"/orders/{order.public_id}/")
    assert "The data is used against its terms" in page
    assert "Quality below the report" not in page
    wrong = seller.post(
        f"/orders/{order.public_id}/object/",
        {"kind": "misuse", "remedy": Remedy.REFUND, "reason": "It is public."},
    )
    assert wrong.status_code == 422
    assert "For this kind of dispute ask for" in wrong.content.decode()
    opened = seller.post(
        f"/orders/{order.public_id}/object/",
        {"kind": "misuse", "remedy": Remedy.END_ACCESS, "reason": "It is public."},
    )
    assert opened.status_code == 302
    dispute = Dispute.objects.get()
    buyer = browser(market.agent, market.buyer)
    page = shown(buyer, f"/disputes/{dispute.public_id}/")
    assert "Rests until the dispute has ended" in page
    assert "your access to this data ends" in page
    assert "Which permit or ban of the licence" in page
    assert buyer.post(f"/disputes/{dispute.public_id}/agree/").status_code == 302
    assert access(order) == "revoked"
