"""Negotiating by program: from the question to the contract that people sign, and an answered request."""

from typing import Any

import pytest
from django.test import Client

from accounts.ids import new_id
from exchange.catalog import demands
from exchange.catalog.lifecycle import DemandState
from exchange.catalog.models import Product
from exchange.catalog.models.interest import Demand
from exchange.contracts.signing import document_hash
from exchange.members.roles import Role
from exchange.negotiation.models import Negotiation
from tests.api.callers import post, with_key
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
PATH = "/api/v1/negotiations"
SCOPES = ("orders:read", "orders:write", "orders:buy")


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def product(market: Market) -> Product:
    return market.offer(500).product


@pytest.fixture
def buyer(market: Market) -> Client:
    return with_key(market.buyer, *SCOPES)


@pytest.fixture
def seller(market: Market) -> Client:
    return with_key(market.seller, *SCOPES)


def send(client: Client, path: str, body: Any) -> Any:
    return post(client, path, body, key=new_id("key"))


def ask(buyer: Client, product: Product, **terms: Any) -> dict[str, Any]:
    body = {"product": product.public_id, "terms": {"currency": "CNY", **terms}}
    answer = send(buyer, PATH, body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def newest(client: Client, number: str) -> str:
    return str(client.get(f"{PATH}/{number}/proposals").json()["items"][0]["hash"])


def test_two_programs_agree_and_the_contract_waits_for_people(
    buyer: Client, seller: Client, product: Product
) -> None:
    opened = ask(buyer, product)
    assert (opened["state"], opened["turn"], opened["origin"]) == ("requested", "seller", "quote")
    here = f"{PATH}/{opened['id']}"
    offer = {"currency": "CNY", "price_minor": 90_000, "access_days": 30}
    said = {"answers": newest(seller, opened["id"]), "terms": offer}
    assert send(seller, f"{here}/counter", said).json()["turn"] == "buyer"
    agreed = send(buyer, f"{here}/accept", {"answers": newest(buyer, opened["id"])}).json()
    assert agreed["state"] == "accepted"
    contract = f"/api/v1/contracts/{agreed['contract']}"
    whole = buyer.get(contract).json()
    assert (whole["contract"]["state"], whole["signatures"]) == ("signing", [])
    document = seller.get(f"{contract}/document")
    assert document_hash(document.json()) == whole["contract"]["hash"]
    assert buyer.get(f"{contract}/policy").json()["@type"] == "Agreement"
    assert [one["id"] for one in seller.get("/api/v1/contracts").json()["items"]] == [
        agreed["contract"]
    ]


def test_an_offer_that_was_withdrawn_takes_no_counter_offer(
    buyer: Client, seller: Client, product: Product
) -> None:
    opened = ask(buyer, product, price_minor=50_000)
    seen = newest(seller, opened["id"])
    here = f"{PATH}/{opened['id']}"
    gone = send(buyer, f"{here}/withdraw", {})
    assert gone.json()["state"] == "withdrawn", gone.content
    counter = {"answers": seen, "terms": {"currency": "CNY", "price_minor": 60_000}}
    refused = send(seller, f"{here}/counter", counter)
    assert (refused.status_code, refused.json()["code"]) == (409, "proposal_withdrawn")


def test_terms_that_cannot_be_are_named(buyer: Client, product: Product) -> None:
    body = {"product": product.public_id, "terms": {"currency": "XXX", "price_minor": -1}}
    refused = send(buyer, PATH, body)
    assert refused.status_code == 422
    assert not Negotiation.objects.exists()


def test_a_stranger_reads_nothing_of_it(buyer: Client, product: Product) -> None:
    opened = ask(buyer, product)
    stranger = with_key(accounts.an_organisation(name="Stranger"), *SCOPES)
    for part in ("", "/proposals"):
        assert stranger.get(f"{PATH}/{opened['id']}{part}").status_code in {403, 404}


def a_demand(market: Market) -> Demand:
    wanted = demands.Wanted(
        title="Pressure of stations",
        description="Quarter-hourly values of one year.",
        budget_minor=80_000,
    )
    return demands.post_demand(actor=market.buying, wanted=wanted, now=DAY)


def test_a_request_on_the_board_is_answered_with_an_offer(
    market: Market, product: Product, buyer: Client
) -> None:
    demand = a_demand(market)
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller = browser(owner, market.seller)
    path = f"/demands/{demand.public_id}/"
    assert "Answer with an offer" in shown(seller, path)
    said = {"product": product.public_id, "note": "", "offer": "1"}
    to_form = seller.post(f"{path}answer/", said)
    assert to_form.status_code == 302
    form = {
        "price_minor": "700.00", "template": "provision", "nature": "licence", "words": "One year.",
        "confirmed": "1",
    }  # fmt: skip
    made = seller.post(to_form["Location"], form)
    assert made.status_code == 302, made.content.decode()[:3000]
    opened = Negotiation.objects.get()
    assert (opened.origin, opened.demand) == ("demand", demand)
    assert (opened.buyer_id, opened.turn) == (market.buyer.pk, "buyer")
    assert demand.answers.get().product == product
    agreed = send(
        buyer, f"{PATH}/{opened.public_id}/accept", {"answers": newest(buyer, opened.public_id)}
    )
    assert agreed.json()["state"] == "accepted"


def test_a_closed_request_takes_no_offer(market: Market, product: Product) -> None:
    demand = a_demand(market)
    Demand.objects.filter(pk=demand.pk).update(state=DemandState.WITHDRAWN, closed_at=DAY)
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    assert acting(owner, market.seller).organisation_id == market.seller.pk
    seller = browser(owner, market.seller)
    answer = seller.post(
        f"/sell/{product.public_id}/private-offer/?demand={demand.public_id}",
        {"price_minor": "700.00", "template": "provision", "nature": "licence", "words": "",
         "confirmed": "1"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "This request is closed." in answer.content.decode()
