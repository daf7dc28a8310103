"""Offers besides a refund: a credit, another delivery, more time; each carried out at once when it is taken."""

import html
import json
import zipfile
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from exchange.delivery.coverage import covered_revisions
from exchange.delivery.entitlements import entitlement_of_order
from exchange.delivery.models import Entitlement
from exchange.disputes import offers, opening
from exchange.disputes.models import Dispute
from exchange.disputes.offers import DAYS_MAX, OfferGone, OfferRefused
from exchange.disputes.statistics import disputes_of_seller
from exchange.journeys import acceptance, case_files, disputes
from exchange.members.roles import Role
from exchange.orders import subscriptions
from exchange.orders.models import Order, Subscription
from exchange.payments import chart
from exchange.payments.models import Document, Refund
from pricing.money import Money
from tests.architecture.lock_order import Recorder
from tests.disputes.test_late_disputes import SOON, cleared
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.listings import a_document, a_revision, an_offer
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market, pay
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
# Revisions of the factory are published a day after each other, from the day before this one on.
BOUGHT = DAY + timedelta(days=1)
NEXT_DAY = BOUGHT + timedelta(days=1)


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    return market


def disputed(
    market: Market, order: Order, *, kind: str = "below_quality", now: Any = DAY
) -> Dispute:
    return opening.open_dispute(
        order.public_id, kind=kind, reason="Gaps.", actor=market.buying, now=now
    )


def offered(market: Market, dispute: Dispute, *, now: Any = DAY, **what: Any) -> int:
    made = offers.offer(
        dispute.public_id, reason="So that you have it.", actor=market.selling, now=now, **what
    )
    assert made.offer_number is not None
    return made.offer_number


def taken(market: Market, dispute: Dispute, *, now: Any = DAY, **what: Any) -> Dispute:
    number = offered(market, dispute, now=now, **what)
    disputes.take_offer(dispute.public_id, actor=market.buying, number=number, now=now)
    with pytest.raises(OfferGone):
        disputes.take_offer(dispute.public_id, actor=market.buying, number=number, now=now)
    return Dispute.objects.get(pk=dispute.pk)


def right(order: Order) -> Entitlement:
    found = entitlement_of_order(order)
    assert found is not None
    return found


def in_wallet(market: Market) -> int:
    return money.on(chart.wallet(market.buyer.public_id, "CNY"))


def test_a_credit_is_in_the_buyers_wallet_at_once_and_the_sale_bears_it(market: Market) -> None:
    order = market.delivered(100)
    ended = taken(market, disputed(market, order), kind="credit", refund=Money(5_300, "CNY"))
    assert (ended.outcome, ended.refund_minor) == ("credited", 5_300)
    refund = Refund.objects.get()
    assert (refund.state, refund.to_wallet, refund.bearer) == ("succeeded", True, "seller")
    assert in_wallet(market) == 5_300
    assert (money.held(order), money.pending(market)) == (0, 4_900)
    assert Order.objects.get().state == "closed"
    assert disputes_of_seller(market.seller.pk, now=DAY).lost == 1
    assert money.books_are_sound()


def test_a_credit_of_a_closed_order_comes_out_of_what_was_shared_out(market: Market) -> None:
    order = cleared(market)
    taken(
        market,
        disputed(market, order, now=SOON),
        kind="credit",
        refund=Money(5_300, "CNY"),
        now=SOON,
    )
    assert (in_wallet(market), money.available(market)) == (5_300, 4_900)
    assert Document.objects.filter(order=order, kind="credit_note").count() == 1
    assert right(order).state == "active"
    assert money.books_are_sound()


def test_another_delivery_opens_the_newest_revision_for_a_new_inspection(market: Market) -> None:
    order = market.delivered(100, document=a_document(), at=BOUGHT)
    dispute = disputed(market, order, now=BOUGHT)
    a_revision(order.product, document=a_document())
    assert [one.number for one in covered_revisions(right(order))] == [1]
    ended = taken(market, dispute, kind="redeliver", now=NEXT_DAY)
    assert ended.outcome == "redelivered"
    order.refresh_from_db()
    assert (order.state, order.turn) == ("delivered", "buyer")
    assert order.inspection_ends_at is not None
    assert order.inspection_ends_at > NEXT_DAY
    assert [one.number for one in covered_revisions(right(order))] == [2, 1]
    assert money.held(order) == 10_600
    assert not Refund.objects.exists()
    again = disputed(market, order, now=NEXT_DAY)  # it is inspected like the first
    disputes.withdraw(again.public_id, actor=market.buying, now=NEXT_DAY)
    assert Order.objects.get().state == "closed"
    assert money.books_are_sound()


def test_access_that_rested_is_open_after_another_delivery(market: Market) -> None:
    order = market.delivered(100)
    dispute = disputed(market, order, kind="rights_challenged")
    assert right(order).state == "suspended"
    taken(market, dispute, kind="redeliver")
    assert right(order).state == "active"


