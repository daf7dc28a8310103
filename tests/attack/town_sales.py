"""Auctions and sales of state assets in the town: one in each state that somebody acts in."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from exchange.auctions import bidding, scheduling, sealing
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest, checked_rows
from exchange.journeys import awards
from exchange.members.models import RelatedParty, RelationKind
from tests.factories import listings
from tests.factories.asset_sales import StateHouse
from tests.factories.auctions import ENGLISH, clock_at

if TYPE_CHECKING:
    from tests.attack.town import Town


NONCE = "0f" * 16


def sell(town: "Town") -> None:
    """Auctions, sales of state assets, and a declared relation."""
    _auctions(town)
    _state_assets(town)
    pair = sorted((town.house("third_buyer"), town.house("restricted")), key=lambda one: one.pk)
    declared = RelatedParty.objects.create(
        organisation=pair[0], other=pair[1], kind=RelationKind.CONTROL,
        reason="One holds the other.", declared_by="test:1", declared_at=town.now,
    )  # fmt: skip
    town.things["relation"] = str(declared.pk)


def auction(town: "Town", kind: Kind, *, seller: str = "seller", **terms: Any) -> Auction:
    """An auction that takes bids now."""
    product = listings.a_listing(seller=town.house(seller), price_minor=None, title=f"By {kind}")
    fields = {**(ENGLISH if kind is Kind.ENGLISH else {}), **terms}
    return scheduling.schedule(
        AuctionRequest(
            **{
                "kind": kind,
                "currency": "CNY",
                "product_id": product.public_id,
                "opens_at": town.now - timedelta(seconds=1),
                "closes_at": town.now + timedelta(hours=1),
                **fields,
            }
        ),
        actor=town.actor(seller),
        now=town.now,
    )


def _auctions(town: "Town") -> None:
    live = auction(town, Kind.ENGLISH)
    town.things["auction"] = live.public_id
    for buyer, amount in (("other_buyer", 12_000),):
        bidding.place(
            live.public_id,
            BidRequest(currency="CNY", amount_minor=amount),
            actor=town.actor(buyer),
            now=town.now,
        )
    sealed = auction(town, Kind.FIRST_PRICE)
    town.things["sealed_auction"] = sealed.public_id
    bidding.place(
        sealed.public_id,
        BidRequest(currency="CNY", rows=({"price": 10_000},)),
        actor=town.actor("buyer"),
        now=town.now,
    )
    _ended(town)
    deposit = auction(town, Kind.ENGLISH, deposit_minor=5_000)
    town.things["deposit_auction"] = deposit.public_id
    coming = auction(town, Kind.ENGLISH, opens_at=town.now + timedelta(minutes=30))
    town.things["coming_auction"] = coming.public_id


def _state_assets(town: "Town") -> None:
    house = town.house("state_seller")
    for name in ("planned", "announced"):
        product = listings.a_listing(seller=house, price_minor=None, title=f"State {name}")
        state = StateHouse(
            exchange=town.exchange,
            seller=house,
            product=product,
            deciding=town.actor("committee"),
        )
        if name == "planned":
            town.things["planned"] = state.planned(at=town.now).public_id
            continue
        filed = state.filed(at=town.now)
        town.things["asset_sale"] = filed.public_id
        announced = state.announce(filed, 1_000_000, at=town.now)
        town.things["announcement"] = announced.public_id
        for agent in ("other_buyer", "third_buyer"):
            state.agents[agent] = (town.people[agent].user, town.house(agent))
        bidder = state.register("other_buyer", announced, 1_000_000, at=town.now)
        town.things["bidder"] = str(bidder.pk)


def _ended(town: "Town") -> None:
    """One auction that is over, one whose bids are being revealed."""
    soon = town.now + timedelta(minutes=10)
    over = auction(town, Kind.FIRST_PRICE, closes_at=soon)
    revealing = auction(town, Kind.FIRST_PRICE, closes_at=soon, reveal_seconds=86_400)
    rows, buyer = ({"price": 10_000},), town.house("buyer")
    for one in (over, revealing):
        said: dict[str, Any] = {"rows": rows}
        if one is revealing:
            kept = sealing.commitment(
                auction_id=one.public_id, bidder=buyer.public_id,
                rows=checked_rows(one, rows), nonce=NONCE,
            )  # fmt: skip
            said = {"commitment": kept}
        bidding.place(
            one.public_id,
            BidRequest(currency="CNY", **said),
            actor=town.actor("buyer"),
            now=town.now,
        )
    later = soon + timedelta(minutes=1)
    with clock_at(later):
        awards.run_due(now=later)
    town.things["ended_auction"] = over.public_id
    town.things["revealing_auction"] = revealing.public_id
