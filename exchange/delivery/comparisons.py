"""The delivery of an order read again beside its promise: asked for, done by a job, kept for the parties.

A party or an operator asks, and an objection asks by itself. Every file is read in the process that reads
files of strangers, by the reader's present version; where the promise was read by another, its file is
read again too. What is kept holds no value of a personal column.
"""

from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from django.utils.translation import gettext as _

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.catalog.disclosure import Asker, Part, Parts, leaving
from exchange.catalog.facts import hidden_columns
from exchange.catalog.models import RevisionTable
from exchange.core import clock, outbox
from exchange.core.lifecycle import Change, IllegalTransition, Named
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import announce, use_case
from exchange.delivery import after_payment, comparing
from exchange.delivery.comparing import Found, Promise
from exchange.delivery.entitlements import entitlement_of_order
from exchange.delivery.errors import ComparisonsFull, NothingToCompare
from exchange.delivery.lifecycle import COMPARISON, ComparisonState
from exchange.delivery.lifecycle import ComparisonTransition as Y
from exchange.delivery.models import Comparison, Delivery, Entitlement
from exchange.members import policy
from exchange.members.actors import Actor, person_of, system_actor
from exchange.orders.conversation import writing_permission
from exchange.orders.lifecycle import ORDER, OrderTransition
from exchange.orders.models import Order
from exchange.orders.queries import Side, subject_of
from exchange.vault.content import hash_as_it_lies
from exchange.vault.file_reading import read_stored
from exchange.vault.models import Blob
from exchange.vault.reading import READER, Progress
from pricing.documents import digest

log = structlog.get_logger(__name__)

TOPIC = "delivery.comparison.asked"
MINUTES_MAX = 6 * 60
ATTEMPTS_MAX = 2
TABLES_MAX = 12
COMPARISONS_MAX = 20
PROGRESS_SECONDS = 0.5
BY_THE_READER = system_actor("reader")
OPEN = (ComparisonState.ASKED, ComparisonState.READING)


class NobodyWaits(Exception):
    """Another worker began anew, or it has ended; this reading ends and is not kept."""


