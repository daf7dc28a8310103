"""Requests for data, on a public board."""

import pytest

from accounts.models import Organisation
from exchange.audit.models import Record
from exchange.catalog import demands
from exchange.catalog.demands import AlreadyAnswered, DemandClosed, DemandIncomplete, Wanted
from exchange.catalog.models import Demand, DemandAnswer
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.listings import a_draft, a_listing
from tests.factories.members import Exchange, a_role, acting, an_exchange, minutes

LATER = NOON + minutes(60)
WANTED = Wanted(title="Wind speed", description="Hourly, at 100 m.", budget_minor=5_000_00)


@pytest.fixture
def exchange(db: None) -> Exchange:
    return an_exchange()


def agent(exchange: Exchange, kind: Kind, role: Role, name: str = "") -> tuple[Organisation, Actor]:
    organisation = accounts.an_organisation(name=name or None)
    exchange.admit(organisation, kind)
    person = accounts.a_member(organisation)
    a_role(organisation, person, role)
    return organisation, acting(person, organisation, at=LATER)


@pytest.fixture
def buyer(exchange: Exchange) -> Actor:
    return agent(exchange, Kind.BUYER, Role.BUYER_AGENT, "Buyer")[1]


@pytest.fixture
def seller(exchange: Exchange) -> Actor:
    return agent(exchange, Kind.SELLER, Role.DATA_OWNER, "Seller")[1]


def house(actor: Actor) -> Organisation:
    assert actor.organisation_id is not None
    return Organisation.objects.get(pk=actor.organisation_id)


def test_a_request_stands_on_the_board_and_in_the_log(buyer: Actor) -> None:
    demand = demands.post_demand(actor=buyer, wanted=WANTED, now=LATER)
    assert (demand.state, demand.budget.minor, demand.organisation) == (
        "open",
        500_000,
        house(buyer),
    )
    record = Record.objects.get(event="catalog.demand.posted")
    assert record.subject == f"demand:{demand.public_id}"


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(title=" ", description="x"),
        Wanted(title="x" * 121, description="x"),
        Wanted(title="x", description=""),
        Wanted(title="x", description="x", budget_minor=0),
        Wanted(title="x\u202ey", description="x"),
        Wanted(title="x", description="x\u2066y\nz"),
    ],
)
def test_an_incomplete_request_is_refused_and_kept_nowhere(buyer: Actor, wanted: Wanted) -> None:
    with pytest.raises(DemandIncomplete):
        demands.post_demand(actor=buyer, wanted=wanted, now=LATER)
    assert not Demand.objects.exists()
    assert not Record.objects.filter(event="catalog.demand.posted").exists()


def test_a_seller_answers_with_a_listed_product_and_the_asker_is_told(
    buyer: Actor, seller: Actor
) -> None:
    demand = demands.post_demand(actor=buyer, wanted=WANTED, now=LATER)
    product = a_listing(seller=house(seller), title="Masts")
    demands.answer_demand(
        actor=seller,
        demand_id=demand.public_id,
        product_id=product.public_id,
        note="Two years.",
        now=LATER,
    )
    notice = Notice.objects.get(kind="catalog.demand.answered")
    assert notice.user_id == buyer.user_id
    assert notice.facts == {"organisation": "Seller", "demand": "Wind speed", "product": "Masts"}
    assert notice.url == f"/demands/{demand.public_id}/"
    with pytest.raises(AlreadyAnswered):
        demands.answer_demand(
            actor=seller,
            demand_id=demand.public_id,
            product_id=product.public_id,
            note="",
            now=LATER,
        )


def test_only_listed_products_of_ones_own_answer(buyer: Actor, seller: Actor) -> None:
    demand = demands.post_demand(actor=buyer, wanted=WANTED, now=LATER)
    for product in (a_listing(), a_draft(seller=house(seller))):
        with pytest.raises(NotFound):
            demands.answer_demand(
                actor=seller,
                demand_id=demand.public_id,
                product_id=product.public_id,
                note="",
                now=LATER,
            )
    with pytest.raises(NotAllowed):
        demands.answer_demand(
            actor=buyer, demand_id=demand.public_id, product_id="prd_x", note="", now=LATER
        )
    assert not DemandAnswer.objects.exists()


def test_a_closed_request_stays_closed(buyer: Actor, seller: Actor) -> None:
    demand = demands.post_demand(actor=buyer, wanted=WANTED, now=LATER)
    with pytest.raises(NotFound):
        demands.close_demand(demand.public_id, actor=seller, is_met=True, now=LATER)
    closed = demands.close_demand(demand.public_id, actor=buyer, is_met=True, now=LATER)
    assert (closed.state, closed.closed_at) == ("met", LATER)
    with pytest.raises(IllegalTransition):
        demands.close_demand(demand.public_id, actor=buyer, is_met=False, now=LATER)
    with pytest.raises(DemandClosed):
        demands.answer_demand(
            actor=seller,
            demand_id=demand.public_id,
            product_id=a_listing(seller=house(seller)).public_id,
            note="",
            now=LATER,
        )
