"""Framework agreements: so many orders on the terms that both have signed, within their time."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from exchange.catalog import sharing
from exchange.catalog.models import Product
from exchange.contracts import performance
from exchange.contracts.errors import NothingToCallOff
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.core.refusals import NotAllowed
from exchange.journeys import acceptance, agreements
from exchange.negotiation.errors import ProposalRefused
from exchange.negotiation.models import Negotiation
from exchange.orders import limits
from exchange.orders.models import Order
from exchange.orders.terms import renewed
from pricing.money import Money
from tests.contracts.test_performance import Deal, deal
from tests.factories import accounts
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound
from tests.factories.sharing import a_receiver, agreed, leading, part, proposed
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
CALLS, DAYS = 3, 60
FRAME = {"calls_max": CALLS, "calls_days": DAYS}
__all__ = ["deal"]


def call(made: Deal, contract: Contract, number: int, *, days: int = 1) -> Order:
    return agreements.call_off(
        contract.public_id,
        actor=made.market.buying,
        number=number,
        now=DAY + timedelta(days=days),
    )


def test_a_framework_is_called_off_until_its_orders_are_used_up(deal: Deal) -> None:
    contract = deal.signed(**FRAME)
    assert "up to 3 orders on these terms within 60 days" in str(contract.document["clauses"])
    second = call(deal, contract, 2)
    assert call(deal, contract, 2) == second  # asked twice, placed once
    third = call(deal, contract, 3)
    assert {second.total_minor, third.total_minor} == {53_000}
    assert Order.objects.count() == CALLS
    with pytest.raises(NothingToCallOff):
        call(deal, contract, 4)
    assert books_are_sound()


def test_an_order_is_the_next_one_and_within_the_time(deal: Deal) -> None:
    contract = deal.signed(**FRAME)
    with pytest.raises(NothingToCallOff) as refused:
        call(deal, contract, 3)
    assert refused.value.facts["next"] == 2
    with pytest.raises(NothingToCallOff):
        call(deal, contract, 2, days=DAYS)
    assert Order.objects.count() == 1


def test_it_ends_with_its_time_and_not_with_one_of_its_orders(deal: Deal) -> None:
    contract = deal.signed(**FRAME)
    acceptance.accept(contract.orders.get().public_id, actor=deal.market.buying, now=DAY)
    contract.refresh_from_db()
    assert contract.state == ContractState.PERFORMING
    assert performance.run_due(now=DAY + timedelta(days=DAYS, seconds=-1)) == 0
    assert performance.run_due(now=DAY + timedelta(days=DAYS)) == 1
    assert performance.run_due(now=DAY + timedelta(days=DAYS)) == 0
    contract.refresh_from_db()
    assert contract.state == ContractState.COMPLETED


def test_only_the_buyer_calls_off_and_only_a_framework(deal: Deal) -> None:
    contract = deal.signed(**FRAME)
    with pytest.raises(NotAllowed):
        agreements.call_off(contract.public_id, actor=deal.seller, number=2, now=DAY)


def test_another_contract_has_nothing_to_call_off(deal: Deal) -> None:
    contract = deal.signed()
    with pytest.raises(NothingToCallOff):
        call(deal, contract, 2)


def test_the_limit_of_one_person_is_held_against_all_orders(deal: Deal) -> None:
    limits.set_limit(actor=deal.market.leading, limit=Money(100_000, "CNY"), now=DAY)
    # One order of 530 lies below a limit of 1,000; three of them do not.
    opened = deal.opened(**FRAME)
    deal.accepted(opened)
    assert Negotiation.objects.get().state == "approving"


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls_max": 3},
        {"calls_days": 30},
        {"calls_max": 1, "calls_days": 30},
        {"calls_max": 3, "calls_days": 4_000},
        {**FRAME, "period": "P1M"},
        {**FRAME, "uses_max": 5},
    ],
)
def test_a_framework_that_cannot_be_is_refused(deal: Deal, wrong: dict[str, Any]) -> None:
    with pytest.raises(ProposalRefused) as refused:
        deal.opened(**wrong)
    assert refused.value.facts["field"] == "calls_max"


def test_the_page_counts_and_calls_off(deal: Deal) -> None:
    contract = deal.signed(**FRAME)
    buyer = browser(deal.market.agent, deal.market.buyer)
    path = f"/contracts/{contract.public_id}/"
    page = shown(buyer, path)
    assert "Framework agreement" in page
    assert "1 / 3" in page


def test_all_orders_of_a_contract_share_as_it_was_when_both_had_signed(deal: Deal) -> None:
    institute, late = (
        a_receiver(deal.market.exchange, name=name) for name in ("Institute", "Late")
    )
    product = Product.objects.get(public_id=deal.product_id)
    before = agreed(product, "70", part(institute, "30"))
    contract = deal.signed(**FRAME)
    later = DAY + timedelta(hours=1)
    newer = proposed(product, "90", part(late, "10"), at=later)
    for house in (institute, late):
        sharing.agree(newer.public_id, actor=leading(house), now=later)
    newer.refresh_from_db()
    assert newer.state == "in_force"
    assert [contract.orders.get().terms["shares"], call(deal, contract, 2).terms["shares"]] == [
        before.public_id, before.public_id,
    ]  # fmt: skip
    month = contract.orders.order_by("pk").first()
    assert month is not None
    assert renewed(month.terms, product, day=later, now=later)["shares"] == before.public_id


def test_the_seller_sees_the_shares_beside_what_is_negotiated_and_the_buyer_does_not(
    deal: Deal,
) -> None:
    institute = a_receiver(deal.market.exchange)
    agreed(Product.objects.get(public_id=deal.product_id), "70", part(institute, "30"))
    opened = deal.opened()
    seller = browser(accounts.owner_of(deal.market.seller), deal.market.seller)
    buyer = browser(deal.market.agent, deal.market.buyer)
    talk = reverse("web:negotiation", args=[opened.public_id])
    assert "What is in force when both sides have signed" in shown(seller, talk)
    assert "Institute" not in shown(buyer, talk)
    contract = deal.signed_by_both(deal.accepted(opened))
    page = reverse("web:contract", args=[contract.public_id])
    assert "Frozen when both sides had signed" in shown(seller, page)
    assert "Institute" in shown(seller, page)
    assert "Institute" not in shown(buyer, page)
