"""State-asset sales for tests: a state-owned seller, its committee, bidders, and the road so far."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone

from accounts.models import Organisation, User
from exchange.asset_sales import bidders, preparing, results, rounds
from exchange.asset_sales.lifecycle import Standing
from exchange.asset_sales.models import Announcement, AssetSale, Bidder
from exchange.asset_sales.preparing import Upload, ValuationRequest
from exchange.asset_sales.rounds import RoundRequest
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.journeys.scheduled import run_asset_sales
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from tests.factories import accounts, listings
from tests.factories.members import Exchange, a_role, acting, an_exchange
from tests.factories.orders import DAY
from tests.factories.payments import fund_wallet

YUAN = 100
VALUE = 1_000_000 * YUAN
FUNDS_YUAN = 2_000_000


def a_pdf(words: str = "minutes") -> Upload:
    return Upload(name=f"{words}.pdf", content=BytesIO(b"%PDF-1.4\n" + words.encode()))


def an_appraisal(value_minor: int = VALUE, *, at: datetime = DAY) -> ValuationRequest:
    return ValuationRequest(
        value_minor=value_minor,
        base_date=timezone.localtime(at).date() - timedelta(days=30),
        firm="North Appraisers",
        appraisers=("Li Na", "Wu Bo"),
        report_no="NA-2026-17",
    )


@dataclass
class StateHouse:
    """A founded exchange and a state-owned seller with a listed product."""

    exchange: Exchange
    seller: Organisation
    product: Product
    deciding: Actor
    agents: dict[str, tuple[User, Organisation]] = field(default_factory=dict)

    @property
    def selling(self) -> Actor:
        return acting(accounts.owner_of(self.seller), self.seller)

    @property
    def operating(self) -> Actor:
        return acting(self.exchange.first, self.exchange.organisation)

    def buyer(self, name: str) -> Actor:
        """The buyer's agent of that name, with two million yuan in the wallet."""
        if name not in self.agents:
            organisation = accounts.an_organisation(name=name)
            self.exchange.admit(organisation, Kind.BUYER)
            agent = accounts.a_member(organisation)
            a_role(organisation, agent, Role.BUYER_AGENT)
            fund_wallet(self.exchange, organisation, FUNDS_YUAN)
            self.agents[name] = (agent, organisation)
        agent, organisation = self.agents[name]
        return acting(agent, organisation)

    def planned(self, *, at: datetime = DAY) -> AssetSale:
        return preparing.plan(
            self.product.public_id,
            actor=self.selling,
            nature=DealNature.TRANSFER,
            now=at,
        )

    def filed(self, *, value_minor: int = VALUE, at: datetime = DAY) -> AssetSale:
        """Planned, decided, valued and filed."""
        name = self.planned(at=at).public_id
        preparing.decide(name, actor=self.deciding, minutes=a_pdf(), reason="As planned.", now=at)
        preparing.value(
            name,
            actor=self.selling,
            command=an_appraisal(value_minor, at=at),
            report=a_pdf("report"),
            now=at,
        )
        return preparing.file(
            name, actor=self.selling, filing_no="F-9", proof=a_pdf("filing"), now=at
        )

    def announce(
        self, asset_sale: AssetSale, floor_yuan: int, *, days: int = 10, deposit_yuan: int = 0,
        at: datetime = DAY,
    ) -> Announcement:  # fmt: skip
        return rounds.announce(
            asset_sale.public_id,
            actor=self.selling,
            command=RoundRequest(
                floor_minor=floor_yuan * YUAN, days=days, deposit_minor=deposit_yuan * YUAN
            ),
            now=at,
        )

    def register(
        self, name: str, announcement: Announcement, offer_yuan: int, *, at: datetime = DAY,
        disclosure: str = "",
    ) -> Bidder:  # fmt: skip
        return bidders.register(
            announcement.public_id,
            actor=self.buyer(name),
            offer_minor=offer_yuan * YUAN,
            disclosure=disclosure,
            now=at,
        )

    def examine(
        self, bidder: Bidder, standing: Standing = Standing.QUALIFIED, *, at: datetime = DAY
    ) -> Bidder:
        return bidders.examine(
            bidder.public_id,
            actor=self.operating,
            standing=standing,
            reason="" if standing is Standing.QUALIFIED else "No licence for this kind of data.",
            now=at,
        )

    def bid(self, name: str, announcement: Announcement, yuan: int, *, at: datetime) -> None:
        bidders.bid(
            announcement.public_id,
            actor=self.buyer(name),
            amount_minor=yuan * YUAN,
            now=at,
        )

    def publish(self, asset_sale: AssetSale, *, at: datetime) -> AssetSale:
        return results.publish(asset_sale.public_id, actor=self.operating, now=at)


def a_state_house() -> StateHouse:
    exchange = an_exchange()
    seller = accounts.an_organisation(name="State Grid Data", kind="state_owned")
    exchange.admit(seller, Kind.SELLER)
    a_role(seller, accounts.owner_of(seller), Role.DATA_OWNER)
    member = accounts.a_member(seller)
    a_role(seller, member, Role.COMMITTEE)
    product = listings.a_listing(seller=seller, price_minor=None, title="Load curves")
    return StateHouse(
        exchange=exchange, seller=seller, product=product, deciding=acting(member, seller)
    )


def at_end(asset_sale: AssetSale) -> datetime:
    """The clock moves to when the asset sale is due, and the sweep does what is due then."""
    asset_sale.refresh_from_db()
    assert asset_sale.due_at is not None
    moment = asset_sale.due_at
    run_asset_sales(now=moment)
    asset_sale.refresh_from_db()
    return moment
