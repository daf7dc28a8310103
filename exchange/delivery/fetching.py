"""Fetching what was bought: links that open it, files that are sent, and what is counted of both.

A *use* of a table begins with a request that content is sent for, and goes on while no hour passes
between the end of one such request and the next. Permits count uses, and so does metering: ranges
that continue a use, looks (HEAD) and answers without content (304, 416) are nothing new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from accounts.ids import new_id
from exchange.audit import log
from exchange.contracts import performance
from exchange.core import clock
from exchange.core.downloads import Source
from exchange.core.use_case import use_case
from exchange.delivery import links
from exchange.delivery.coverage import Covered, Download, covered_table
from exchange.delivery.entitlements import check_open, entitlement_of
from exchange.delivery.errors import LinkUnknown
from exchange.delivery.lifecycle import Form
from exchange.delivery.links import Link
from exchange.delivery.models import Delivery, Entitlement
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering import bills, intake
from exchange.orders.models import Order
from exchange.vault.content import open_blob
from exchange.vault.store import content_name

SAME_USE = timedelta(hours=1)
LATELY = timedelta(days=30)
# Made or raised in one statement, whoever comes first.
COUNT = """
    INSERT INTO delivery_delivery (
        public_id, entitlement_id, revision_id, table_id, first_at, last_at, requests, uses,
        bytes_sent
    ) VALUES (
        %(public_id)s, %(entitlement_id)s, %(revision_id)s, %(table_id)s, %(at)s, %(at)s, 1, 1, 0
    )
    ON CONFLICT (entitlement_id, revision_id, table_id) DO UPDATE
    SET requests = delivery_delivery.requests + 1,
        uses = delivery_delivery.uses + %(is_new_use)s,
        last_at = greatest(delivery_delivery.last_at, EXCLUDED.last_at)
    RETURNING id, requests = 1
"""


@dataclass(eq=False)
class Fetch:
    """A file that may be fetched. The door calls `begin` when its content is about to be sent, and
    `count` as it goes out."""

    source: Source
    entitlement: Entitlement
    covered: Covered
    download: Download
    actor: str
    now: datetime
    delivery_id: int = field(default=0, init=False)

    def begin(self) -> None:
        """Count the request. Raises PermitUsedUp and CapReached where a new use is one too many."""
        self.delivery_id = _count(self)

    def count(self, sent_bytes: int) -> None:
        """Note what was sent. The use goes on until now: a resumed download may have taken hours."""
        Delivery.objects.filter(pk=self.delivery_id).update(
            bytes_sent=F("bytes_sent") + sent_bytes, last_at=Greatest("last_at", clock.now())
        )


def make_link(entitlement_id: str, *, table: str, form: Form, actor: Actor, now: datetime) -> Link:
    """A link for a few minutes that needs no sign-in. Refused for what is not open or not covered."""
    entitlement = _fetchable(actor, entitlement_id)
    check_open(entitlement, at=now)
    covered_table(entitlement, table=table, form=form)
    return links.new_link(entitlement=entitlement.public_id, table=table, form=form, now=now)


def fetch_by_link(token: str, *, now: datetime) -> Fetch:
    """What a link opens now: asked afresh at every request, so that taking it back works at once."""
    link = links.read(token, now=now)
    entitlement = (
        Entitlement.objects.filter(public_id=link.entitlement)
        .select_related("order", "organisation", "product")
        .first()
    )
    if entitlement is None:
        raise LinkUnknown(_("This download link is not one of ours."))
    return _fetch(entitlement, table=link.table, form=link.form, actor="link", now=now)


def fetch(entitlement_id: str, *, table: str, form: Form, actor: Actor, now: datetime) -> Fetch:
    """What the actor's organisation may fetch without a link."""
    entitlement = _fetchable(actor, entitlement_id)
    return _fetch(entitlement, table=table, form=form, actor=actor.name, now=now)


def _fetchable(actor: Actor, entitlement_id: str) -> Entitlement:
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    policy.require(actor, Permission.ROWS_SEE, Subject(organisation_id=entitlement.organisation_id))
    return entitlement


