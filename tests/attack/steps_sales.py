"""The attacker's steps of negotiations, auctions and sales of state assets."""

from datetime import timedelta

from django.db.models import QuerySet

from exchange.asset_sales import bidders, preparing
from exchange.asset_sales.models import Announcement
from exchange.auctions import bidding, envelopes, scheduling
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Offer
from exchange.contracts.models import Contract
from exchange.journeys import agreements
from exchange.members.actors import Subject
from exchange.members.permissions import Permission
from exchange.negotiation import rounds
from tests.attack.acting import buying, listed, own, selling
from tests.attack.arguments import WORDS, spoken
from tests.attack.engine import Attack
from tests.factories.auctions import ENGLISH

P = Permission


@own("negotiation.rounds.ask")
def ask(attack: Attack) -> None:
    rounds.ask(
        actor=buying(attack),
        product_id=listed(attack).public_id,
        spoken=spoken(attack, may_ask=True),
        now=attack.now,
    )


@own("negotiation.rounds.offer_privately")
def offer_privately(attack: Attack) -> None:
    product = listed(attack)
    rounds.offer_privately(
        actor=selling(attack, product.seller_id),
        product_id=product.public_id,
        buyer_id=attack.random.choice(attack.people)[1].public_id,
        spoken=spoken(attack),
        now=attack.now,
    )


@own("negotiation.rounds.request_offer")
def request_offer(attack: Attack) -> None:
    offer = attack.pick(Offer.objects.filter(needs_approval=True, withdrawn_at=None))
    rounds.request_offer(
        actor=buying(attack), offer_id=offer.public_id, words=WORDS, now=attack.now
    )


@own("journeys.agreements.sign")
def sign(attack: Attack) -> None:
    contract = attack.pick(Contract.objects.filter(state="signing"))
    sides = frozenset({contract.buyer_id, contract.seller_id})
    actor = attack.somebody(P.CONTRACT_SIGN, Subject(organisation_id=None, engaged=sides))
    agreements.sign(
        contract.public_id, actor=actor, seen_hash=contract.document_hash, now=attack.now
    )


@own("auctions.scheduling.schedule", "auctions.scheduling.announce", "auctions.scheduling.draft")
def schedule(attack: Attack) -> None:
    product = listed(attack)
    kind = attack.random.choice((Kind.ENGLISH, Kind.FIRST_PRICE, Kind.SECOND_PRICE))
    terms = dict(ENGLISH) if kind is Kind.ENGLISH else {}
    if attack.random.random() < 0.3:
        terms["deposit_minor"] = 1_000
    request = AuctionRequest(
        kind=kind, currency="CNY", product_id=product.public_id, title="",
        opens_at=attack.now + timedelta(seconds=attack.random.choice((0, 3_600))),
        closes_at=attack.now + timedelta(hours=attack.random.randint(2, 400)), **terms,
    )  # fmt: skip
    scheduling.schedule(request, actor=selling(attack, product.seller_id), now=attack.now)


def open_now(attack: Attack) -> QuerySet[Auction]:
    """Auctions that take bids."""
    return Auction.objects.filter(state=AuctionState.OPEN, closes_at__gt=attack.now)


@own("auctions.bidding.place")
def bid(attack: Attack) -> None:
    auction = attack.pick(open_now(attack))
    price = max(auction.price_minor or 0, 10_000) + 500 * attack.random.randint(1, 9)
    if auction.kind == Kind.ENGLISH:
        request = BidRequest(currency="CNY", amount_minor=price // 1_000 * 1_000 + 1_000)
    else:
        request = BidRequest(currency="CNY", rows=({"price": price},))
    bidding.place(auction.public_id, request, actor=buying(attack, P.AUCTION_BID), now=attack.now)


@own("auctions.bidding.register")
def register(attack: Attack) -> None:
    auction = attack.pick(open_now(attack).filter(deposit_minor__gt=0))
    bidding.register(auction.public_id, actor=buying(attack, P.AUCTION_BID), now=attack.now)


@own("auctions.envelopes.withdraw")
def withdraw_bid(attack: Attack) -> None:
    auction = attack.pick(open_now(attack).exclude(kind=Kind.ENGLISH))
    envelopes.withdraw(
        auction.public_id, actor=buying(attack, P.AUCTION_BID), reason=WORDS, now=attack.now
    )


@own("asset_sales.preparing.plan")
def plan_sale(attack: Attack) -> None:
    product = listed(attack, seller__kind="state_owned")
    actor = attack.somebody(P.ASSET_SALE_PREPARE, Subject(organisation_id=product.seller_id))
    preparing.plan(product.public_id, nature=DealNature.TRANSFER, actor=actor, now=attack.now)


@own("asset_sales.bidders.register")
def register_for_sale(attack: Attack) -> None:
    announced = attack.pick(Announcement.objects.filter(asset_sale__state="announced"))
    bidders.register(
        announced.public_id,
        offer_minor=announced.floor_minor + 100 * attack.random.randint(0, 9),
        disclosure=WORDS,
        actor=buying(attack, P.ASSET_SALE_BID),
        now=attack.now,
    )


@own("asset_sales.bidders.bid")
def bid_for_sale(attack: Attack) -> None:
    announced = attack.pick(Announcement.objects.filter(asset_sale__state="bidding"))
    bidders.bid(
        announced.public_id,
        amount_minor=announced.floor_minor + 1_000_000 * attack.random.randint(1, 30),
        actor=buying(attack, P.ASSET_SALE_BID),
        now=attack.now,
    )
