"""Published revisions and entitlements for tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import Organisation, User
from exchange.catalog.lifecycle import Delivery, Future, History, RevisionState
from exchange.catalog.models import Product, Revision, RevisionTable
from exchange.delivery.actions import entitlements
from exchange.delivery.models import Entitlement
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.vault.models import DataFile, DataTable
from tests.factories import accounts, listings
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes
from tests.factories.vault import CSV, a_read_file

BOUGHT = NOON + minutes(60)
CLOCK = "system:clock"
_numbers = count(1)


@dataclass(frozen=True)
class Counter:
    """A seller's product with one revision, and a buyer whose agent may fetch it."""

    exchange: Exchange
    product: Product
    revision: Revision
    file: DataFile
    buyer: Organisation
    agent: User
    entitlement: Entitlement

    @property
    def table(self) -> DataTable:
        return self.file.tables.get()

    @property
    def fetching(self) -> Actor:
        return acting(self.agent, self.buyer)


def a_counter(*, content: bytes = CSV, **fields: Any) -> Counter:
    """Everything that a download needs."""
    exchange = an_exchange()
    seller = accounts.an_organisation(name="Pipeline Data")
    buyer = accounts.an_organisation(name="City Gas")
    exchange.admit(buyer, Kind.BUYER)
    agent = accounts.a_member(buyer)
    a_role(buyer, agent, Role.BUYER_AGENT)
    file = a_read_file(seller, content=content)
    product = a_file_product(seller)
    revision = a_revision(product, file)
    return Counter(
        exchange=exchange,
        product=product,
        revision=revision,
        file=file,
        buyer=buyer,
        agent=agent,
        entitlement=an_entitlement(product, buyer, **fields),
    )


def a_file_product(seller: Organisation) -> Product:
    return listings.a_listing(seller=seller, delivery=Delivery.FILE)


def a_revision(
    product: Product,
    file: DataFile,
    *,
    number: int = 1,
    at: datetime = NOON,
    tables: list[DataTable] | None = None,
) -> Revision:
    """A published revision with the file's tables, or some of them."""
    revision = Revision.objects.create(product=product, number=number, created_at=at)
    for position, table in enumerate(tables or file.tables.order_by("position")):
        RevisionTable.objects.create(
            revision=revision, table=table, position=position, document=table.document
        )
    revision.state = RevisionState.PUBLISHED
    revision.published_at = at
    revision.save()
    return revision


def withdraw(revision: Revision) -> None:
    """Revoke a revision."""
    revision.state = RevisionState.REVOKED
    revision.revoked_at = BOUGHT
    revision.revoked_reason = "A meter was wrong."
    revision.save()


def an_entitlement(
    product: Product,
    buyer: Organisation,
    *,
    history: History = History.ALL,
    history_count: int | None = None,
    future: Future = Future.NONE,
    days: int | None = None,
    now: datetime = BOUGHT,
    new_since: datetime | None = None,
    terms: dict[str, Any] | None = None,
) -> Entitlement:
    entitlement, _is_new = entitlements.grant(
        order_ref=f"ord_{next(_numbers)}",
        organisation_id=buyer.pk,
        product_id=product.pk,
        terms=terms or {},
        history=history,
        history_count=history_count,
        future=future,
        new_since=new_since or now,
        valid_until=None if days is None else now + timedelta(days=days),
        actor=CLOCK,
        now=now,
    )
    return entitlement