def _fetch(entitlement: Entitlement, *, table: str, form: Form, actor: str, now: datetime) -> Fetch:
    check_open(entitlement, at=now)
    covered, download = covered_table(entitlement, table=table, form=form)
    blob, prefix = download.blob, settings.DELIVERY_ACCEL_PREFIX
    source = Source(
        open=lambda: open_blob(blob),
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        name=download.name,
        media_type=download.media_type,
        stored_at=blob.created_at,
        internal_path=f"{prefix}{content_name(blob.sha256)}" if prefix else "",
    )
    return Fetch(source, entitlement, covered, download, actor, now)


@use_case()
def _count(fetch: Fetch) -> int:
    """Count the request; a new use is counted by permit and meter, the first of a table is the
    delivery and stands in the log."""
    covered, now = fetch.covered, fetch.now
    key = {
        "entitlement_id": fetch.entitlement.pk,
        "revision_id": covered.revision.pk,
        "table_id": covered.table.pk,
    }
    known = Delivery.objects.filter(**key).select_for_update(no_key=True)
    last_at = known.values_list("last_at", flat=True).first()
    is_new_use = last_at is not None and last_at <= now - SAME_USE
    with connection.cursor() as cursor:
        public_id = new_id("dlv")
        cursor.execute(
            COUNT, {**key, "public_id": public_id, "at": now, "is_new_use": int(is_new_use)}
        )
        delivery_id, is_first = cursor.fetchone()
    if is_first or is_new_use:
        order = fetch.entitlement.order
        if order.contract is not None:
            performance.use(order.contract)
        used = {"calls": 1, "rows": covered.table.rows or 0, "bytes": fetch.source.size_bytes}
        intake.count_delivery(order, quantities=used, now=now)
    if is_first:
        _record(fetch, public_id)
    return int(delivery_id)


def _record(fetch: Fetch, delivery_id: str) -> None:
    entitlement, covered = fetch.entitlement, fetch.covered
    log.record(
        event="delivery.table.delivered",
        actor=fetch.actor,
        subject=f"delivery:{delivery_id}",
        facts={
            "entitlement": entitlement.public_id,
            "order": entitlement.order.public_id,
            "organisation": entitlement.organisation.public_id,
            "revision": covered.revision.public_id,
            "table": covered.table.public_id,
            "form": fetch.download.form.value,
            "sha256": fetch.source.sha256,
        },
        at=fetch.now,
    )


def deliveries_of(entitlement: Entitlement) -> dict[tuple[int, int], Delivery]:
    """What was fetched already, by the numeric ids of revision and table."""
    rows = Delivery.objects.filter(entitlement=entitlement)
    return {(row.revision_id, row.table_id): row for row in rows}


def tables_fetched(order: Order) -> int:
    """How many tables were fetched under what the order gave."""
    return Delivery.objects.filter(entitlement__order=order).count()


@dataclass(frozen=True)
class Lately:
    """Quantities by meter, and whether a meter counted them (else they are what was fetched)."""

    used: Mapping[str, int]
    was_metered: bool


def used_lately(*, buyer_id: int, product_id: int, now: datetime) -> Lately:
    """What the buyer used of the product in the last thirty days, to say what that would have cost
    by use."""
    since = now - LATELY
    metered = bills.used_since(buyer_id=buyer_id, product_id=product_id, since=since.date())
    if metered:
        return Lately(metered, was_metered=True)
    fetched = _fetched_since(organisation_id=buyer_id, product_id=product_id, since=since)
    return Lately(fetched, was_metered=False)


def _fetched_since(*, organisation_id: int, product_id: int, since: datetime) -> dict[str, int]:
    """Uses, rows and bytes of the tables first fetched since then; empty for none. Each use counts as
    the whole table, as one that is paid by use does."""
    totals = Delivery.objects.filter(
        entitlement__organisation=organisation_id,
        entitlement__product=product_id,
        first_at__gte=since,
    ).aggregate(
        calls=Sum("uses"),
        rows=Sum(F("uses") * F("table__rows")),
        bytes=Sum(F("uses") * F("table__parquet__size_bytes")),
    )
    return {meter: int(total or 0) for meter, total in totals.items()} if totals["calls"] else {}
