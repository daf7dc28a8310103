"""Who and what a history is about: the members, the time, and how a step is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Organisation
from exchange.auctions import access
from exchange.catalog.models import Offer, Product
from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.journeys import acceptance
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.payments import fees, payout_accounts, reactions
from exchange.payments.gateway.sandbox import outgoing
from exchange.payments.gateway.sandbox.store import ApiError
from pricing.charges.plans import read_plan
from pricing.money import Money
from tests.factories import accounts, listings
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.members import Exchange, a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.simulation.crashes import Crash, Crashes, points, restart

CNY = "CNY"
START = DAY + timedelta(days=14)
FUNDS_YUAN = 2_000
PLAN: dict[str, Any] = {
    "format": "assay.plan/1",
    "plan": "by-rows",
    "version": 1,
    "currency": CNY,
    "minimum": "1.00",
    "charges": [
        {"name": "rows", "model": "per_unit", "meter": "rows", "unit": "0.01", "free_units": 100}
    ],
}
CRASHING = 0.15  # how often a step is one that dies
CRASH_POINTS_MAX = 6
AGAIN = 0.6  # how often somebody whose process died does the same again


@dataclass
class World:
    """A small exchange: two sellers, two buyers with money in their wallets, and what is offered."""

    market: Market
    other: Market
    offers: list[Offer]
    by_use: Offer
    for_sale: list[Product]
    reporter: Actor
    now: datetime = START
    crashes: Crashes = field(default_factory=Crashes)
    events: int = 0
    lines: int = 0
    went_well: int = 0

    @property
    def exchange(self) -> Exchange:
        return self.market.exchange

    @property
    def markets(self) -> tuple[Market, Market]:
        return self.market, self.other

    @property
    def cashier(self) -> Actor:
        """One of the exchange's finance, doing what another one asked for."""
        return self.exchange.cashier

    def new_line(self) -> str:
        """A reference that the bank has not used."""
        self.lines += 1
        return f"S{self.lines:07d}"

    def buying(self, organisation: Organisation) -> Actor:
        """Who buys for that organisation."""
        return next(one for one in self.markets if one.buyer == organisation).buying

    def leading(self, organisation: Organisation) -> Actor:
        """The owner of that organisation."""
        return acting(accounts.owner_of(organisation), organisation)

    def perform(self, act: Callable[[], object], chance: Random, *, is_repeatable: bool) -> str:
        """Do one thing, which may be refused, or die half way and be done again. Return what came of it."""
        if chance.random() < CRASHING:
            self.crashes.points_left = chance.randint(1, CRASH_POINTS_MAX)
        try:
            act()
        except (Refusal, ApiError) as refusal:
            return f"refused: {getattr(refusal, 'code', '') or refusal}"
        except Crash as crash:
            restart()
            if is_repeatable and chance.random() < AGAIN:
                return f"died ({crash}), again: {self.perform(act, Random(0), is_repeatable=False)}"  # noqa: S311 - a history
            return f"died: {crash}"
        finally:
            self.crashes.points_left = 0
            connection.run_on_commit = []
        self.went_well += 1
        return "done"

    def tell_time(self) -> None:
        """Auctions ask the database what time it is: here, that of the history."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('simulation.now', %s, true)", [self.now.isoformat()])

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        self.tell_time()


def a_world() -> World:
    """Built once; each history begins from here, and is rolled back."""
    market = a_market()
    amend(key=fees.TAX, value="0.06", valid_from=DAY, now=DAY)
    other = _another(market)
    for one in (market, other):
        money.fund_wallet(market.exchange, one.buyer, FUNDS_YUAN)
        a_role(one.seller, accounts.owner_of(one.seller), Role.DATA_OWNER)
    money.an_account(market)
    payout_accounts.give_account(
        actor=other.selling, currency=CNY, holder="Grid Data", number="6222021234560000", now=DAY
    )
    offers = [
        market.offer(100), market.offer(133), other.offer(177), market.offer(109, period="P1M"),
    ]  # fmt: skip
    by_use = listings.an_offer(
        listings.a_listing(seller=market.seller, price_minor=None),
        period="P1M", kind="metered", plan=PLAN, plan_digest=read_plan(PLAN).digest,
    )  # fmt: skip
    reporter = accounts.a_member(market.seller)
    a_role(market.seller, reporter, Role.DATA_OPERATOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: DAY)
        for one, offer in ((market, offers[0]), (other, offers[1]), (market, offers[2])):
            _trade(one, offer)
        patch.setattr(clock, "now", lambda: START)
        _pay_out()
    return World(
        market,
        other,
        offers=[market.offer(1), *offers],
        by_use=by_use,
        for_sale=[listings.a_listing(seller=market.seller, price_minor=None, title="For sale")],
        reporter=acting(reporter, market.seller),
    )  # fmt: skip


def _trade(market: Market, offer: Offer) -> None:
    """One order from the card to the settlement."""
    order = market.order(offer)
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)


def _pay_out() -> None:
    """The sellers are paid for it, so that histories begin with money that has left already."""
    reactions.run_due(now=START)
    money.settle_down()
    outgoing.decide_payouts()
    money.settle_down()


def _another(market: Market) -> Market:
    """A second seller, whose bank turns payouts away, and a second buyer."""
    exchange = market.exchange
    seller = accounts.an_organisation(name="Grid Data")
    buyer = accounts.an_organisation(name="Town Heat")
    exchange.admit(seller, Kind.SELLER)
    exchange.admit(buyer, Kind.BUYER)
    agent = accounts.a_member(buyer, user=accounts.a_user(name="Zhao Min"))
    a_role(buyer, agent, Role.BUYER_AGENT)
    return Market(exchange=exchange, seller=seller, buyer=buyer, agent=agent)


@contextmanager
def living(world: World) -> Iterator[World]:
    """Have the exchange, the provider and the auctions go by the history's clock, in a transaction that is
    rolled back, as if it were a database of its own."""
    with rolled_back(), pytest.MonkeyPatch.context() as patch, points(world.crashes):
        patch.setattr(clock, "now", lambda: world.now)
        patch.setattr(access, "NOW", "current_setting('simulation.now')::timestamptz")
        world.tell_time()
        yield world


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that stands for the database: what is durable elsewhere is so within, and nothing is
    left of it."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as Django's own tests say it
    with whole:
        yield
        transaction.set_rollback(True)


def yuan(minor: int) -> Money:
    return Money(minor, CNY)
