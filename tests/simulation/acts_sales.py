"""Sales whose price is found later: subscriptions by use with their bills, and auctions with deposits."""

from datetime import timedelta
from random import Random
from typing import Any

from exchange.auctions import bidding, scheduling
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest
from exchange.metering import caps, intake, subscriptions
from exchange.metering.models import MeteredSubscription
from exchange.orders.lifecycle import PaymentMethod
from tests.factories.payments import days
from tests.simulation.acts import Deed, act, any_of
from tests.simulation.world import CNY, World

RUNNING = MeteredSubscription.objects.filter(ends_at=None)


@act(weight=1)
def subscribe(world: World, chance: Random) -> Deed:
    market = chance.choice(world.markets)
    return lambda: market.order(world.by_use, at=world.now, method=PaymentMethod.NONE)


@act(weight=4, is_repeatable=True)
def report_use(world: World, chance: Random) -> Deed | None:
    """Some events, some of them of days ago; now and then one that is none of this subscription's."""
    subscription = any_of(MeteredSubscription.objects.all(), chance)
    if subscription is None:
        return None
    lines: list[dict[str, Any]] = []
    for _number in range(chance.randint(1, 4)):
        world.events += 1
        ago = timedelta(hours=chance.choice([0, 1, 30, 24 * 5]))
        lines.append(
            {
                "subscription": subscription.public_id,
                "source": "gateway",
                "event_id": f"e{world.events}",
                "meter": chance.choice(["rows", "rows", "rows", "calls"]),
                "quantity": chance.choice([1, 100, 5_000, 10**9]),
                "at": (world.now - ago).isoformat(),
            }
        )
    return lambda: intake.report(lines, actor=world.reporter, now=world.now)


@act(weight=1, is_repeatable=True)
def cap_or_end(world: World, chance: Random) -> Deed | None:
    subscription = any_of(RUNNING.all(), chance)
    if subscription is None:
        return None
    actor, name = world.leading(subscription.buyer), subscription.public_id
    if chance.random() < 0.4:
        return lambda: subscriptions.end(name, actor=actor, now=world.now)
    cap = chance.choice([None, 5_000, 100_000])
    return lambda: caps.set_cap(name, actor=actor, cap_minor=cap, now=world.now)


@act(weight=1)
def announce(world: World, chance: Random) -> Deed:
    kind = chance.choice([Kind.ENGLISH, Kind.FIRST_PRICE, Kind.SECOND_PRICE])
    terms: dict[str, Any] = {}
    if kind is Kind.ENGLISH:
        terms = {"opening_minor": 1_000, "increments": [(0, 100)]}
    request = AuctionRequest(
        kind=kind, currency=CNY, product_id=chance.choice(world.for_sale).public_id, title="",
        opens_at=world.now, closes_at=world.now + days(1), **terms,
    )  # fmt: skip
    return lambda: scheduling.schedule(request, actor=world.market.selling, now=world.now)


@act(weight=4)
def bid(world: World, chance: Random) -> Deed | None:
    auction = any_of(Auction.objects.filter(state=AuctionState.OPEN), chance)
    if auction is None:
        return None
    market, minor = chance.choice(world.markets), chance.randint(1_000, 30_000)
    if auction.kind == Kind.ENGLISH:
        asked = BidRequest(currency=CNY, amount_minor=minor // 100 * 100)
    else:
        asked = BidRequest(currency=CNY, rows=({"price": minor},))
    return lambda: bidding.place(auction.public_id, asked, actor=market.buying, now=world.now)
