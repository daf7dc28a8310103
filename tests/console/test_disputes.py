"""The dispute desk: from the overview to a ruling, whose split is shown before it is proposed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from exchange.catalog.lifecycle import Delivery
from exchange.disputes import answers, opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance
from exchange.members.roles import Role
from exchange.orders.models import Order, Ruling
from exchange.payments.models import Refund
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.delivery import a_revision, read_again
from tests.factories.members import Exchange, a_role, minutes
from tests.factories.orders import DAY, Market, a_market, pay
from tests.factories.vault import a_read_file
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: object) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    return a_market()


@pytest.fixture
def exchange(market: Market) -> Exchange:
    return market.exchange


@pytest.fixture
def dispute(market: Market) -> Dispute:
    order = market.delivered(100)
    dispute = opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        reason="Half of the rows are missing.",
        actor=market.buying,
        now=DAY,
    )
    return answers.answer(
        dispute.public_id, actor=market.selling, reason="They never were.", now=DAY + minutes(1)
    )


def test_a_part_is_refunded_from_the_overview_on_in_few_clicks(
    dispute: Dispute, operator: Client, second_operator: Client
) -> None:
    overview = shown(operator, reverse("console:index"))
    queue = re.search(r'href="([^"]*disputes/dispute/\?turn__exact=operator)"', overview)
    assert queue is not None
    page = shown(operator, queue[1])
    desk = reverse("console:disputes_dispute_change", args=[dispute.pk])
    assert desk in page
    both = shown(operator, desk)
    assert "Half of the rows are missing." in both
    assert "They never were." in both
    decide = reverse("console:disputes_dispute_decide", args=[dispute.pk])
    assert decide in both
    form = {"ruling": "part:not_as_described", "amount": "53.00", "reason": "Half is there."}
    looked = operator.post(decide, form)
    assert looked.status_code == 200
    split = looked.content.decode()
    assert "CN¥49.00" in split
    assert "Propose this ruling" in split
    assert not Ruling.objects.exists()
    seen = re.search(r'name="seen" value="([^"]+)"', split)
    assert seen is not None
    other = operator.post(decide, {**form, "amount": "54.00", "seen": seen[1]})
    assert other.status_code == 200  # the split of another amount is looked at anew
    assert not Ruling.objects.exists()
    assert operator.post(decide, {**form, "seen": seen[1]}).status_code == 302
    ruling = Ruling.objects.get()
    assert "Proposed by" in shown(second_operator, desk)
    approve = reverse("console:orders_ruling_approve", args=[ruling.pk])
    assert "CN¥49.00" in shown(second_operator, approve)
    assert second_operator.post(approve, {"csrfmiddlewaretoken": "x"}).status_code == 302
    money.accept_ruling(Order.objects.get(), now=DAY + minutes(2))
    assert Refund.objects.get().amount_minor == 5_300
    assert Order.objects.get().state == "closed"
    assert "Refunded in part" in shown(operator, desk)


def test_an_end_of_the_access_is_ruled_at_the_desk(
    market: Market, operator: Client, second_operator: Client
) -> None:
    order = market.delivered(100)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    claim = opening.open_claim(
        order.public_id, kind="misuse", remedy="end_access", reason="It is on a public page.",
        actor=market.selling, now=DAY,
    )  # fmt: skip
    decide = reverse("console:disputes_dispute_decide", args=[claim.pk])
    assert "end:misused" in shown(operator, decide)
    form = {"ruling": "end:misused", "amount": "", "reason": "It was published."}
    seen = re.search(r'name="seen" value="([^"]+)"', operator.post(decide, form).content.decode())
    assert seen is not None
    assert operator.post(decide, {**form, "seen": seen[1]}).status_code == 302
    ruling = Ruling.objects.get()
    assert ruling.ends_access
    approve = reverse("console:orders_ruling_approve", args=[ruling.pk])
    assert "End the access" in shown(second_operator, approve)
    assert second_operator.post(approve, {"csrfmiddlewaretoken": "x"}).status_code == 302
    money.accept_ruling(order, now=DAY + minutes(2))
    assert Dispute.objects.get().outcome == "access_ended"
    assert not Refund.objects.exists()


def test_the_delivery_is_read_from_the_desk_and_a_ruling_is_drafted(
    market: Market, operator: Client
) -> None:
    """The draft and its rule are for those who rule; both sides see the verdicts."""
    offer = market.offer(100, delivery=Delivery.FILE)
    a_revision(offer.product, a_read_file(market.seller))
    order = market.order(offer)
    pay(order)
    dispute = opening.open_dispute(
        order.public_id, kind="below_quality", reason="Gaps.", actor=market.buying, now=DAY
    )
    desk = reverse("console:disputes_dispute_change", args=[dispute.pk])
    before = shown(operator, desk)
    assert "By the rule not_compared of the published table" in before
    assert "The delivered files are being read." in before  # the dispute itself asked for it
    assert f"/orders/{order.public_id}/case.zip" in before
    read_again(order.comparisons.get())
    after = shown(operator, desk)
    assert "By the rule all_kept of the published table" in after
    assert "Release the money to the seller." in after
    compare = reverse("console:disputes_dispute_compare", args=[dispute.pk])
    assert operator.post(compare, {"csrfmiddlewaretoken": "x"}).status_code == 302
    assert order.comparisons.count() == 2
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    for side in (
        browser(market.agent, market.buyer), browser(owner_of(market.seller), market.seller)
    ):  # fmt: skip
        page = shown(side, f"/disputes/{dispute.public_id}/")
        assert "All claims" in page
        assert "Draft of a ruling" not in page
        assert f"/orders/{order.public_id}/case.zip" in page


def test_nothing_is_chosen_beforehand(dispute: Dispute, operator: Client) -> None:
    decide = reverse("console:disputes_dispute_decide", args=[dispute.pk])
    page = operator.get(decide).content.decode()
    assert '<option value="" selected' in page
    for missing in ({"ruling": ""}, {"ruling": "part:not_as_described", "amount": ""}):
        answer = operator.post(decide, {"reason": "x", "amount": "", **missing})
        assert answer.status_code == 422
    assert not Ruling.objects.exists()


def test_an_end_of_the_access_can_be_ruled_only_where_it_is_asked_for(
    dispute: Dispute, operator: Client
) -> None:
    decide = reverse("console:disputes_dispute_decide", args=[dispute.pk])
    assert "end:misused" not in shown(operator, decide)
    form = {"ruling": "end:misused", "amount": "", "reason": "It was published."}
    assert operator.post(decide, form).status_code == 422


def test_an_operator_asks_a_side(dispute: Dispute, operator: Client) -> None:
    ask = reverse("console:disputes_dispute_ask_respondent", args=[dispute.pk])
    assert operator.post(ask, {"reason": "Which rows?"}).status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.turn) == ("asked", "respondent")
