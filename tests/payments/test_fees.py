"""The service fee: a share of the net, at least and at most so much, by the schedule of the order's day."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation
from exchange.journeys import acceptance
from exchange.members.roles import Role
from exchange.orders.terms import SME_DISCOUNT, renewed
from exchange.payments import fees
from exchange.payments.models import Document, Settlement
from exchange.web.documents.money import numbered_document
from pricing.worth.proceeds import Fee
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.ledger import cny
from tests.factories.members import a_role
from tests.factories.orders import DAY, a_market
from tests.web.buyers import browser


@given(
    net=st.integers(0, 10**9),
    rate=st.decimals(0, 1, places=4),
    least=st.integers(1, 10**6),
    more=st.integers(0, 10**6),
)
def test_a_fee_is_within_its_bounds_and_never_more_than_the_sale(
    net: int, rate: Decimal, least: int, more: int
) -> None:
    fee = Fee(Fraction(rate), least, least + more).of(cny(net)).minor
    assert 0 <= fee <= net
    assert fee >= min(least, net)
    assert fee <= least + more
    plain = Fee(Fraction(rate)).of(cny(net)).minor
    if least <= plain <= least + more:
        assert fee == plain


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "value", "yuan", "fee"),
    [
        (fees.MINIMUM, 500, 100, 500),
        (fees.MINIMUM, 100, 100, 200),
        (fees.MINIMUM, 20_000, 100, 10_000),
        (fees.CAP, 150, 100, 150),
        (fees.CAP, 300, 100, 200),
    ],
)
def test_minimum_and_cap_hold_for_what_is_ordered_from_their_day_on(
    key: str, value: int, yuan: int, fee: int
) -> None:
    market = a_market()
    before = market.delivered(yuan, at=DAY)
    later = DAY + money.days(1)
    amend(key=key, value=value, valid_from=later, now=DAY)
    after = market.delivered(yuan, at=later)
    for order in (before, after):
        acceptance.accept(order.public_id, actor=market.buying, now=later)
    settled = {row.order_id: row.fee_minor for row in Settlement.objects.all()}
    assert settled == {before.pk: 200, after.pk: fee}
    assert money.books_are_sound()
    statement = Document.objects.get(kind="statement", order=after)
    said = {line.label: line.text for line in numbered_document(statement).lines}
    word = "at least" if key == fees.MINIMUM else "at most"
    assert said["Service fee"].startswith(f"2 % of the net · {word} ")


@pytest.mark.django_db
def test_a_minimum_in_yuan_does_not_hold_for_other_currencies() -> None:
    a_market()
    amend(key=fees.MINIMUM, value=500, valid_from=DAY, now=DAY)
    schedule = fees.schedule_for_all(at=DAY)
    euros = type(cny(1))(1000, "EUR")
    assert (schedule.of(euros).minor, schedule.of(cny(1000)).minor) == (20, 500)
    assert schedule.facts_in("EUR") == {"fee_rate": "0.02"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("discount", "least", "fee", "said"),
    [
        ("0.5", 0, 100, "2 % of the net · less 50 %"),
        ("0.125", 0, 175, "2 % of the net · less 12.5 %"),
        ("0.5", 501, 251, "2 % of the net · at least CN¥5.01 · less 50 %"),
        ("1", 500, 0, "2 % of the net · at least CN¥5.00 · less 100 %"),
    ],
)
def test_a_small_seller_is_spared_its_part_of_what_is_ordered_from_then_on(
    discount: str, least: int, fee: int, said: str
) -> None:
    market = a_market()
    offer = market.offer(100)
    before = market.order(offer)
    amend(key=fees.MINIMUM, value=least, valid_from=DAY, now=DAY) if least else None
    later = DAY + money.days(1)
    amend(key=SME_DISCOUNT, value=discount, valid_from=later, now=DAY)
    plain = market.order(offer, at=later)
    Organisation.objects.filter(pk=market.seller.pk).update(sme=True)
    small = market.order(offer, at=later)
    Organisation.objects.filter(pk=market.seller.pk).update(sme=False)
    assert SME_DISCOUNT not in {**before.terms["rules"], **plain.terms["rules"]}
    for order in (before, plain, small):
        money.pay_by_card(market, order)
        acceptance.accept(order.public_id, actor=market.buying, now=later)
    settled = {row.order_id: row.fee_minor for row in Settlement.objects.all()}
    whole = max(200, least)
    assert settled == {before.pk: whole, plain.pk: whole, small.pk: fee}
    assert money.books_are_sound()
    statement = Document.objects.get(kind="statement", order=small)
    shown = {line.label: line.text for line in numbered_document(statement).lines}
    assert shown["Service fee"] == f"{said} for small and medium-sized sellers"


@pytest.mark.django_db
def test_a_renewal_asks_anew_whether_its_seller_is_small() -> None:
    market = a_market()
    Organisation.objects.filter(pk=market.seller.pk).update(sme=True)
    order = market.order(market.offer(100))
    amend(key=SME_DISCOUNT, value="0.5", valid_from=DAY, now=DAY)
    later = DAY + money.days(1)
    assert SME_DISCOUNT not in order.terms["rules"]
    terms = renewed(order.terms, order.product, day=later, now=DAY)
    assert terms["rules"][SME_DISCOUNT] == "cn-2026-07/fee.sme_discount@2"
    Organisation.objects.filter(pk=market.seller.pk).update(sme=False)
    order.refresh_from_db()
    assert renewed(terms, order.product, day=later, now=DAY)["rules"] == order.terms["rules"]


@pytest.mark.django_db
def test_a_small_seller_sees_what_it_is_spared_before_it_sells() -> None:
    market = a_market()
    product = market.offer(100).product
    amend(key=SME_DISCOUNT, value="0.5", valid_from=DAY, now=DAY)
    Organisation.objects.filter(pk=market.seller.pk).update(sme=True)
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller = browser(owner, market.seller)
    tried = seller.get(
        reverse("web:sell_simulate", args=[product.public_id]),
        {"source": "typed", "willing": "100 x 1"},
    ).content.decode()
    assert "99.00" in tried
    for page in (tried, seller.get(reverse("web:earnings")).content.decode()):
        assert "2 % of the net · less 50 % for small and medium-sized sellers" in page