@dataclass(frozen=True)
class Target:
    """A table that was or can be delivered, and what was promised of it. `reason` says why it was not."""

    row: RevisionTable
    is_delivered: bool
    terms: dict[str, Any] | None
    since: RevisionTable | None
    hidden: frozenset[str]
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a reading: the comparison in both parts, or why there is none."""

    number: int
    document: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def declare() -> None:
    """Say what an objection asks for, and what must be in the log. For `AppConfig.ready`."""
    COMPARISON.concerns = lambda comparison: subject_of(comparison.order)
    COMPARISON.record_facts = lambda comparison, _change: {"order": comparison.order.public_id}
    ORDER.on(OrderTransition.OBJECT, _ask_for_objection)
    agreement.rows_of(
        "comparison",
        "delivery_comparison AS row JOIN orders_order AS o ON o.id = row.order_id",
        facts={"order": "o.public_id"},
    )
    require_record(
        name="delivery.comparisons",
        rows=subjects("comparison", Comparison.objects.all()),
        event="delivery.comparison.asked",
    )


@use_case(locks=ORDER)
def ask(order: Order, *, actor: Actor, now: datetime) -> Comparison:
    """As a party or for the exchange, have the delivery read again beside its promise. While one is under
    way it is that. Raises NothingToCompare and ComparisonsFull."""
    policy.require(actor, writing_permission(actor), subject_of(order))
    return _ask(order, actor=Named(actor.name, person_of(actor)), now=now)


def comparison_of(order: Order) -> Comparison | None:
    """The newest comparison of an order that was made."""
    made = Comparison.objects.filter(order=order, state=ComparisonState.MADE)
    return made.order_by("-id").first()


@dataclass(frozen=True)
class Standing:
    """Where the newest comparison of an order stands, and the verdicts of the newest that was made."""

    state: str
    progress: int
    reason: str
    made_at: datetime | None
    totals: dict[str, int]


def standing_of(order: Order) -> Standing | None:
    """None where nobody asked for a comparison yet."""
    rows = Comparison.objects.filter(order=order).order_by("-id")
    told = rows.values("state", "progress", "reason", "made_at", "document__totals")
    newest = told.first()
    if newest is None:
        return None
    made = newest if newest["made_at"] else told.exclude(made_at=None).first()
    return Standing(
        state=newest["state"],
        progress=newest["progress"],
        reason=newest["reason"] if newest["state"] == ComparisonState.FAILED else "",
        made_at=made["made_at"] if made else None,
        totals=made["document__totals"] if made else {},
    )


def can_compare(order: Order) -> bool:
    """Whether there is anything to read."""
    entitlement = entitlement_of_order(order)
    return entitlement is not None and (
        after_payment.opens_files(entitlement)
        or Delivery.objects.filter(entitlement=entitlement).exists()
    )


def parts_towards(order: Order, side: Side) -> Parts:
    """What may leave of the delivered data towards who looks at the order from that side."""
    if side is Side.SELLER:
        return leaving(order.product, asker=Asker.SELLER)
    if side is Side.EXCHANGE:
        return leaving(order.product, asker=Asker.OPERATOR)
    entitlement = entitlement_of_order(order)
    return frozenset() if entitlement is None else after_payment.parts_of(entitlement)


def seen_by(comparison: Comparison, side: Side) -> dict[str, Any]:
    """The comparison as that side may see it: with the values of the data only where they may leave, and
    without those of columns that were flagged as personal since."""
    order = comparison.order
    parts = parts_towards(order, side)
    document = dict(comparison.document)
    if Part.COUNTS not in parts:
        return {**document, "tables": []}
    if Part.VALUES not in parts:
        return document
    flagged = _flagged_since(comparison)
    return {
        **document,
        "tables": [
            comparing.joined(table, values, without=flagged)
            for table, values in zip(document["tables"], comparison.figures["tables"], strict=True)
        ],
    }


def figures_towards(comparison: Comparison, side: Side) -> dict[str, Any] | None:
    """The values as they were kept, so that they have the hash of the log; None where one of them may
    not leave towards that side."""
    if Part.VALUES not in parts_towards(comparison.order, side):
        return None
    tables = comparison.document["tables"]
    valued = {row["column"] for table in tables for row in table["movement"]} | {
        claim["column"]
        for table in tables
        for claim in table["claims"]
        if claim["claim"] in comparing.OF_VALUES
    }
    return None if valued & _flagged_since(comparison) else dict(comparison.figures)


def _flagged_since(comparison: Comparison) -> frozenset[str]:
    tables = [table["table"] for table in comparison.document["tables"]]
    flags = list(comparison.order.product.flags.all())
    rows = RevisionTable.objects.filter(
        revision__product=comparison.order.product_id, table__public_id__in=tables
    )
    return frozenset(
        name for row in rows.select_related("revision") for name in hidden_columns(row, flags)
    )


def _ask_for_objection(order: Order, change: Change) -> None:
    """A reaction to an objection: its reading is there when the exchange looks."""
    try:
        _ask(order, actor=change.doer, now=change.at)
    except (NothingToCompare, ComparisonsFull):
        return


def _ask(order: Order, *, actor: Named, now: datetime) -> Comparison:
    known = order.comparisons.filter(state__in=OPEN).first()
    if known is not None:
        return known
    if order.comparisons.count() >= COMPARISONS_MAX:
        raise ComparisonsFull(
            _("The delivery of an order is read again at most %(limit)d times.")
            % {"limit": COMPARISONS_MAX},
            limit=COMPARISONS_MAX,
        )
    if not can_compare(order):
        raise NothingToCompare(
            _("No file was delivered here under this order, so there is nothing to read again.")
        )
    comparison = Comparison(order=order, asked_by_id=actor.user_id, asked_at=now)
    COMPARISON.transition(comparison, Y.ASK, actor=actor, now=now)
    outbox.emit(
        topic=TOPIC,
        key=comparison.public_id,
        payload={"comparison_id": comparison.pk, "order_id": order.pk},
        lane=f"organisation:{order.seller_id}",
    )
    return comparison


def read_by_job(lease: Lease) -> Outcome | None:
    """Read what a job is for; None when there is nothing to do any more."""
    try:
        comparison = _begin(lease.payload["comparison_id"], now=clock.now())
    except (IllegalTransition, NotFound):
        return None
    if lease.attempts > ATTEMPTS_MAX:
        return _failed(comparison)
    try:
        return make(comparison)
    except NobodyWaits:
        return None
    except Exception:
        if lease.attempts < ATTEMPTS_MAX:
            raise
        log.exception("delivery.comparison.failed", comparison=comparison.public_id)
        return _failed(comparison)


def record_job(lease: Lease, outcome: Outcome | None) -> None:
    """Keep what came of a job, and have pages that follow the order look again."""
    if outcome is not None:
        _keep(lease.payload["order_id"], lease.payload["comparison_id"], outcome, now=clock.now())


def make(comparison: Comparison) -> Outcome:
    """Read everything and compare it, in no transaction: it may take minutes."""
    order = comparison.order
    entitlement = entitlement_of_order(order)
    targets = [] if entitlement is None else _targets(entitlement)
    reading = _Reading(comparison, count=len(targets))
    tables = [_compared(target, reading) for target in targets]
    counted, figures = comparing.split(tables)
    return Outcome(
        number=comparison.readings,
        document={
            "format": comparing.FORMAT,
            "comparison": comparison.public_id,
            "order": order.public_id,
            "terms": order.terms_hash,
            "reader": READER,
            "tables": counted,
            "totals": comparing.totals_of(counted),
            "measures": comparing.measures_of(counted),
        },
        figures={"comparison": comparison.public_id, "tables": figures},
    )


@use_case()
def _begin(comparison_id: int, *, now: datetime) -> Comparison:
    comparison = COMPARISON.lock_key(comparison_id)
    comparison.readings += 1
    comparison.progress = 0
    return COMPARISON.transition(
        comparison, Y.BEGIN, actor=BY_THE_READER, now=now, save=("readings", "progress")
    )


@use_case()
def _keep(order_id: int, comparison_id: int, outcome: Outcome, *, now: datetime) -> Comparison:
    order = ORDER.lock_key(order_id)
    comparison = COMPARISON.lock_key(comparison_id)
    if comparison.state != ComparisonState.READING or comparison.readings != outcome.number:
        return comparison
    order.version += 1
    order.save(update_fields=["version"])
    announce(topic=f"order:{order.public_id}", version=order.version)
    if not outcome.document:
        comparison.reason = outcome.reason
        return COMPARISON.transition(
            comparison, Y.FAIL, actor=BY_THE_READER, reason=outcome.reason, now=now,
            save=("reason",),
        )  # fmt: skip
    comparison.document, comparison.figures = outcome.document, outcome.figures
    comparison.reader, comparison.made_at, comparison.progress = READER, now, 100
    return COMPARISON.transition(
        comparison,
        Y.MAKE,
        actor=BY_THE_READER,
        now=now,
        save=("document", "figures", "reader", "made_at", "progress"),
        facts={
            "terms": order.terms_hash,
            "reader": READER,
            "document": digest(comparison.document),
            "figures": digest(comparison.figures),
            **comparison.document["totals"],
        },
    )


def _failed(comparison: Comparison) -> Outcome:
    said = _("The delivery could not be read because of an error of ours. It has been logged.")
    return Outcome(number=comparison.readings, reason=said)


class _Reading:
    """Reads each content once, and says how far all of it is."""

    def __init__(self, comparison: Comparison, *, count: int) -> None:
        self.comparison, self.count = comparison, max(1, count)
        self.known: dict[int, Found] = {}
        self.done = 0
        self.noted_at = monotonic()

    def of(self, blob: Blob) -> Found:
        if blob.pk not in self.known:
            self.known[blob.pk] = self._read(blob)
        return self.known[blob.pk]

    def _read(self, blob: Blob) -> Found:
        sha256 = hash_as_it_lies(blob) or ""
        try:
            read = read_stored(blob, name="table.parquet", progress=self._note)
        except NotFound:
            return Found(sha256="", refusal="missing")
        except Refusal as refusal:
            return Found(sha256=sha256, refusal=refusal.code)
        return Found(sha256=sha256, reading=read.tables[0].document())

    def _note(self, progress: Progress) -> None:
        if monotonic() - self.noted_at < PROGRESS_SECONDS:
            return
        self.noted_at = monotonic()
        share = min(1.0, progress.bytes / max(1, progress.bytes_total))
        rows = Comparison.objects.filter(
            pk=self.comparison.pk,
            state=ComparisonState.READING,
            readings=self.comparison.readings,
        )
        if not rows.update(progress=min(99, round(100 * (self.done + share) / self.count))):
            raise NobodyWaits


def _compared(target: Target, reading: _Reading) -> dict[str, Any]:
    table = target.row.table
    told: dict[str, Any] = {
        "table": table.public_id,
        "name": str(target.row.document["name"]),
        "revision": target.row.revision.public_id,
        "number": target.row.revision.number,
        "rows": int(target.row.document["rows"]),
        "is_in_terms": target.terms is not None,
        "is_delivered": target.is_delivered,
        "promise_reader": str(target.row.document.get("reader") or ""),
    }
    if target.reason:
        return {**told, "claims": comparing.unopened(target.reason), "movement": []}
    found = reading.of(table.parquet)
    promise = _promise(target, found, reading)
    reading.done += 1
    moved = [] if found.reading is None else comparing.movement_of(promise, found.reading)
    return {
        **told,
        "promise_was_read_again": promise.report is not target.row.document,
        "claims": comparing.claims_of(promise, found),
        "movement": moved,
    }


def _promise(target: Target, found: Found, reading: _Reading) -> Promise:
    row, since = target.row, target.since
    names = comparing.names_between(row.document, row.table.document)
    report = row.document
    if report.get("reader") != READER and found.reading is not None:
        report = comparing.read_again(report, found.reading, names)
    earlier = None
    if since is not None:
        since_names = comparing.names_between(since.document, since.table.document)
        earlier = since.document
        if earlier.get("reader") != READER:
            again = reading.of(since.table.parquet).reading
            earlier = (
                earlier if again is None else comparing.read_again(earlier, again, since_names)
            )
        names = {**since_names, **names}
    terms = target.terms
    return Promise(
        report=report,
        names=names,
        rows=None if terms is None else int(terms["rows"]),
        sha256=None if terms is None else str(terms["sha256"]),
        since=earlier,
        hidden=target.hidden,
    )


def _targets(entitlement: Entitlement) -> list[Target]:
    """The tables of the newest revision that the terms name (else of the newest that is open), and what
    else was fetched, newest first."""
    order = entitlement.order
    deliveries = Delivery.objects.filter(entitlement=entitlement).order_by("-revision__number")
    fetched = set(deliveries.values_list("revision_id", "table_id")[:TABLES_MAX])
    named = list(order.terms["product"].get("revisions") or [])
    bought = _bought(order, named)
    rows = list(
        RevisionTable.objects.filter(revision__in={bought, *(pair[0] for pair in fetched)})
        .select_related("revision", "table__parquet")
        .order_by("-revision__number", "position")
    )
    newest = [row for row in rows if row.revision_id == bought]
    flags = list(order.product.flags.all())
    found = [
        Target(
            row=row,
            is_delivered=(row.revision_id, row.table_id) in fetched,
            terms=_terms_of(row, rows, named),
            since=since,
            # What is personal in one of the two is told by how it moved to the other.
            hidden=frozenset().union(*(hidden_columns(one, flags) for one in (row, since) if one)),
            reason=_obstacle(row, fetched),
        )
        for row in rows
        if row in newest or (row.revision_id, row.table_id) in fetched
        for since in [_since(row, newest, named)]
    ]
    return found[:TABLES_MAX]


def _bought(order: Order, named: list[dict[str, Any]]) -> int | None:
    """The key of the newest revision that the terms name, else of the newest that was published."""
    revisions = order.product.revisions.exclude(published_at=None).order_by("-number")
    if named:
        revisions = revisions.filter(public_id=named[0]["id"])
    return revisions.values_list("pk", flat=True).first()


def _terms_of(
    row: RevisionTable, rows: list[RevisionTable], named: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """What the terms say of a table: they name tables in the order of their revision."""
    for revision in named:
        if revision["id"] == row.revision.public_id:
            place = [one for one in rows if one.revision_id == row.revision_id].index(row)
            tables = revision["tables"]
            return dict(tables[place]) if place < len(tables) else None
    return None


def _since(
    row: RevisionTable, newest: list[RevisionTable], named: list[dict[str, Any]]
) -> RevisionTable | None:
    """Of a later revision, the table that was bought; None for what the terms name."""
    if not named or any(one["id"] == row.revision.public_id for one in named):
        return None
    if len(newest) == 1:
        return newest[0]
    return next((one for one in newest if one.document["name"] == row.document["name"]), None)


def _obstacle(row: RevisionTable, fetched: set[tuple[int, int]]) -> str:
    if (row.revision_id, row.table_id) in fetched or row.revision.revoked_at is None:
        return ""
    return "revision_revoked"
