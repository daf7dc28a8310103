"""Who is suspended, or restricted, is party to nothing new, and what runs stops (case H2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchange.auctions import clearing, envelopes, sealing
from exchange.auctions import scheduled as auction_clock
from exchange.auctions.errors import ProductInAuction
from exchange.auctions.lifecycle import AuctionState, AuctionTransition, Kind
from exchange.auctions.models import Bid
from exchange.auctions.requests import checked_rows
from exchange.catalog import products, review
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.listing import Said
from exchange.catalog.models import SearchEntry
from exchange.core.refusals import Refusal
from exchange.delivery import entitlements
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance, awards, scheduled, standing
from exchange.members import admission, proposals
from exchange.members.lifecycle import AdmissionTransition
from exchange.members.models import Admission
from exchange.members.standing import PartyNotInStanding
from exchange.notices.models import Notice
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import collection
from exchange.payments.lifecycle import DepositState
from exchange.payments.models import Deposit, Settlement
from tests.architecture.lock_order import NO_KEY, Recorder
from tests.factories import accounts, auctions, listings, members, orders
from tests.factories.auctions import clock_at
from tests.factories.members import Exchange
from tests.factories.orders import DAY
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


def propose_and_approve(
    exchange: Exchange, held: Admission, transition: AdmissionTransition, *, at: Any = DAY
) -> None:
    proposal = proposals.propose(
        held.public_id, transition=transition, actor=exchange.proposer, reason="As decided.", now=at
    )
    proposals.approve(proposal.public_id, actor=exchange.approver, now=at)


def suspend(exchange: Exchange, organisation: Any) -> Admission:
    held = members.newest(organisation)
    propose_and_approve(exchange, held, AdmissionTransition.SUSPEND)
    return held


def restore(exchange: Exchange, organisation: Any) -> None:
    propose_and_approve(exchange, members.newest(organisation), AdmissionTransition.RESTORE)


def restrict(exchange: Exchange, organisation: Any) -> None:
    held = members.newest(organisation)
    admission.restrict(held.public_id, actor=exchange.proposer, reason="A doubt.", now=DAY)


def test_nothing_is_sold_for_a_suspended_seller_and_its_listings_are_hidden(
    client: Client,
) -> None:
    market = orders.a_market()
    offer = market.offer(100)
    suspend(market.exchange, market.seller)
    with pytest.raises(Refusal):
        market.order(offer)
    offer.product.refresh_from_db()
    assert offer.product.state == ListingState.SUSPENDED
    assert not SearchEntry.objects.filter(product=offer.product).exists()
    assert client.get(f"/products/{offer.product.public_id}/").status_code == 404
    assert not Order.objects.exists()

    restore(market.exchange, market.seller)
    offer.product.refresh_from_db()
    assert offer.product.state == ListingState.LISTED
    assert market.order(offer).state == OrderState.CONTRACT_SIGNED


def test_a_restricted_seller_sells_nothing_new_and_keeps_its_listing() -> None:
    market = orders.a_market()
    offer = market.offer(100)
    restrict(market.exchange, market.seller)
    with pytest.raises(PartyNotInStanding) as refused:
        market.order(offer)
    assert refused.value.facts["standing"] == "restricted"
    with pytest.raises(PartyNotInStanding):
        placing.terms_now(actor=market.buying, offer_id=offer.public_id, now=DAY)
    offer.product.refresh_from_db()
    assert offer.product.state == ListingState.LISTED


def test_what_is_paid_is_not_delivered_accepted_or_released_while_a_party_is_suspended() -> None:
    market = orders.a_market()
    waiting = market.order(market.offer(100))
    delivered = market.delivered(100)
    suspend(market.exchange, market.seller)

    orders.pay(waiting, at=DAY)
    waiting.refresh_from_db()
    assert waiting.state == OrderState.DELIVERING
    right = Entitlement.objects.get(order=delivered)
    with pytest.raises(PartyNotInStanding):
        entitlements.check_open(right, at=DAY)
    with pytest.raises(PartyNotInStanding):
        acceptance.accept(delivered.public_id, actor=market.buying, now=DAY)
    scheduled.run_orders(now=DAY + timedelta(days=60))
    assert not Settlement.objects.exists()

    restore(market.exchange, market.seller)
    entitlements.check_open(right, at=DAY)
    acceptance.accept(delivered.public_id, actor=market.buying, now=DAY)
    assert Settlement.objects.count() == 1


def test_a_listing_suspended_for_its_own_sake_stays_so() -> None:
    market = orders.a_market()
    own = market.offer(100).product
    review.suspend(
        own.public_id,
        actor=market.exchange.proposer,
        said=Said("complaint", "A complaint."),
        now=DAY,
    )
    suspend(market.exchange, market.seller)
    restore(market.exchange, market.seller)
    own.refresh_from_db()
    assert own.state == ListingState.SUSPENDED


def test_an_auction_rests_with_its_organiser_and_goes_on_with_it() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction()
        house.bid("A", auction, 20_000)
        ends = auction.closes_at
        suspend(house.exchange, house.seller)
        auction.refresh_from_db()
        assert auction.state == AuctionState.PAUSED
        with pytest.raises(Refusal):
            house.bid("B", auction, 30_000)
    with clock_at(DAY + timedelta(minutes=11)):
        restore(house.exchange, house.seller)
        auction.refresh_from_db()
        assert auction.state == AuctionState.OPEN
        assert auction.closes_at == ends + timedelta(minutes=10)
        house.bid("B", auction, 30_000)


def test_an_auction_does_not_open_while_its_organiser_is_restricted() -> None:
    house = auctions.a_house()
    auction = house.auction(opens_at=DAY + timedelta(minutes=30))
    restrict(house.exchange, house.seller)
    with clock_at(DAY + timedelta(minutes=31)):
        with pytest.raises(PartyNotInStanding):
            house.bid("A", auction, 20_000)
        awards.run_due(now=DAY)
        auction.refresh_from_db()
        assert auction.state == AuctionState.PAUSED


def test_the_bids_of_a_suspended_bidder_end_and_the_next_one_stands() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(deposit_minor=1_000)
        house.bid("A", auction, 20_000)
        house.bid("B", auction, 90_000)
        house.bid("C", auction, 30_000)
        suspend(house.exchange, house.organisation("B"))
        auction.refresh_from_db()
        assert auction.leader == house.organisation("C")
        assert auction.price_minor == 20_500
        assert Bid.objects.get(bidder=house.organisation("B")).withdrawn_at is not None
        with pytest.raises(Refusal):
            house.bid("B", auction, 95_000)
        house.bid("A", auction, 22_000)
    house.close(auction)
    award = auction.awards.get()
    assert award.bidder == house.organisation("C")
    assert award.order is not None
    assert award.payment_minor == 22_500
    gone = Deposit.objects.get(organisation=house.organisation("B"))
    assert gone.state == DepositState.RELEASED


def test_all_listings_are_locked_before_the_auctions_of_any() -> None:
    house = auctions.a_house()
    auction = house.auction()
    for _number in range(2):
        listings.a_listing(seller=house.seller)
    locks = Recorder()
    with clock_at(DAY + timedelta(minutes=1)):
        house.bid("A", auction, 20_000)
        with locks.watching():
            suspend(house.exchange, house.seller)
    auction.refresh_from_db()
    assert auction.state == AuctionState.PAUSED
    waits = {(one.held.table, one.wanted.table) for one in locks.edges if NO_KEY in one.waits_for}
    assert ("catalog_product", "auctions_auction") in waits
    assert ("auctions_auction", "catalog_product") not in waits


def test_a_sealed_bid_of_the_suspended_ends_too() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(Kind.FIRST_PRICE)
        house.seal("A", auction, {"price": 20_000})
        house.seal("B", auction, {"price": 30_000})
        suspend(house.exchange, house.organisation("B"))
    house.close(auction)
    assert auction.awards.get().bidder == house.organisation("A")


def test_an_award_waits_while_a_party_is_suspended() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction()
        house.bid("A", auction, 20_000)
    with clock_at(auction.closes_at):
        while auction_clock.advance(auction.pk, now=DAY):
            pass
    suspend(house.exchange, house.organisation("A"))
    house.close(auction)
    award = auction.awards.get()
    assert award.order is None
    assert award.waits_for == "party_not_in_standing"
    restore(house.exchange, house.organisation("A"))
    house.close(auction)
    award.refresh_from_db()
    assert award.order is not None


def test_who_leaves_takes_its_auctions_and_listings_along() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(deposit_minor=1_000)
        house.bid("A", auction, 20_000)
        propose_and_approve(house.exchange, members.newest(house.seller), AdmissionTransition.EXIT)
    house.close(auction)
    assert auction.state == AuctionState.CANCELLED
    assert Deposit.objects.get().state == DepositState.RELEASED
    house.product.refresh_from_db()
    assert house.product.state == ListingState.DELISTED


def test_a_seller_does_not_delist_what_it_auctions_and_the_exchange_cancels_the_auction() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(deposit_minor=1_000)
        house.bid("A", auction, 20_000)
        with pytest.raises(ProductInAuction):
            products.delist(
                house.product.public_id, actor=house.selling,
                said=Said("no_longer_offered", "No more."), now=DAY,
            )  # fmt: skip
        review.delist(
            house.product.public_id, actor=house.exchange.proposer, said=Said("banned", "Banned."),
            now=DAY,
        )  # fmt: skip
    house.close(auction)
    assert auction.state == AuctionState.CANCELLED
    assert auction.steps.filter(transition=AuctionTransition.CANCEL).exists()
    assert Deposit.objects.get().state == DepositState.RELEASED


def test_a_key_of_the_suspended_opens_nothing_and_its_streams_end() -> None:
    market = orders.a_market()
    key = accounts.an_api_key(market.buyer, scopes=("orders:read",), at=timezone.now())
    program = Client(headers={"Authorization": f"Bearer {key.secret}"})
    order = market.order(market.offer(100))
    page = browser(market.agent, market.buyer)
    assert program.get("/api/v1/orders").status_code == 200
    assert page.get(f"/orders/{order.public_id}/version").status_code == 200
    suspend(market.exchange, market.buyer)
    refused = program.get("/api/v1/orders")
    assert refused.status_code == 403
    assert refused.json()["code"] == "party_not_in_standing"
    assert page.get(f"/orders/{order.public_id}/version").status_code == 403
    assert page.get(f"/orders/{order.public_id}/").status_code == 200


def test_announced_auctions_are_read_by_members_in_good_standing() -> None:
    """Case M6."""
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction()
        house.bid("A", auction, 20_000)
        house.buyer("B")
    house.close(auction)
    path = f"/auctions/{auction.public_id}/"
    outsider = accounts.an_organisation()
    stranger = browser(accounts.owner_of(outsider), outsider)
    assert stranger.get(path).status_code == 403
    assert auction.title not in stranger.get("/auctions/").content.decode()
    member = browser(*house.agents["B"])
    shown = member.get(path).content.decode()
    assert "Bidder 1" in shown
    assert member.get(f"{path}evidence.json").status_code == 403
    suspend(house.exchange, house.organisation("B"))
    assert member.get(path).status_code == 403


def test_both_sides_are_told_and_the_console_counts_what_is_touched() -> None:
    market = orders.a_market()
    market.delivered(100)
    rows = {str(one.what): one.count for one in standing.touched(market.seller.pk, now=DAY)}
    assert rows["Listings"] == 1
    assert rows["Orders in delivery or inspection"] == 1
    assert rows["Rights to data, given and held"] == 1
    suspend(market.exchange, market.seller)
    told = set(Notice.objects.values_list("kind", "user_id"))
    assert ("members.standing.suspended", accounts.owner_of(market.seller).pk) in told
    assert ("members.partner.suspended", accounts.owner_of(market.buyer).pk) in told


def test_a_restriction_of_either_side_keeps_nobody_from_revealing() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(Kind.FIRST_PRICE, reveal_seconds=3600, deposit_minor=1_000)
        bidder, nonce = house.organisation("A"), sealing.new_nonce()
        rows = checked_rows(auction, [{"price": 20_000}])
        word = sealing.commitment(
            auction_id=auction.public_id, bidder=bidder.public_id, rows=rows, nonce=nonce
        )
        house.seal("A", auction, commitment=word)
    with clock_at(auction.closes_at):
        awards.run_due(now=DAY)
        restrict(house.exchange, house.seller)
        restrict(house.exchange, bidder)
        envelopes.reveal(auction.public_id, actor=house.buyer("A"), rows=rows, nonce=nonce, now=DAY)
    house.close(auction, at=auction.closes_at + timedelta(hours=2))
    assert auction.awards.get().bidder == bidder


def test_winners_that_are_being_computed_are_computed_anew_without_the_suspended() -> None:
    house = auctions.a_house()
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction(Kind.FIRST_PRICE)
        house.seal("A", auction, {"price": 20_000})
        house.seal("B", auction, {"price": 30_000})
    with clock_at(auction.closes_at), pytest.MonkeyPatch.context() as patch:
        compute = clearing.evidence_document

        def suspended_meanwhile(*given: Any) -> dict[str, Any]:
            patch.setattr(clearing, "evidence_document", compute)
            document = compute(*given)
            suspend(house.exchange, house.organisation("B"))
            return document

        patch.setattr(clearing, "evidence_document", suspended_meanwhile)
        awards.run_due(now=DAY)
        awards.run_due(now=DAY)
    assert auction.awards.get().bidder == house.organisation("A")


def test_an_unpaid_order_of_the_suspended_says_why_and_offers_no_button() -> None:
    market = orders.a_market()
    order, transfer = (
        market.order(market.offer(100)),
        market.order(market.offer(200), method=PaymentMethod.BANK_TRANSFER),
    )
    page = browser(market.agent, market.buyer)
    address, api = f"/orders/{order.public_id}/", f"/api/v1/orders/{order.public_id}"
    paying = f"/orders/{order.public_id}/pay/"
    key = accounts.an_api_key(market.buyer, scopes=("orders:read",), at=timezone.now())
    program = Client(headers={"Authorization": f"Bearer {key.secret}"})
    assert paying in shown(page, address)
    assert program.get(api).json()["obstacle"] == ""
    payment = collection.payment_of_order(transfer.public_id)
    assert payment is not None
    assert payment.reference in shown(page, f"/payments/{payment.public_id}/")

    suspend(market.exchange, market.seller)
    said = shown(page, address)
    assert "Nothing can be paid now; only the exchange can lift that." in said
    assert "is suspended at the exchange" in said
    assert "the delivery starts at once" not in said
    assert "Your turn" not in said
    assert paying not in said
    assert "is suspended at the exchange" in program.get(api).json()["obstacle"]
    assert page.get(paying).status_code == 403
    told = shown(page, f"/payments/{payment.public_id}/")
    assert "Nothing can be paid now" in told
    assert payment.reference not in told

    restore(market.exchange, market.seller)
    suspend(market.exchange, market.buyer)
    said = shown(page, address)
    assert "Nothing can be paid now" in said
    assert paying not in said
    assert "Nothing can be paid now" in shown(
        browser(accounts.owner_of(market.seller), market.seller), address
    )


def test_an_order_whose_offer_rests_is_still_paid_and_delivered() -> None:
    market = orders.a_market()
    order = market.order(market.offer(100))
    review.suspend(
        order.product.public_id,
        actor=market.exchange.proposer,
        said=Said("complaint", "A complaint."),
        now=DAY,
    )
    page = browser(market.agent, market.buyer)
    assert f"/orders/{order.public_id}/pay/" in shown(page, f"/orders/{order.public_id}/")
    orders.pay(order, at=DAY)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
