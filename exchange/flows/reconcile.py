"""Provider and books, held against each other: every line once, zero tolerance, no plug entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from exchange.audit.actions import log
from exchange.flows.settlement_books import balance
from exchange.ledger.models import ExternalRef
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments import chart as codes
from exchange.payments.actions import differences
from exchange.payments.gateway.port import Provider, ProviderMovement
from exchange.payments.gateway.providers import provider
from exchange.payments.models import Difference
from exchange.payments.models import ProviderMovement as Movement
from exchange.payments.states import DifferenceKind
from pricing.money import Money

# Lines may appear a little after the moment that they carry.
OVERLAP = timedelta(days=3)
BATCH_LINES = 500


@dataclass(frozen=True)
class Found:
    """One disagreement of provider and books."""

    kind: DifferenceKind
    subject: str
    amount: Money
    detail: str


@dataclass(frozen=True)
class Report:
    """What was held against what, and every disagreement."""

    provider: str
    currency: str
    lines_count: int
    booked_count: int
    at_provider: Money
    in_books: Money
    found: tuple[Found, ...]

    @property
    def sound(self) -> bool:
        return not self.found


def reconcile(*, currency: str, now: datetime, whole: bool = False) -> Report:
    """Read the provider's lines since the last time (or all of them), and compare every line ever
    read with the books. Each disagreement is opened as a difference, once.
    """
    gateway = provider()
    _read_lines(gateway, now=now, whole=whole)
    told = gateway.balance(currency)
    found = [*_line_by_line(gateway.name, currency)]
    at_provider = told.available + told.pending
    in_books = balance(codes.clearing(gateway.name, currency), currency)
    if at_provider != in_books:
        found.append(
            Found(
                DifferenceKind.BALANCE_DIFFERS,
                f"{gateway.name}:{currency}",
                at_provider - in_books,
                f"{at_provider} / {in_books}",
            )
        )
    with transaction.atomic():
        for one in found:
            differences.open_difference(
                kind=one.kind, subject=one.subject, amount=one.amount, detail=one.detail, now=now
            )
    lines = Movement.objects.filter(provider=gateway.name, currency=currency)
    booked = ExternalRef.objects.filter(psp=gateway.name, transfer__currency=currency)
    return Report(
        provider=gateway.name,
        currency=currency,
        lines_count=lines.count(),
        booked_count=booked.count(),
        at_provider=at_provider,
        in_books=in_books,
        found=tuple(found),
    )


def _read_lines(gateway: Provider, *, now: datetime, whole: bool) -> None:
    last = Movement.objects.filter(provider=gateway.name).aggregate(last=Max("created_at"))["last"]
    since = last - OVERLAP if last and not whole else None
    batch: list[Movement] = []
    for line in gateway.movements(since=since):
        batch.append(_movement(gateway.name, line, now))
        if len(batch) == BATCH_LINES:
            Movement.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    Movement.objects.bulk_create(batch, ignore_conflicts=True)


def _movement(name: str, line: ProviderMovement, now: datetime) -> Movement:
    return Movement(
        provider=name,
        movement_id=line.ref,
        kind=line.kind,
        source_ref=line.source_ref,
        currency=line.amount.currency,
        amount_minor=line.amount.minor,
        fee_minor=line.fee_minor,
        created_at=line.created_at,
        available_at=line.available_at,
        seen_at=now,
    )


def _line_by_line(name: str, currency: str) -> Iterable[Found]:
    """Each fact of the provider beside its fact of the books, by source and kind."""
    theirs: dict[tuple[str, str], int] = {}
    for line in Movement.objects.filter(provider=name, currency=currency).iterator():
        theirs[line.source_ref, line.kind] = line.amount_minor
        if line.fee_minor:
            theirs[line.source_ref, "fee"] = -line.fee_minor
    clearing = codes.clearing(name, currency)
    refs = ExternalRef.objects.filter(psp=name, transfer__currency=currency)
    for ref in refs.select_related("transfer__debit").iterator():
        transfer = ref.transfer
        is_in = transfer.debit.code == clearing
        ours = transfer.amount_minor if is_in else -transfer.amount_minor
        said = theirs.pop((ref.object_id, ref.kind), None)
        subject = f"{ref.object_id}:{ref.kind}"
        if said is None:
            yield Found(DifferenceKind.BOOKS_ONLY, subject, Money(ours, currency), str(transfer.pk))
        elif said != ours:
            yield Found(
                DifferenceKind.AMOUNT_DIFFERS,
                subject,
                Money(said - ours, currency),
                f"{Money(said, currency)} / {Money(ours, currency)}",
            )
    for (source, kind), said in theirs.items():
        yield Found(DifferenceKind.PROVIDER_ONLY, f"{source}:{kind}", Money(said, currency), kind)


@transaction.atomic
def take_difference(*, actor: Actor, difference_id: str, now: datetime) -> Difference:
    """As an operator, become the one who looks into it."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    difference = differences.locked(difference_id)
    differences.take(difference=difference, actor=actor.name)
    _record_difference(difference, "taken", actor, now)
    return difference


@transaction.atomic
def explain_difference(
    *, actor: Actor, difference_id: str, explanation: str, now: datetime
) -> Difference:
    """As an operator, end a difference with an explanation. Nothing is booked by that."""
    policy.require(actor, Permission.PAYMENTS_RUN)
    difference = differences.locked(difference_id)
    differences.close(difference=difference, explanation=explanation, actor=actor.name, now=now)
    _record_difference(difference, "explained", actor, now)
    return difference


def _record_difference(difference: Difference, event: str, actor: Actor, now: datetime) -> None:
    log.record(
        event=f"payments.difference.{event}",
        actor=actor.name,
        subject=f"difference:{difference.public_id}",
        facts={"kind": difference.kind, "about": difference.subject},
        at=now,
    )
