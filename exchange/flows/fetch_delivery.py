"""Fetching what was bought: links that open it, files that are sent, and their count."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.contracts import performance
from exchange.core.file_answers import Source
from exchange.delivery import links
from exchange.delivery.actions import deliveries
from exchange.delivery.errors import LinkUnknown
from exchange.delivery.links import Link
from exchange.delivery.models import Delivery, Entitlement
from exchange.delivery.queries.coverage import Covered, Download, covered_table
from exchange.delivery.queries.entitlements import check_open, entitlement_of
from exchange.delivery.states import Form
from exchange.flows import usage_intake
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.vault.content import open_blob
from exchange.vault.store import content_name


@dataclass(frozen=True)
class Fetch:
    """A file that is being fetched, and the delivery that counts its bytes (none for a mere look)."""

    source: Source
    delivery_id: int | None

    def count(self, sent_bytes: int) -> None:
        if self.delivery_id is not None:
            deliveries.add_bytes(delivery_id=self.delivery_id, count=sent_bytes)


def make_link(*, actor: Actor, entitlement_id: str, table: str, form: Form, now: datetime) -> Link:
    """A link for a few minutes that needs no sign-in. Refused for what is not open or not covered."""
    entitlement = _fetchable(actor, entitlement_id)
    check_open(entitlement, at=now)
    covered_table(entitlement, table=table, form=form)
    return links.new_link(entitlement=entitlement.public_id, table=table, form=form, now=now)


def fetch_by_link(token: str, *, counts: bool, now: datetime) -> Fetch:
    """What a link opens now: asked afresh at every request, so that taking it back works at once."""
    link = links.read(token, now=now)
    entitlement = (
        Entitlement.objects.filter(public_id=link.entitlement)
        .select_related("organisation", "product")
        .first()
    )
    if entitlement is None:
        raise LinkUnknown(_("This download link is not one of ours."))
    return _fetch(
        entitlement, table=link.table, form=link.form, counts=counts, actor="link", now=now
    )


def fetch(
    *, actor: Actor, entitlement_id: str, table: str, form: Form, counts: bool, now: datetime
) -> Fetch:
    """What the actor's organisation may fetch without a link."""
    entitlement = _fetchable(actor, entitlement_id)
    return _fetch(entitlement, table=table, form=form, counts=counts, actor=actor.name, now=now)


def _fetch(
    entitlement: Entitlement, *, table: str, form: Form, counts: bool, actor: str, now: datetime
) -> Fetch:
    check_open(entitlement, at=now)
    covered, download = covered_table(entitlement, table=table, form=form)
    delivery_id = _count(entitlement, covered, download, actor, now) if counts else None
    blob, prefix = download.blob, settings.DELIVERY_ACCEL_PREFIX
    source = Source(
        open=lambda: open_blob(blob),
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        name=download.name,
        media_type=download.media_type,
        internal_path=f"{prefix}{content_name(blob.sha256)}" if prefix else "",
    )
    return Fetch(source=source, delivery_id=delivery_id)


@transaction.atomic
def _count(
    entitlement: Entitlement, covered: Covered, download: Download, actor: str, now: datetime
) -> int:
    """Count the request; the first of a table is the delivery, and stands in the log."""
    if not deliveries.goes_on(
        entitlement_id=entitlement.pk,
        revision_id=covered.revision.pk,
        table_id=covered.table.pk,
        now=now,
    ):
        _count_use(entitlement)
    used = {"calls": 1, "rows": covered.table.rows or 0, "bytes": download.blob.size_bytes}
    usage_intake.count_delivery(entitlement=entitlement, quantities=used, now=now)
    delivery_id, is_first = deliveries.count_request(
        entitlement_id=entitlement.pk,
        revision_id=covered.revision.pk,
        table_id=covered.table.pk,
        now=now,
    )
    if is_first:
        delivery = Delivery.objects.get(pk=delivery_id)
        log.record(
            event="delivery.table.delivered",
            actor=actor,
            subject=f"delivery:{delivery.public_id}",
            facts={
                "entitlement": entitlement.public_id,
                "order": entitlement.order_ref,
                "organisation": entitlement.organisation.public_id,
                "revision": covered.revision.public_id,
                "table": covered.table.public_id,
                "form": download.form.value,
                "sha256": download.blob.sha256,
            },
            at=now,
        )
    return delivery_id


def _count_use(entitlement: Entitlement) -> None:
    """Count one use of the contract behind an order, if there is one."""
    order = Order.objects.select_related("contract").filter(public_id=entitlement.order_ref).first()
    if order is not None and order.contract is not None:
        performance.use(order.contract)


def _fetchable(actor: Actor, entitlement_id: str) -> Entitlement:
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    policy.require(actor, Permission.ROWS_SEE, Subject(organisation_id=entitlement.organisation_id))
    return entitlement
