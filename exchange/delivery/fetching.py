"""Fetching what was bought: links that open it, files that are sent, and what is counted of both.

A *use* of a table begins with a request that content is sent for, and goes on while no hour passes
between the end of one such request and the next. Permits count uses; looks (HEAD) and answers without
content (304, 416) are nothing new. Metered use is billed after it was sent: of each use one call, the
bytes that went out up to the size of each form, and the rows in that share of the file, so that what
is read again in ranges costs nothing and a broken connection no more than what was sent. What may
still be sent of all uses that go on is set aside together.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from accounts.ids import new_id
from exchange.audit import log
from exchange.catalog.lifecycle import OfferKind
from exchange.contracts import performance
from exchange.core import clock
from exchange.core.downloads import Source
from exchange.core.use_case import use_case
from exchange.delivery import links
from exchange.delivery.coverage import Covered, Download, covered_table
from exchange.delivery.entitlements import check_open, entitlement_of
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Delivery, DownloadLink, Entitlement
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering import bills, intake
from exchange.orders.models import Order
from exchange.vault.content import open_blob
from exchange.vault.store import content_name
from pricing.money import Money

SAME_USE = timedelta(hours=1)
LATELY = timedelta(days=30)
RECORDS_MAX = 1_000
# Made or raised in one statement, whoever comes first.
COUNT = """
    INSERT INTO delivery_delivery (
        public_id, entitlement_id, revision_id, table_id, first_at, last_at, requests, uses,
        bytes_sent, use_sent, use_rows
    ) VALUES (
        %(public_id)s, %(entitlement_id)s, %(revision_id)s, %(table_id)s, %(at)s, %(at)s, 1, 1, 0,
        '{}', 0
    )
    ON CONFLICT (entitlement_id, revision_id, table_id) DO UPDATE
    SET requests = delivery_delivery.requests + 1,
        uses = delivery_delivery.uses + %(is_new_use)s,
        use_sent = CASE WHEN %(is_new_use)s = 1 THEN '{}' ELSE delivery_delivery.use_sent END,
        use_rows = CASE WHEN %(is_new_use)s = 1 THEN 0 ELSE delivery_delivery.use_rows END,
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
    link: DownloadLink | None = None
    address: str = ""
    delivery_id: int = field(default=0, init=False)

    @property
    def is_metered(self) -> bool:
        return is_metered(self.entitlement)

    def begin(self) -> None:
        """Count the request. Raises PermitUsedUp, CapReached, UseNotCovered and LinkCapReached where
        a use, or what is left of one, is too much."""
        self.delivery_id = _count(self)

    def count(self, sent_bytes: int) -> None:
        """Note what was sent, and bill it. The use goes on until now: a resumed download may have
        taken hours."""
        now, spent = clock.now(), None
        if self.is_metered:
            spent = _bill(self, sent_bytes, now=now)
        else:
            Delivery.objects.filter(pk=self.delivery_id).update(
                bytes_sent=F("bytes_sent") + sent_bytes, last_at=Greatest("last_at", now)
            )
        if self.link is not None:
            links.note_sent(self.link, sent_bytes=sent_bytes, spent=spent)


def is_metered(entitlement: Entitlement) -> bool:
    """Whether what is fetched is billed by use."""
    return bool(entitlement.order.terms.get("offer", {}).get("kind") == OfferKind.METERED)


def make_link(
    entitlement_id: str,
    *,
    table: str,
    form: Form,
    actor: Actor,
    now: datetime,
    spend_max_minor: int | None = None,
) -> DownloadLink:
    """A link for a few minutes that needs no sign-in, owned by the actor. Through it at most
    `spend_max_minor` may be spent, net of tax. Refused for what is not open or not covered."""
    entitlement, covered = _linkable(entitlement_id, table=table, form=form, actor=actor, now=now)
    return links.make(
        entitlement,
        table=covered.table,
        form=form,
        spend_max_minor=spend_max_minor,
        actor=actor,
        now=now,
    )


def link_to_follow(
    entitlement_id: str, *, table: str, form: Form, actor: Actor, now: datetime
) -> DownloadLink:
    """A link that the actor follows at once: one that is known, or else a new one. Refused as
    `make_link` is."""
    entitlement, covered = _linkable(entitlement_id, table=table, form=form, actor=actor, now=now)
    known = links.known(entitlement, table=covered.table, form=form, actor=actor, now=now)
    return known or links.make(
        entitlement, table=covered.table, form=form, spend_max_minor=None, actor=actor, now=now
    )


def fetch_by_link(token: str, *, address: str, now: datetime) -> Fetch:
    """What a link opens now for who calls from that address: asked afresh at every request, so that
    taking it back works at once."""
    link = links.read(token, now=now)
    fetch = _fetch(
        link.entitlement, table=link.table.public_id, form=Form(link.form), actor="link", now=now
    )
    fetch.link, fetch.address = link, address
    return fetch


def fetch(entitlement_id: str, *, table: str, form: Form, actor: Actor, now: datetime) -> Fetch:
    """What the actor's organisation may fetch without a link."""
    entitlement = _fetchable(actor, entitlement_id)
    return _fetch(entitlement, table=table, form=form, actor=actor.name, now=now)


def _linkable(
    entitlement_id: str, *, table: str, form: Form, actor: Actor, now: datetime
) -> tuple[Entitlement, Covered]:
    entitlement = _fetchable(actor, entitlement_id)
    check_open(entitlement, at=now)
    covered, _download = covered_table(entitlement, table=table, form=form)
    return entitlement, covered


def _fetchable(actor: Actor, entitlement_id: str) -> Entitlement:
    entitlement = entitlement_of(actor.organisation_id, entitlement_id)
    policy.require(actor, Permission.ROWS_SEE, Subject(organisation_id=entitlement.organisation_id))
    return entitlement


