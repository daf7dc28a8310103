"""The pages of negotiations and contracts: from the question to the signed contract and its order."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.contracts.signing import document_hash
from exchange.members.roles import Role
from exchange.negotiation import deciding
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.models import Negotiation
from exchange.orders import limits
from exchange.orders.models import Order
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
QUERIES_MAX = 45
LIST_QUERIES_MAX = 20
TERMS = {
    "price_minor": "", "access_days": "30", "template": "provision", "nature": "licence",
    "purpose": "Load forecasts", "words": "For one year?",
}  # fmt: skip


@dataclass
class Table:
    """Both sides at their browsers."""

    market: Market
    product_id: str
    buyer: Client
    leader: Client
    seller: Client

    def ask(self) -> str:
        answer = self.buyer.post(f"/products/{self.product_id}/quote/", TERMS)
        assert answer.status_code == 302
        return str(answer["Location"])

    def act(self, client: Client, path: str, name: str, **said: str) -> "tuple[int, str]":
        """What answers to the newest proposal that the page shows."""
        found = re.search(r'name="answers" value="([^"]+)"', shown(client, path))
        said = {"answers": found.group(1) if found else "", "confirmed": "1", **said}
        answer = client.post(f"{path}{name}/", said)
        return answer.status_code, answer.content.decode()


@pytest.fixture
def table() -> Table:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    fund_wallet(market.exchange, market.buyer, 1000)
    return Table(
        market=market,
        product_id=market.offer(500).product.public_id,
        buyer=browser(market.agent, market.buyer),
        leader=browser(accounts.owner_of(market.buyer), market.buyer),
        seller=browser(accounts.owner_of(market.seller), market.seller),
    )


def test_a_quote_is_countered_accepted_signed_and_ordered(table: Table, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert "Nothing here" in shown(table.buyer, "/negotiations/")
    assert "Ask for a quote" in shown(table.buyer, f"/products/{table.product_id}/")
    path = table.ask()
    assert "your turn" in shown(table.seller, "/negotiations/?show=turn")
    offer = {**TERMS, "price_minor": "400", "words": "For less I cannot."}
    assert table.act(table.seller, path, "counter", **offer)[0] == 302
    page = shown(table.buyer, path)
    assert "CN¥400.00" in page
    assert "<del>asked for</del>" in page
    assert table.act(table.buyer, path, "counter", **{**offer, "price_minor": "300"})[0] == 302
    assert "<del>CN¥400.00</del>" in shown(table.seller, path)
    assert table.act(table.seller, path, "accept")[0] == 302
    contract = Contract.objects.get()
    address = f"/contracts/{contract.public_id}/"
    assert address in shown(table.buyer, path)
    assert "Data provision contract" in shown(table.buyer, "/contracts/")
    for client in (table.seller, table.leader):
        assert "Sign the contract" in shown(client, address)
        seen = {"seen_hash": contract.document_hash}
        assert client.post(f"{address}sign/", seen).status_code == 302
    order = Order.objects.get()
    assert order.total == Money(31_800, "CNY")
    assert f"/orders/{order.public_id}/" in shown(table.buyer, address)
    assert "intact" in shown(table.buyer, address)
    assert books_are_sound()


def test_the_contract_is_downloaded_as_it_was_signed(table: Table) -> None:
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    table.act(table.buyer, path, "accept")
    contract = Contract.objects.get()
    address = f"/contracts/{contract.public_id}/download"
    signed = table.buyer.get(f"{address}.json")
    assert document_hash(signed.json()) == contract.document_hash
    policy = table.buyer.get(f"{address}.odrl").json()
    assert policy["@context"]
    assert table.buyer.get(f"{address}.pdf").content.startswith(b"%PDF")


def test_signing_asks_for_a_second_factor(table: Table, settings: Any) -> None:
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    table.act(table.buyer, path, "accept")
    contract = Contract.objects.get()
    address = f"/contracts/{contract.public_id}/"
    settings.SECOND_FACTOR_REQUIRED = True
    seen = {"seen_hash": contract.document_hash}
    for answer in (table.leader.get(address), table.leader.post(f"{address}sign/", seen)):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    assert not contract.signatures.exists()


def test_a_document_that_was_not_read_is_not_signed(table: Table, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    table.act(table.buyer, path, "accept")
    contract = Contract.objects.get()
    address = f"/contracts/{contract.public_id}/"
    refused = table.seller.post(f"{address}sign/", {"seen_hash": "sha256:0"})
    assert refused.status_code == 422
    assert "Couldn’t save" in refused.content.decode()
    contract.refresh_from_db()
    assert contract.state == ContractState.SIGNING
    # The agent who buys may not bind the organisation.
    assert "Sign the contract" not in shown(table.buyer, address)
    seen = {"seen_hash": contract.document_hash}
    assert table.buyer.post(f"{address}sign/", seen).status_code == 403


def test_an_answer_to_what_was_withdrawn_is_refused_in_place(table: Table) -> None:
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    found = re.search(r'name="answers" value="([^"]+)"', shown(table.buyer, path))
    assert found
    assert table.act(table.seller, path, "withdraw")[0] == 302
    late = {**TERMS, "price_minor": "350", "confirmed": "1", "answers": found.group(1)}
    answer = table.buyer.post(f"{path}counter/", late)
    assert answer.status_code == 422
    assert "Couldn’t save" in answer.content.decode()
    assert Negotiation.objects.get().proposals_count == 2


def test_what_was_typed_is_kept_when_it_is_refused(table: Table) -> None:
    path = table.ask()
    status, page = table.act(
        table.seller, path, "counter", **{**TERMS, "price_minor": "a lot", "purpose": "Kept"}
    )
    assert status == 422
    assert "a lot" in page
    assert "Kept" in page
    assert Negotiation.objects.get().proposals_count == 1


def test_a_decline_needs_a_reason(table: Table) -> None:
    path = table.ask()
    status, page = table.act(table.seller, path, "decline", reason="")
    assert (status, "Please say why." in page) == (422, True)
    assert table.act(table.seller, path, "decline", reason="Sold out.")[0] == 302
    assert "Sold out." in shown(table.buyer, path)


def test_above_the_limit_another_person_approves_from_the_inbox(table: Table) -> None:
    limits.set_limit(actor=table.market.leading, limit=Money(100, "CNY"), now=DAY)
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    assert table.act(table.buyer, path, "accept")[0] == 302
    assert not Contract.objects.exists()
    assert "To be approved by a second person" in shown(table.leader, "/negotiations/")
    assert table.buyer.post(f"{path}approve/").status_code == 403
    assert table.leader.post(f"{path}approve/").status_code == 302
    assert Contract.objects.exists()


def test_a_private_offer_goes_to_one_organisation(table: Table) -> None:
    offer = {**TERMS, "price_minor": "250", "confirmed": "1"}
    wrong = table.seller.post(
        f"/sell/{table.product_id}/private-offer/", {**offer, "buyer": "org_nobody"}
    )
    assert wrong.status_code == 422
    assert "No member has this name." in wrong.content.decode()
    made = table.seller.post(
        f"/sell/{table.product_id}/private-offer/",
        {**offer, "buyer": table.market.buyer.public_id},
    )
    assert made.status_code == 302
    assert "CN¥250.00" in shown(table.buyer, made["Location"])


def test_strangers_find_nothing(table: Table) -> None:
    path = table.ask()
    house = accounts.an_organisation()
    stranger = browser(accounts.owner_of(house), house)
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}accept/").status_code == 404


def test_what_nobody_signs_in_time_lapses(table: Table) -> None:
    path = table.ask()
    table.act(table.seller, path, "counter", **{**TERMS, "price_minor": "400"})
    table.act(table.buyer, path, "accept")
    held = Negotiation.objects.get()
    assert held.due_at
    assert deciding.run_due(now=timezone.now()) == 0
    assert deciding.run_due(now=max(held.due_at, Contract.objects.get().sign_by)) == 1
    held.refresh_from_db()
    assert held.state == NegotiationState.EXPIRED
    assert Contract.objects.get().state == ContractState.LAPSED


def test_pages_ask_a_bounded_number_of_questions(table: Table) -> None:
    path = table.ask()
    for price in ("400", "390", "380"):
        table.act(table.seller, path, "counter", **{**TERMS, "price_minor": price})
        table.act(table.buyer, path, "counter", **{**TERMS, "price_minor": "100"})
    for address, most in ((path, QUERIES_MAX), ("/negotiations/", LIST_QUERIES_MAX)):
        shown(table.buyer, address)
        with CaptureQueriesContext(connection) as asked:
            shown(table.buyer, address)
        assert len(asked) <= most, address


def test_a_price_is_read_back_in_words_of_its_currency_before_it_binds(table: Table) -> None:
    address = f"/sell/{table.product_id}/private-offer/"
    offer = {**TERMS, "buyer": table.market.buyer.public_id, "price_minor": "1,234.5"}
    shown_back = table.seller.post(address, offer)
    assert shown_back.status_code == 200
    page = shown_back.content.decode()
    assert "CN¥1,234.50 (1,234.50 Chinese yuan)" in page
    assert 'name="price_minor" value="1,234.5"' in page
    assert 'name="confirmed"' in page
    assert "Is this right?" in page
    assert Negotiation.objects.exists() is False
    refused = table.seller.post(address, {**offer, "price_minor": "12,5", "confirmed": "1"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "“12,5” is not an amount in CNY" in page
    assert 'value="12,5"' in page
    assert "Price, without tax (CNY)" in page


def test_the_uses_are_ticked_read_back_and_proposed(table: Table) -> None:
    address = f"/sell/{table.product_id}/private-offer/"
    assert "What is not ticked the buyer may not do" in shown(table.seller, address)
    offer = {
        **TERMS, "buyer": table.market.buyer.public_id, "price_minor": "400",
        "allowed": ["internal_use", "train_ai"],
    }  # fmt: skip
    read_back = table.seller.post(address, offer).content.decode()
    assert "Use it inside the organisation; Train artificial intelligence with it" in read_back
    assert read_back.count('name="allowed"') == 2
    made = table.seller.post(address, {**offer, "confirmed": "1"})
    page = shown(table.buyer, made["Location"])
    assert "Train artificial intelligence with it" in page
    assert re.search(r'value="train_ai"[^>]*checked', page)
    refused = table.seller.post(address, {**offer, "allowed": ["export"], "confirmed": "1"})
    assert refused.status_code == 422
    assert "is reviewed with the product" in refused.content.decode()
