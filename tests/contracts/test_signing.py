"""Contracts from the template to both signatures."""

import pytest
from django.db import IntegrityError, transaction

from exchange.audit.models import Record
from exchange.contracts import drafting, signing
from exchange.contracts.drafting import Draft
from exchange.contracts.errors import AlreadySigned, DocumentDiffers
from exchange.contracts.lifecycle import ContractState, ContractTransition
from exchange.contracts.models import Contract, Permit, Signature
from exchange.contracts.odrl import policy_of
from exchange.contracts.queries import is_intact
from exchange.contracts.templates import CODES, template
from exchange.members.actors import system_actor
from pricing.money import Money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def drawn_up(market: Market, code: str = "provision") -> Contract:
    draft = Draft(
        template=code,
        product=market.offer(500).product,
        seller=market.seller,
        buyer=market.buyer,
        basis=f"test:{code}",
        basis_hash="",
        fee=Money(40_000, "CNY"),
        plan=None,
        period="",
        access_days=30,
        history="all",
        history_count=None,
        future="none",
        allowed=("internal_use",),
        forbidden=("export",),
        attribution=False,
        licence_text="",
        nature="licence",
        purpose="Forecasts",
        territory="",
        environment="",
        uses_max=100,
        seller_share_percent=60 if code == "fusion" else None,
        acceptance_days=5,
    )
    return drafting.put_up(draft, actor=system_actor("test"), now=DAY)


def sign(contract: Contract, market: Market, *, buyer: bool, seen: str = "") -> Contract:
    return signing.sign(
        contract.public_id,
        actor=market.leading if buyer else market.selling,
        seen_hash=seen or contract.document_hash,
        now=DAY,
    )


@pytest.mark.parametrize("code", CODES)
def test_every_template_fills_in_both_languages(market: Market, code: str) -> None:
    clauses = drawn_up(market, code).document["clauses"]
    assert len(clauses) == len(template(code).clauses)
    assert "{" not in str([one["paragraphs"]["zh"] for one in clauses])


def test_two_signatures_conclude_a_contract_and_grant_its_permit(market: Market) -> None:
    contract = drawn_up(market)
    assert sign(contract, market, buyer=True).state == ContractState.SIGNING
    with pytest.raises(AlreadySigned):
        sign(contract, market, buyer=True)
    assert sign(contract, market, buyer=False).state == ContractState.SIGNED
    contract.refresh_from_db()
    concluded = contract.steps.get(transition=ContractTransition.CONCLUDE)
    record = Record.objects.get(subject=f"contract_step:{concluded.public_id}")
    assert contract.record_id == record.public_id
    assert (contract.state, is_intact(contract)) == ("signed", True)
    held = Permit.objects.get(contract=contract)
    assert (held.holder, held.uses_max, held.purpose, held.actions) == (
        market.buyer, 100, "Forecasts", ["internal_use"],
    )  # fmt: skip
    assert policy_of(contract)["permission"][0]["constraint"][0]["rightOperand"] == "100"


def test_another_document_than_the_one_put_up_is_not_signed(market: Market) -> None:
    contract = drawn_up(market)
    with pytest.raises(DocumentDiffers):
        sign(contract, market, buyer=True, seen="sha256:" + "0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.update(document={})
    assert not Signature.objects.exists()
