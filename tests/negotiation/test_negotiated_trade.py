"""A negotiated trade from the question to the books: rounds, limit, signatures, order, settlement."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import MembershipRole
from exchange.catalog.choices import RIGHTS
from exchange.catalog.models import Product
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract, Permit
from exchange.contracts.queries import is_intact
from exchange.core.refusals import NotAllowed, NotFound
from exchange.journeys import acceptance, agreements
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.negotiation import deciding, rounds
from exchange.negotiation.errors import NotYourTurn, ProposalRefused
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.models import Negotiation, Proposal
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders import limits
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import chart
from pricing.money import Money
from tests.disputes.test_kinds_of_offers import disputed, right, taken
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet, on

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    fund_wallet(market.exchange, market.buyer, 1000)
    return market


def spoken(yuan: int | None, **terms: object) -> Spoken:
    price = None if yuan is None else yuan * 100
    return Spoken(replace(Terms(currency="CNY", price_minor=price, access_days=30), **terms))  # type: ignore[arg-type]  # fields of the terms, by name


def asked(market: Market) -> Negotiation:
    return rounds.ask(
        actor=market.buying, product_id=market.offer(500).product.public_id,
        spoken=spoken(None), now=DAY,
    )  # fmt: skip


def say(actor: Actor, negotiation: Negotiation, yuan: int, **terms: object) -> Negotiation:
    return rounds.counter(
        negotiation.public_id, actor=actor,
        answers=newest_proposal(negotiation).document_hash, spoken=spoken(yuan, **terms), now=DAY,
    )  # fmt: skip


def accept(actor: Actor, negotiation: Negotiation) -> Negotiation:
    return deciding.accept(
        negotiation.public_id, actor=actor,
        answers=newest_proposal(negotiation).document_hash, now=DAY,
    )  # fmt: skip


def sign(actor: Actor, contract: Contract) -> Contract:
    return agreements.sign(
        contract.public_id, actor=actor, seen_hash=contract.document_hash, now=DAY
    )


def agreed(market: Market) -> Contract:
    offered = say(market.selling, asked(market), 400)
    countered = say(market.buying, offered, 300)
    accepted = accept(market.selling, countered)
    assert accepted.state == NegotiationState.ACCEPTED
    return Contract.objects.get(negotiation=accepted)


def test_a_negotiated_trade_settles_to_zero(market: Market) -> None:
    contract = agreed(market)
    assert contract.document["fee"]["net_minor"] == "30000"
    assert sign(market.selling, contract).state == ContractState.SIGNING
    assert not Order.objects.exists()
    performed = sign(market.leading, contract)
    order = Order.objects.get()
    assert (performed.state, order.contract) == (ContractState.PERFORMING, performed)
    assert order.total == Money(31_800, "CNY")
    assert order.terms["deal"] == {"nature": "licence", "basis": f"contract:{contract.public_id}"}
    assert order.state == OrderState.DELIVERED  # the wallet has paid
    assert Negotiation.objects.get().state == NegotiationState.CONCLUDED
    assert is_intact(performed)
    assert Permit.objects.get().valid_until == DAY + timedelta(days=30)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    assert on(chart.escrow(order.public_id)) == 0
    assert on(chart.pending(market.seller.public_id, "CNY")) == 29_400  # less 2 % fee
    assert books_are_sound()


def test_a_permit_lasts_as_long_as_the_access_that_a_dispute_extended(market: Market) -> None:
    contract = agreed(market)
    sign(market.selling, contract)
    sign(market.leading, contract)
    order, until = Order.objects.get(), Permit.objects.get().valid_until
    assert until is not None
    done = taken(market, disputed(market, order), kind="extend", days=10)
    assert done.extended_days == 10
    extended = Permit.objects.get().valid_until
    assert extended == right(order).valid_until
    assert extended is not None
    assert extended >= until + timedelta(days=10)
    assert is_intact(Contract.objects.get())


def test_above_the_limit_another_person_approves_before_it_binds(market: Market) -> None:
    limits.set_limit(actor=market.leading, limit=Money(31_799, "CNY"), now=DAY)
    offered = say(market.selling, asked(market), 300)
    held = accept(market.buying, offered)
    assert (held.state, Contract.objects.count()) == (NegotiationState.APPROVING, 0)
    with pytest.raises(NotAllowed):
        deciding.approve(held.public_id, actor=market.buying, now=DAY)
    bound = deciding.approve(held.public_id, actor=market.leading, now=DAY)
    assert (bound.state, Contract.objects.count()) == (NegotiationState.ACCEPTED, 1)


def test_at_the_limit_one_person_is_enough(market: Market) -> None:
    limits.set_limit(actor=market.leading, limit=Money(31_800, "CNY"), now=DAY)
    bound = accept(market.buying, say(market.selling, asked(market), 300))
    assert bound.state == NegotiationState.ACCEPTED


def test_a_private_offer_is_seen_by_its_receiver_alone(market: Market) -> None:
    product = market.offer(500).product
    offered = rounds.offer_privately(
        actor=market.selling, product_id=product.public_id, buyer_id=market.buyer.public_id,
        spoken=spoken(250), now=DAY,
    )  # fmt: skip
    house = accounts.an_organisation()
    with pytest.raises(NotFound):
        accept(acting(accounts.owner_of(house), house), offered)
    assert accept(market.buying, offered).state == NegotiationState.ACCEPTED


def test_nobody_asks_their_own_house(market: Market) -> None:
    product = market.offer(500).product
    with pytest.raises(NotAllowed):
        rounds.ask(actor=market.selling, product_id=product.public_id, spoken=spoken(None), now=DAY)
    assert not Negotiation.objects.exists()


def licensed(market: Market, *uses: str) -> Product:
    product: Product = market.offer(500).product
    product.licence = {"template": "internal", "allowed": list(uses), "forbidden": ["reidentify"]}
    product.save(update_fields=["licence"])
    return product


def test_other_uses_than_the_products_may_be_agreed_and_the_order_freezes_them(
    market: Market,
) -> None:
    product = licensed(market, "internal_use")
    asked = rounds.ask(
        actor=market.buying, product_id=product.public_id,
        spoken=spoken(None, allowed=("train_ai", "internal_use")), now=DAY,
    )  # fmt: skip
    offered = say(market.selling, asked, 400, allowed=("train_ai", "internal_use"))
    contract = Contract.objects.get(negotiation=accept(market.buying, offered))
    granted = contract.document["rights_granted"]
    assert granted["allowed"] == ["internal_use", "train_ai"]
    assert granted["forbidden"] == sorted(set(RIGHTS) - {"internal_use", "train_ai"})
    sign(market.selling, contract)
    sign(market.leading, contract)
    order = Order.objects.get(contract=contract)
    assert order.terms["licence"]["allowed"] == granted["allowed"]
    assert order.terms["licence"]["template"] == "custom"
    assert product.licence["allowed"] == ["internal_use"]


def test_what_a_signed_contract_allows_stays_when_the_products_licence_changes(
    market: Market,
) -> None:
    contract = agreed(market)
    Product.objects.filter(pk=contract.product.pk).update(
        licence={"template": "open", "allowed": ["export", "redistribute"], "forbidden": []}
    )
    sign(market.selling, contract)
    sign(market.leading, contract)
    licence = Order.objects.get(contract=contract).terms["licence"]
    assert licence["allowed"] == contract.document["rights_granted"]["allowed"]


@pytest.mark.parametrize(
    ("allowed", "forbidden"),
    [
        (("export",), ()),
        (("reidentify",), ()),
        (("fly",), ()),
        ((), ("export",)),
        (("derive",), ("derive",)),
    ],
)
def test_what_no_contract_may_allow_is_refused_at_its_field(
    market: Market, allowed: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    product = licensed(market, "internal_use")
    with pytest.raises(ProposalRefused) as refused:
        rounds.ask(
            actor=market.buying, product_id=product.public_id,
            spoken=spoken(None, allowed=allowed, forbidden=forbidden), now=DAY,
        )  # fmt: skip
    assert refused.value.facts["field"] == "allowed"
    assert not Negotiation.objects.exists()


def test_the_side_that_spoke_last_waits(market: Market) -> None:
    offered = say(market.selling, asked(market), 400)
    with pytest.raises(NotYourTurn):
        say(market.selling, offered, 350)
    assert Proposal.objects.count() == 2


def test_who_answers_for_nothing_signs_nothing(market: Market) -> None:
    contract = agreed(market)
    worker = accounts.a_member(market.buyer, role=MembershipRole.MEMBER)
    with pytest.raises(NotAllowed):
        sign(acting(worker, market.buyer), contract)
    assert not contract.signatures.exists()
