"""What a contract permits is counted, and it ends with its order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client

from exchange.contracts.errors import PermitUsedUp
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract, Permit
from exchange.delivery import fetching
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.disputes import opening
from exchange.journeys import acceptance, agreements
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.negotiation import deciding, rounds
from exchange.negotiation.errors import ProposalExpired
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders.lifecycle import OrderTransition
from exchange.vault.models import DataTable
from tests.factories import accounts
from tests.factories.delivery import a_file_product, a_revision
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet, ruled
from tests.factories.vault import a_read_file

pytestmark = pytest.mark.django_db
USES = 2


@dataclass
class Deal:
    """A negotiated deal about one file, up to its signed contract."""

    market: Market
    seller: Actor
    table: DataTable
    product_id: str

    def opened(self, **terms: Any) -> Negotiation:
        return rounds.ask(
            actor=self.market.buying,
            product_id=self.product_id,
            spoken=Spoken(Terms(currency="CNY", **{"price_minor": 50_000, **terms})),
            now=DAY,
        )

    def accepted(self, opened: Negotiation) -> Negotiation:
        return deciding.accept(
            opened.public_id,
            actor=self.seller,
            answers=newest_proposal(opened).document_hash,
            now=DAY,
        )

    def signed(self, **terms: Any) -> Contract:
        return self.signed_by_both(self.accepted(self.opened(**terms)))

    def signed_by_both(self, agreed: Negotiation) -> Contract:
        contract = Contract.objects.get(negotiation=agreed)
        for actor in (self.seller, self.market.leading):
            agreements.sign(
                contract.public_id, actor=actor, seen_hash=contract.document_hash, now=DAY
            )
        contract.refresh_from_db()
        return contract

    def fetch(self, hours: int) -> None:
        held = Entitlement.objects.get(organisation=self.market.buyer)
        fetching.fetch(
            held.public_id,
            actor=self.market.buying,
            table=self.table.public_id,
            form=Form.PARQUET,
            now=DAY + timedelta(hours=hours),
        ).begin()


@pytest.fixture
def deal() -> Deal:
    return a_deal()


def a_deal() -> Deal:
    """A market with one file on offer, and a buyer with money."""
    market = a_market()
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    fund_wallet(market.exchange, market.buyer, 10_000)
    product = a_file_product(market.seller)
    file = a_read_file(market.seller)
    a_revision(product, file)
    return Deal(market, acting(owner, market.seller), file.tables.get(), product.public_id)


def test_uses_are_counted_and_none_goes_beyond_the_contract(deal: Deal) -> None:
    contract = deal.signed(uses_max=USES)
    deal.fetch(1)
    deal.fetch(1)  # resumed: the same use
    assert Permit.objects.get().used == 1
    deal.fetch(5)
    with pytest.raises(PermitUsedUp) as refused:
        deal.fetch(9)
    assert refused.value.facts["uses_max"] == USES
    assert Permit.objects.get(contract=contract).used == USES
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE contracts_permit SET used = 3")


def test_without_a_limit_nothing_is_counted(deal: Deal) -> None:
    deal.signed()
    for hours in (1, 5, 9):
        deal.fetch(hours)
    assert Permit.objects.get().used == 0


def test_a_contract_is_completed_with_its_order_and_its_permit_stays(deal: Deal) -> None:
    contract = deal.signed()
    order = contract.orders.get()
    acceptance.accept(order.public_id, actor=deal.market.buying, now=DAY)
    contract.refresh_from_db()
    assert contract.state == ContractState.COMPLETED
    permit = Permit.objects.get(contract=contract)
    assert (permit.holder, permit.valid_from, permit.valid_until) == (deal.market.buyer, DAY, None)
    assert books_are_sound()


def test_anybody_checks_a_signed_contract_and_learns_no_name(deal: Deal) -> None:
    contract = deal.signed()
    visitor = Client()
    answer = visitor.get("/verify/", {"number": contract.public_id.upper()}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Both parties signed a contract with this number" in page
    assert contract.document_hash.removeprefix("sha256:") in page
    assert "City Gas" not in page
    assert "Pipeline Data" not in page
    here = f"/verify/{contract.public_id}/"
    assert "Genuine" in visitor.get(here, {"hash": contract.document_hash}).content.decode()
    assert "altered" in visitor.get(here, {"hash": "0" * 64}).content.decode()


def test_a_contract_that_is_not_signed_is_nobodys_to_check(deal: Deal) -> None:
    agreed = deal.accepted(deal.opened())
    contract = Contract.objects.get(negotiation=agreed)
    assert Client().get(f"/verify/{contract.public_id}/").status_code == 404


def test_a_refund_ends_contract_and_permit(deal: Deal) -> None:
    contract = deal.signed()
    order_id = contract.orders.get().public_id
    at = DAY + timedelta(hours=1)
    opening.open_dispute(
        order_id,
        kind="not_as_described",
        actor=deal.market.buying,
        reason="Half of it is missing.",
        now=at,
    )
    exchange = deal.market.exchange
    ruled(exchange, contract.orders.get(), OrderTransition.REFUND, reason="It is.", now=at)
    contract.refresh_from_db()
    assert contract.state == ContractState.TERMINATED
    assert Permit.objects.get(contract=contract).valid_until == at


def test_what_is_late_is_late_before_the_clock_has_noted_it(deal: Deal) -> None:
    opened = deal.opened()
    assert opened.due_at is not None
    late = opened.due_at + timedelta(milliseconds=1)
    with pytest.raises(ProposalExpired):
        deciding.decline(opened.public_id, actor=deal.seller, reason="No.", now=late)
    with pytest.raises(ProposalExpired):
        deciding.withdraw(opened.public_id, actor=deal.market.buying, reason="", now=late)
