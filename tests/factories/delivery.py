"""Published revisions and entitlements for tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from exchange.catalog.lifecycle import Delivery, Future, History, RevisionState
from exchange.catalog.models import Product, Revision, RevisionTable
from exchange.core.lifecycle import Named
from exchange.core.outbox import Lease
from exchange.delivery import comparisons
from exchange.delivery.lifecycle import ENTITLEMENT, EntitlementTransition
from exchange.delivery.models import Comparison, Entitlement
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.orders.lifecycle import ORDER, OrderTransition, PaymentMethod
from exchange.orders.models import Order
from exchange.vault.models import DataFile, DataTable
from tests.factories import accounts, listings
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes
from tests.factories.vault import CSV, a_read_file

BOUGHT = NOON + minutes(60)
CLOCK = Named("system:clock")


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
    report: dict[str, Any] | None = None,
) -> Revision:
    """A published revision with the file's tables, or some of them; `report` is what is said of each."""
    revision = Revision.objects.create(product=product, number=number, created_at=at)
    for position, table in enumerate(tables or file.tables.order_by("position")):
        RevisionTable.objects.create(
            revision=revision, table=table, position=position, document=report or table.document
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
    order: Order | None = None,
) -> Entitlement:
    until = None if days is None else now + timedelta(days=days)
    entitlement = Entitlement(
        order=order or an_order(product, buyer, at=now),
        organisation=buyer,
        product=product,
        terms=terms or {},
        history=history,
        history_count=history_count,
        future=future,
        new_since=new_since or now,
        valid_from=now,
        valid_until=until,
    )
    with transaction.atomic():
        ENTITLEMENT.transition(
            entitlement, EntitlementTransition.GRANT, actor=CLOCK, due_at=until, now=now
        )
    return entitlement


def an_order(
    product: Product,
    buyer: Organisation,
    *,
    at: datetime = BOUGHT,
    revisions: list[dict[str, Any]] | None = None,
) -> Order:
    """An order for nothing on the product's first offer, straight into the table; its terms name
    `revisions`."""
    offer = product.offers.order_by("number")[0]
    order = Order(
        buyer=buyer,
        seller=product.seller,
        product=product,
        offer=offer,
        placed_by=accounts.owner_of(buyer),
        title=product.title,
        terms={
            "product": {"id": product.public_id, "revisions": revisions or []},
            "offer": {"id": offer.public_id},
        },
        terms_hash=f"sha256:{'0' * 64}",
        currency="CNY",
        net_minor=0,
        tax_minor=0,
        total_minor=0,
        payment_method=PaymentMethod.NONE,
        created_at=at,
    )
    with transaction.atomic():
        return ORDER.transition(
            order, OrderTransition.PLACE, actor=CLOCK, skip_deadline=True, now=at
        )


def read_again(comparison: Comparison) -> Comparison:
    """The comparison once its job has read the files."""
    payload = {"comparison_id": comparison.pk, "order_id": comparison.order_id}
    lease = Lease(0, comparisons.TOPIC, comparison.public_id, payload, fence=1, attempts=1)
    comparisons.record_job(lease, comparisons.read_by_job(lease))
    comparison.refresh_from_db()
    return comparison
