"""The demo's auctions: one running with rival bids, one sealed, one to come, one won and delivered.

Those that a visitor may bid in are held again when they are over, for as long as the demo runs.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from exchange.auctions import access, bidding, scheduling
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import Access, AuctionRequest, BidRequest
from exchange.core.refusals import Refusal
from exchange.demo import trades
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of
from exchange.journeys import awards
from pricing.refusals import PricingRefusal

YUAN = 100
CURRENCY = "CNY"
YEAR = Access(access_days=365)
INCREMENTS = ((0, 500 * YUAN), (50_000 * YUAN, 1_000 * YUAN))
RIVALS = ("insurer", "analyst")
# What a visitor can still bid in, now or later.
RUNNING = (AuctionState.SCHEDULED, AuctionState.OPEN, AuctionState.PAUSED)

log = structlog.get_logger(__name__)


def hold() -> None:
    """Hold them from now on: bids are taken by the clock of the database and by no other. The one that
    was won is told once, the others again when they are over."""
    if not Auction.objects.exists():
        _falling(access.now())
    renew()


def renew() -> int:
    """Hold again each that is over; return how many. What a visitor took off the list, or has out of
    money, waits until it can be held."""
    now, renewed = access.now(), 0
    for (product, kind), tell in STORIES.items():
        if _runs(product, kind, now):
            continue
        try:
            for key in RIVALS:
                trades.refill_wallet(key, now)
            tell(now)
        except (Refusal, PricingRefusal) as refusal:
            log.info("demo.auction.waits", product=product, code=refusal.code)
        else:
            renewed += 1
    return renewed


def _runs(product: str, kind: Kind, now: datetime) -> bool:
    told = Auction.objects.filter(product=product_of(product), kind=kind)
    return told.filter(state__in=RUNNING, closes_at__gt=now).exists()


def _rising(now: datetime) -> None:
    """An English auction with proxy bids; whoever comes by may outbid the rivals."""
    auction = _announce(
        "pipeline", "pressure", Kind.ENGLISH, now, (now, now + timedelta(hours=2)),
        opening_minor=20_000 * YUAN, increments=INCREMENTS, reserve_minor=26_000 * YUAN,
        reserve_shown=False, deposit_minor=5_000 * YUAN, soft_window_seconds=300,
        soft_extension_seconds=300,
    )  # fmt: skip
    for key, yuan in (("insurer", 24_000), ("analyst", 23_000), ("analyst", 27_500)):
        _bid(key, auction, BidRequest(currency=CURRENCY, amount_minor=yuan * YUAN), now)


def _sealed(now: datetime) -> None:
    """Sealed bids of which the highest pays the second."""
    auction = _announce(
        "mobile", "cells", Kind.SECOND_PRICE, now, (now, now + timedelta(days=1)),
        reserve_minor=8_000 * YUAN, deposit_minor=1_000 * YUAN,
    )  # fmt: skip
    for key, yuan in (("insurer", 12_000), ("analyst", 9_500)):
        _seal(key, auction, [{"price": yuan * YUAN}], now)


def _coming(now: datetime) -> None:
    """Three licences at one price, from tomorrow on."""
    _announce(
        "freight", "freight", Kind.UNIFORM_PRICE, now,
        (now + timedelta(days=1), now + timedelta(days=4)), quantity=3, reserve_minor=4_000 * YUAN, deposit_minor=500 * YUAN,
    )  # fmt: skip


def _falling(now: datetime) -> None:
    """A falling clock that the forecasters stopped at once: paid from their wallet and delivered."""
    auction = _announce(
        "machinery", "machines", Kind.DUTCH, now, (now, now + timedelta(hours=1)),
        opening_minor=15_000 * YUAN, reserve_minor=6_000 * YUAN, deposit_minor=1_000 * YUAN,
        options={"step_minor": 500 * YUAN, "every_seconds": 60},
    )  # fmt: skip
    _bid("analyst", auction, BidRequest(currency=CURRENCY, amount_minor=15_000 * YUAN), now)
    awards.run_due(now=now)


def _announce(
    who: str,
    demo_product: str,
    kind: Kind,
    now: datetime,
    times: tuple[datetime, datetime],
    **terms: object,
) -> Auction:
    command = AuctionRequest(
        kind=kind,
        currency=CURRENCY,
        product_id=product_of(demo_product).public_id,
        opens_at=times[0],
        closes_at=times[1],
        access=YEAR,
        **terms,  # type: ignore[arg-type]  # fields of the request, by name
    )
    return scheduling.schedule(command, actor=acting(who, now), now=now)


def _bid(key: str, auction: Auction, command: BidRequest, now: datetime) -> None:
    bidding.place(auction.public_id, command, actor=acting(key, now), now=now)


def _seal(key: str, auction: Auction, rows: Sequence[dict[str, int]], now: datetime) -> None:
    _bid(key, auction, BidRequest(currency=CURRENCY, rows=rows), now)


# By the product that is sold and by the mechanism: what is held again.
STORIES: Mapping[tuple[str, Kind], Callable[[datetime], None]] = {
    ("pressure", Kind.ENGLISH): _rising,
    ("cells", Kind.SECOND_PRICE): _sealed,
    ("freight", Kind.UNIFORM_PRICE): _coming,
}
