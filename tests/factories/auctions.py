"""An auction house for tests: a seller, buyers with money in their wallets, a clock to move."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Organisation, User
from exchange.auctions import access, bidding, scheduling
from exchange.auctions.bidding import Receipt
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import AuctionRequest, BidRequest
from exchange.catalog.models import Product
from exchange.journeys import awards
from exchange.members.actors import Actor
from exchange.members.roles import Kind as Qualification
from exchange.members.roles import Role
from tests.factories import accounts, listings
from tests.factories.members import Exchange, a_role, acting, an_exchange
from tests.factories.orders import DAY
from tests.factories.payments import fund_wallet

FUNDS = 10_000_000
END = DAY + timedelta(hours=1)
ENGLISH: dict[str, Any] = {"opening_minor": 10_000, "increments": [(0, 500), (50_000, 1000)]}


@dataclass
class House:
    """A founded exchange, a seller with a listed product, and buyers by name."""

    exchange: Exchange
    seller: Organisation
    product: Product
    agents: dict[str, tuple[User, Organisation]] = field(default_factory=dict)

    @property
    def selling(self) -> Actor:
        """The seller's owner, who may offer and sell."""
        return acting(accounts.owner_of(self.seller), self.seller)

    def buyer(self, name: str, *, funds: int = FUNDS) -> Actor:
        """The buyer's agent of that name, with money in the wallet of its organisation."""
        if name not in self.agents:
            organisation = accounts.an_organisation(name=name)
            self.exchange.admit(organisation, Qualification.BUYER)
            agent = accounts.a_member(organisation)
            a_role(organisation, agent, Role.BUYER_AGENT)
            if funds:
                fund_wallet(self.exchange, organisation, funds // 100)
            self.agents[name] = (agent, organisation)
        agent, organisation = self.agents[name]
        return acting(agent, organisation)

    def organisation(self, name: str) -> Organisation:
        self.buyer(name)
        return self.agents[name][1]

    def auction(self, kind: Kind = Kind.ENGLISH, **terms: Any) -> Auction:
        """An announced auction from DAY for an hour."""
        return scheduling.schedule(self.command(kind, **terms), actor=self.selling, now=DAY)

    def command(self, kind: Kind = Kind.ENGLISH, **terms: Any) -> AuctionRequest:
        fields = {**(ENGLISH if kind is Kind.ENGLISH else {}), **terms}
        product = "" if kind is Kind.PROCUREMENT else self.product.public_id
        return AuctionRequest(
            **{
                "kind": kind,
                "currency": "CNY",
                "product_id": product,
                "title": "Wanted: readings" if kind is Kind.PROCUREMENT else "",
                "opens_at": DAY,
                "closes_at": END,
                **fields,
            }
        )

    def bid(self, name: str, auction: Auction, amount_minor: int, **command: Any) -> Receipt:
        """A bid in a live auction."""
        return bidding.place(
            auction.public_id,
            BidRequest(currency="CNY", amount_minor=amount_minor, **command),
            actor=self.buyer(name),
            now=DAY,
        )

    def seal(self, name: str, auction: Auction, *rows: dict[str, Any], **command: Any) -> Receipt:
        """A sealed bid."""
        return bidding.place(
            auction.public_id,
            BidRequest(currency="CNY", rows=rows, **command),
            actor=self.buyer(name),
            now=DAY,
        )

    def close(self, auction: Auction, *, at: datetime = END) -> Auction:
        """The clock moves past the end, and the sweep does what is due."""
        with clock_at(at):
            awards.run_due(now=at)
        auction.refresh_from_db()
        return auction


def a_house() -> House:
    exchange = an_exchange()
    seller = accounts.an_organisation(name="Pipeline Data")
    exchange.admit(seller, Qualification.SELLER)
    a_role(seller, accounts.owner_of(seller), Role.DATA_OWNER)
    product = listings.a_listing(seller=seller, price_minor=None, title="Pressure readings")
    return House(exchange=exchange, seller=seller, product=product)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Auctions take `moment` for the time of the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "NOW", f"'{moment.isoformat()}'::timestamptz")
        yield