def test_a_subscription_lasts_longer_and_its_periods_follow(market: Market) -> None:
    order = market.delivered(100, period="P1M")
    until, ended = right(order).valid_until, partial(subscriptions.next_period, now=DAY)
    before = ended(Subscription.objects.get())
    done = taken(market, disputed(market, order), kind="extend", days=10)
    assert (done.outcome, done.extended_days, done.refund) == ("extended", 10, None)
    more = timedelta(days=10)
    assert until is not None
    assert right(order).valid_until == until + more
    subscription = Subscription.objects.get()
    assert (subscription.paid_until, subscription.extended_days) == (until + more, 10)
    assert ended(subscription) == (before[0] + more, before[1] + more)
    assert order.window.during.upper == until + more
    assert Order.objects.get().state == "closed"
    assert money.pending(market) == 9_800
    assert money.books_are_sound()


@pytest.mark.parametrize("ends_access", [False, True])
def test_the_subscription_is_locked_before_any_account(
    market: Market, *, ends_access: bool
) -> None:
    order, locks = market.delivered(100, period="P1M"), Recorder()
    if ends_access:
        acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    dispute = disputed(market, order)
    with locks.watching():
        if ends_access:
            disputes.concede(dispute.public_id, actor=market.selling, now=DAY)
        else:
            taken(market, dispute, kind="extend", days=10)
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges if edge.waits_for}
    assert ("orders_subscription", "ledger_account") in orders
    assert ("ledger_account", "orders_subscription") not in orders


def limited(market: Market, *, days: int) -> Order:
    """An order under inspection whose access ends after so many days."""
    offer = an_offer(market.offer(100).product, price_minor=10_000, access_days=days)
    order = market.order(offer)
    pay(order)
    order.refresh_from_db()
    return order


def test_days_of_access_that_ran_out_begin_again(market: Market) -> None:
    order = limited(market, days=1)
    number = offered(market, disputed(market, order), kind="extend", days=3)
    late = DAY + timedelta(days=2)
    disputes.take_offer(
        Dispute.objects.get().public_id, actor=market.buying, number=number, now=late
    )
    assert right(order).valid_until == late + timedelta(days=3)


def test_what_cannot_be_carried_out_is_not_offered(market: Market) -> None:
    order = market.delivered(100)
    dispute = disputed(market, order)
    yuan = Money(100, "CNY")
    unfit: list[dict[str, Any]] = [
        {"kind": "present"},
        {"kind": "credit"},
        {"kind": "credit", "refund": Money(10_600, "CNY")},  # all of it is a refund
        {"kind": "redeliver", "refund": yuan},
        {"kind": "refund", "refund": yuan, "days": 3},
        {"kind": "extend", "days": 3},  # this access has no end
        {"kind": "extend"},
    ]
    for wrong in unfit:
        with pytest.raises(OfferRefused):
            offered(market, dispute, **wrong)
    with_end = disputed(market, limited(market, days=30))
    for days in (0, DAYS_MAX + 1):
        with pytest.raises(OfferRefused):
            offered(market, with_end, kind="extend", days=days)
    assert not dispute.steps.filter(transition="offer").exists()
    closed = disputed(market, cleared(market), now=SOON)
    with pytest.raises(OfferRefused):
        offered(market, closed, kind="redeliver", now=SOON)


def test_the_case_file_says_what_was_offered(market: Market) -> None:
    order = market.delivered(100)
    ended = taken(market, disputed(market, order), kind="credit", refund=Money(5_300, "CNY"))
    file = case_files.case_file(order.public_id, actor=market.buying, now=DAY)
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        name = next(one for one in archive.namelist() if one.endswith(f"{ended.public_id}.json"))
        told = json.loads(archive.read(name))
    assert (told["outcome"], told["refund_minor"]) == ("credited", "5300")
    assert [step["offered"] for step in told["steps"] if "offered" in step] == [
        {"offer": "credit", "refund_minor": "5300"}
    ]


def test_each_kind_is_offered_and_shown_before_the_click(market: Market) -> None:
    now = timezone.now()
    order = market.delivered(at=now, period="P1M")
    dispute = disputed(market, order, now=now)
    buyer = browser(market.agent, market.buyer)
    seller = browser(owner_of(market.seller), market.seller)
    address = f"/disputes/{dispute.public_id}/"
    kinds: dict[str, tuple[dict[str, str], str]] = {
        "refund": ({"refund": "30.00"}, "Refund to the buyer: CN¥30.00"),
        "credit": ({"refund": "30.00"}, "borne by the seller, who keeps the rest"),
        "redeliver": ({}, "the time to look at it begins again"),
        "extend": ({"days": "10"}, "10 days longer"),
    }
    for kind, (said, words) in kinds.items():
        made = seller.post(f"{address}offers/", {"kind": kind, "reason": "So.", **said})
        assert made.status_code == 302
        page = shown(buyer, address)
        assert words in page
        assert "it is carried out at once" in page
        number = Dispute.objects.get().offer_number
        answer = "accept" if kind == "extend" else "decline"
        assert buyer.post(f"{address}offers/{number}/{answer}/").status_code == 302
    assert "The access lasts longer; the seller keeps the money" in shown(buyer, address)
    assert Order.objects.get().state == "closed"


def test_the_page_of_the_order_says_that_a_credit_is_in_the_wallet(market: Market) -> None:
    order = market.delivered(at=timezone.now())
    dispute = disputed(market, order, now=timezone.now())
    taken(market, dispute, kind="credit", refund=Money(100, "CNY"), now=timezone.now())
    assert "In the buyer's wallet" in html.unescape(
        shown(browser(market.agent, market.buyer), f"/orders/{order.public_id}/")
    )