def _fetch(entitlement: Entitlement, *, table: str, form: Form, actor: str, now: datetime) -> Fetch:
    check_open(entitlement, at=now)
    covered, download = covered_table(entitlement, table=table, form=form)
    # A proxy in front does not say how much it sent, and metered bytes are billed by that.
    prefix = "" if is_metered(entitlement) else settings.DELIVERY_ACCEL_PREFIX
    blob = download.blob
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
    """Count the request; a new use is counted by permit, the first of a table is the delivery and
    stands in the log. What is metered is set aside before anything is sent."""
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
    is_begun = not is_first and not is_new_use
    if not is_begun and fetch.entitlement.order.contract is not None:
        performance.use(fetch.entitlement.order.contract)
    if fetch.link is not None:
        links.note_use(fetch.link, address=fetch.address, now=now)
    if fetch.is_metered:
        _reserve(fetch, Delivery.objects.get(pk=delivery_id), is_begun=is_begun)
    if is_first:
        _record(fetch, public_id)
    return int(delivery_id)


def _reserve(fetch: Fetch, delivery: Delivery, *, is_begun: bool) -> None:
    """Set aside what the use may still cost beside the others that go on, and hold a link to its
    cap. Of the delivery, nobody else counts a request before this transaction ends."""
    form, order = fetch.download.form.value, fetch.entitlement.order
    billed = _billed(delivery)
    if is_begun and form in billed and fetch.link is None:
        return
    left = {
        "calls": 0 if billed else 1,
        "rows": max((fetch.covered.table.rows or 0) - delivery.use_rows, 0),
        "bytes": max(fetch.source.size_bytes - billed.get(form, 0), 0),
    }
    cost = intake.reserve(
        order, quantities=left, beside=lambda: _begun_beside(fetch, delivery), is_begun=is_begun,
        now=fetch.now,
    )  # fmt: skip
    if form not in delivery.use_sent:
        delivery.use_sent = {**delivery.use_sent, form: None}
        delivery.save(update_fields=["use_sent"])
    if fetch.link is not None:
        links.check_cap(fetch.link, cost)


def _billed(delivery: Delivery) -> dict[str, int]:
    """By form, the bytes that were billed of the use that goes on."""
    return {form: sent for form, sent in delivery.use_sent.items() if sent is not None}


def _begun_beside(fetch: Fetch, delivery: Delivery) -> Mapping[str, int]:
    """What may still be billed of uses of the order that go on, beside this form of this delivery."""
    form = fetch.download.form.value
    return begun(fetch.entitlement.order, fetch.now, beside=(delivery.pk, form))


def begun(
    order: Order, at: datetime, *, beside: tuple[int, str] | None = None
) -> Mapping[str, int]:
    """What may still be billed of uses of the order that go on; `beside` a form of a delivery."""
    this, this_form = beside or (None, "")
    left = Counter[str]()
    whole = ("table__file__blob", "table__parquet")
    going_on = Delivery.objects.filter(entitlement__order=order, last_at__gt=at - SAME_USE).exclude(
        use_sent={}
    )
    for one in going_on.select_related(*whole).defer("table__document"):
        forms = dict(one.use_sent)
        if one.pk == this:
            forms.pop(this_form, None)
        else:
            left["calls"] += 0 if _billed(one) else 1
            left["rows"] += max((one.table.rows or 0) - one.use_rows, 0)
        for form, sent in forms.items():
            blob = one.table.parquet if form == Form.PARQUET else one.table.file.blob
            left["bytes"] += max(blob.size_bytes - (sent or 0), 0)
    return left


@use_case()
def _bill(fetch: Fetch, sent_bytes: int, *, now: datetime) -> Money:
    """Bill what was sent of the use that goes on and was not billed yet; what that costs."""
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=fetch.delivery_id)
    form, size = fetch.download.form.value, fetch.source.size_bytes
    billed = _billed(delivery)
    before = billed.get(form, 0)
    after = min(before + sent_bytes, size)
    rows = (fetch.covered.table.rows or 0) * after // size if size else 0
    more = {
        "calls": 0 if billed else 1,
        "rows": max(rows - delivery.use_rows, 0),
        "bytes": after - before,
    }
    delivery.use_sent = {**delivery.use_sent, form: after}
    delivery.use_rows = max(rows, delivery.use_rows)
    delivery.bytes_sent += sent_bytes
    delivery.last_at = max(delivery.last_at, now)
    delivery.save(update_fields=["use_sent", "use_rows", "bytes_sent", "last_at"])
    return intake.count_delivery(fetch.entitlement.order, quantities=more, at=fetch.now, now=now)


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


def delivery_records(entitlement: Entitlement) -> list[dict[str, Any]]:
    """What was fetched, as documents: which tables, with their hashes, how often and how many bytes."""
    rows = (
        Delivery.objects.filter(entitlement=entitlement)
        .select_related("revision", "table__parquet", "table__file__blob")
        .defer("table__document")
        .order_by("id")
    )
    return [
        {
            "id": row.public_id,
            "revision": row.revision.public_id,
            "number": row.revision.number,
            "table": row.table.public_id,
            "rows": row.table.rows,
            "parquet_sha256": row.table.parquet.sha256,
            "parquet_bytes": row.table.parquet.size_bytes,
            "original_sha256": row.table.file.blob.sha256,
            "requests": row.requests,
            "uses": row.uses,
            "bytes_sent": row.bytes_sent,
            "first_at": row.first_at.isoformat(),
            "last_at": row.last_at.isoformat(),
        }
        for row in rows[:RECORDS_MAX]
    ]


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
