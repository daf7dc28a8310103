"""What the path of a state asset refuses, and to whom."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from exchange.asset_sales import preparing, results, rounds
from exchange.asset_sales.errors import (
    AssetSaleExists,
    AssetSaleRefused,
    BidderNotQualified,
    BiddingClosed,
    DisclosureNeeded,
    OfferAboveLimit,
    OfferBelowFloor,
    RegistrationClosed,
    RelatedApprovalNeeded,
)
from exchange.asset_sales.lifecycle import AssetSaleState, Standing
from exchange.asset_sales.models import AssetSaleStep, Document
from exchange.asset_sales.preparing import Upload, ValuationRequest
from exchange.asset_sales.queries import asset_sale_seen_by
from exchange.auctions import scheduling
from exchange.auctions.lifecycle import Kind
from exchange.auctions.requests import AuctionRequest
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.state_assets import PathNotNeeded, StateAssetPathNeeded
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import relations
from exchange.members.models import RelationKind
from exchange.negotiation.rounds import Spoken, ask
from exchange.negotiation.terms import Terms
from exchange.orders import limits
from pricing.money import Money
from tests.factories import accounts
from tests.factories.asset_sales import (
    VALUE,
    YUAN,
    StateHouse,
    a_pdf,
    a_state_house,
    an_appraisal,
    at_end,
)
from tests.factories.members import acting
from tests.factories.orders import DAY
from tests.factories.sharing import agreed, part

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> StateHouse:
    return a_state_house()


def test_the_one_who_prepared_or_declared_a_conflict_does_not_decide(house: StateHouse) -> None:
    asset_sale = house.planned()
    with pytest.raises(NotAllowed):
        preparing.decide(
            asset_sale.public_id, actor=house.selling, minutes=a_pdf(), reason="Yes.",
            now=DAY,
        )  # fmt: skip
    preparing.declare_conflict(
        asset_sale.public_id, actor=house.deciding, words="My brother bids.", now=DAY
    )
    with pytest.raises(NotAllowed):
        preparing.decide(
            asset_sale.public_id, actor=house.deciding, minutes=a_pdf(), reason="Yes.",
            now=DAY,
        )  # fmt: skip


def test_documents_that_are_none_are_refused(house: StateHouse) -> None:
    asset_sale = house.planned()
    with pytest.raises(AssetSaleRefused):
        preparing.decide(
            asset_sale.public_id, actor=house.deciding,
            minutes=Upload(name="x.exe", content=BytesIO(b"MZ")),
            reason="Yes.", now=DAY,
        )  # fmt: skip
    assert not Document.objects.exists()
    with pytest.raises(IllegalTransition):
        preparing.value(
            asset_sale.public_id, actor=house.selling, command=an_appraisal(),
            report=a_pdf(), now=DAY,
        )  # fmt: skip


def test_a_memo_names_three_firms_and_an_appraisal_two_appraisers(house: StateHouse) -> None:
    asset_sale = house.planned()
    preparing.decide(
        asset_sale.public_id, actor=house.deciding, minutes=a_pdf(), reason="Yes.",
        now=DAY,
    )  # fmt: skip
    base = an_appraisal().base_date
    memo = ValuationRequest(
        value_minor=VALUE, base_date=base, firms=("A", "B", "C"), reasons="No market yet."
    )
    few = ValuationRequest(
        value_minor=VALUE, base_date=base, firms=("A", "B"), reasons="No market."
    )
    alone = ValuationRequest(
        value_minor=VALUE, base_date=base, firm="A", appraisers=("Li",), report_no="1"
    )
    for command in (few, alone):
        with pytest.raises(AssetSaleRefused):
            preparing.value(
                asset_sale.public_id, actor=house.selling, command=command, report=a_pdf(),
                now=DAY,
            )  # fmt: skip
    valued = preparing.value(
        asset_sale.public_id, actor=house.selling, command=memo, report=a_pdf(), now=DAY
    )
    assert valued.state == AssetSaleState.VALUED


def test_only_a_state_owned_seller_takes_the_path_and_once(house: StateHouse) -> None:
    house.planned()
    with pytest.raises(AssetSaleExists):
        house.planned()
    type(house.seller).objects.filter(pk=house.seller.pk).update(kind="private")
    with pytest.raises(PathNotNeeded):
        house.planned()
    type(house.seller).objects.filter(pk=house.seller.pk).update(kind="state_owned")
    with pytest.raises(AssetSaleRefused):
        preparing.plan(
            house.product.public_id, actor=house.selling, nature=DealNature.LICENCE,
            now=DAY,
        )  # fmt: skip


def test_what_a_state_owned_seller_transfers_is_neither_auctioned_nor_negotiated(
    house: StateHouse,
) -> None:
    command = AuctionRequest(
        kind=Kind.ENGLISH, currency="CNY", product_id=house.product.public_id, opens_at=DAY,
        closes_at=DAY + timedelta(hours=1), opening_minor=100, increments=[(0, 100)],
        deal_nature=DealNature.TRANSFER,
    )  # fmt: skip
    with pytest.raises(StateAssetPathNeeded):
        scheduling.schedule(command, actor=house.selling, now=DAY)
    terms = Terms(price_minor=100, currency="CNY", nature="transfer", access_days=30)
    with pytest.raises(StateAssetPathNeeded):
        ask(
            actor=house.buyer("Rail"), product_id=house.product.public_id,
            spoken=Spoken(terms=terms), now=DAY,
        )  # fmt: skip


def test_a_valuation_that_is_too_old_has_to_be_redone(house: StateHouse) -> None:
    asset_sale = house.filed()
    later = at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.STALE
    preparing.value(
        asset_sale.public_id, actor=house.selling,
        command=an_appraisal(900_000 * YUAN, at=later), report=a_pdf("new"), now=later,
    )  # fmt: skip
    preparing.file(
        asset_sale.public_id, actor=house.selling, filing_no="F-10",
        proof=a_pdf("new filing"), now=later,
    )  # fmt: skip
    assert house.announce(asset_sale, 900_000, at=later).kind == "first"


def test_registration_is_refused_with_what_is_missing(house: StateHouse) -> None:
    running = house.announce(house.filed(), 1_000_000, deposit_yuan=100_000)
    with pytest.raises(OfferBelowFloor):
        house.register("Rail", running, 999_999)
    with pytest.raises(RegistrationClosed):
        house.register("Rail", running, 1_000_000, at=running.ends_at)
    rail = house.agents["Rail"][1]
    limits.set_limit(
        actor=acting(accounts.owner_of(rail), rail), limit=Money(1_000_000 * YUAN, "CNY"), now=DAY,
    )  # fmt: skip
    with pytest.raises(OfferAboveLimit):
        house.register("Rail", running, 1_000_000)
    assert house.register("Farm", running, 1_000_000) == house.register("Farm", running, 1_000_000)
    assert running.bidders.count() == 1
    with pytest.raises(NotFound):
        rounds.suspend(
            running.asset_sale.public_id,
            actor=house.buyer("Rail"),
            reason="x",
            now=DAY,
        )


def test_a_related_buyer_discloses_and_waits_for_an_independent_approval(
    house: StateHouse,
) -> None:
    house.buyer("Sister")
    relations.declare(
        actor=house.operating, organisation_id=house.seller.public_id,
        other_id=house.agents["Sister"][1].public_id, kind=RelationKind.COMMON_CONTROL,
        reason="Register.", now=DAY,
    )  # fmt: skip
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    with pytest.raises(DisclosureNeeded):
        house.register("Sister", running, 1_000_000)
    house.examine(house.register("Sister", running, 1_000_000, disclosure="The same parent."))
    moment = at_end(asset_sale)
    results.agree(asset_sale.public_id, actor=house.selling, now=moment)
    with pytest.raises(RelatedApprovalNeeded):
        house.publish(asset_sale, at=moment)
    results.approve_related(
        asset_sale.public_id, actor=house.deciding, reason="At the floor.", now=moment
    )
    assert house.publish(asset_sale, at=moment).state == AssetSaleState.RESULT_NOTICE


def test_who_gets_a_part_of_the_price_discloses_it(house: StateHouse) -> None:
    house.buyer("Partner")
    asset_sale = house.filed()
    agreed(asset_sale.product, "70", part(house.agents["Partner"][1], "30"))
    running = house.announce(asset_sale, 1_000_000)
    with pytest.raises(DisclosureNeeded):
        house.register("Partner", running, 1_000_000)
    assert house.register("Partner", running, 1_000_000, disclosure="A share of 30 %.").related


def test_who_is_not_qualified_or_late_does_not_bid(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    for name in ("Rail", "Farm"):
        house.examine(house.register(name, running, 1_000_000))
    house.examine(house.register("City", running, 1_000_000), Standing.REJECTED)
    with pytest.raises(BiddingClosed):
        house.bid("Rail", running, 2_000_000, at=DAY)
    moment = at_end(asset_sale)
    with pytest.raises(BidderNotQualified):
        house.bid("City", running, 2_000_000, at=moment)
    with pytest.raises(NotFound):
        house.bid("Nobody", running, 2_000_000, at=moment)
    with pytest.raises(OfferBelowFloor):
        house.bid("Farm", running, 1_000_001, at=moment)
    running.refresh_from_db()
    assert running.bidding_ends_at is not None
    with pytest.raises(BiddingClosed):
        house.bid("Farm", running, 2_000_000, at=running.bidding_ends_at)


def test_strangers_know_of_nothing_before_the_announcement(house: StateHouse) -> None:
    asset_sale = house.filed()
    with pytest.raises(NotFound):
        asset_sale_seen_by(house.buyer("Rail"), asset_sale.public_id)


def test_what_was_done_is_never_rewritten(house: StateHouse) -> None:
    asset_sale = house.filed()
    with pytest.raises(IntegrityError), transaction.atomic():
        AssetSaleStep.objects.filter(asset_sale=asset_sale).update(actor="somebody")
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.all().delete()
