"""Provider and books, held against each other: every line once, zero tolerance, no plug entries; and
what does not add up: opened once, owned by somebody, ended with an explanation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.models import ExternalRef
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.payments import chart, parties
from exchange.payments.errors import DifferenceClosed, ExplanationMissing
from exchange.payments.gateway.port import Provider, ProviderMovement
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference
from exchange.payments.models import ProviderMovement as Movement
from exchange.payments.models.bank import EXPLANATION_CHARS_MAX
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
    in_books = books.balance(chart.clearing(gateway.name, currency), currency)
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
        for difference in found:
            open_difference(
                kind=difference.kind,
                subject=difference.subject,
                amount=difference.amount,
                detail=difference.detail,
                now=now,
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
    clearing = chart.clearing(name, currency)
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


def open_difference(
    *, kind: DifferenceKind, subject: str, amount: Money, detail: str, now: datetime
) -> bool:
    """Open the difference, unless it is open; say whether it is new."""
    _difference, is_new = Difference.objects.get_or_create(
        kind=kind,
        subject=subject,
        closed_at=None,
        defaults={
            "detail": detail[:300],
            "currency": amount.currency,
            "amount_minor": amount.minor,
            "opened_at": now,
        },
    )
    return is_new


def _concerns(difference_id: str, **_said: object) -> Subject:
    """Whom a difference concerns; nobody, of one that is not there."""
    difference = Difference.objects.filter(public_id=difference_id).first()
    concerned = parties.of_difference(difference) if difference else ()
    return Subject(organisation_id=None, other_side=frozenset(concerned))


@use_case(Permission.PAYMENTS_HANDLE, about=_concerns)
def take_difference(difference_id: str, *, actor: Actor, now: datetime) -> Difference:
    """As the exchange's finance, become the one who looks into it."""
    difference = _lock_difference(difference_id)
    difference.owner = actor.name
    difference.save(update_fields=["owner"])
    _record_difference(difference, "taken", actor=actor, now=now)
    return difference


@use_case(Permission.PAYMENTS_HANDLE, about=_concerns)
def explain_difference(
    difference_id: str, *, actor: Actor, explanation: str, now: datetime
) -> Difference:
    """As the exchange's finance, end a difference with an explanation. Nothing is booked by that. Raises
    ExplanationMissing."""
    difference = _lock_difference(difference_id)
    _close(difference, explanation=explanation, actor=actor, now=now)
    _record_difference(difference, "explained", actor=actor, now=now)
    return difference


def close_about(
    *, kind: DifferenceKind, subject: str, explanation: str, actor: Doer, now: datetime
) -> None:
    """End the open difference about a thing, if there is one, since the thing is dealt with."""
    for difference in Difference.objects.select_for_update(no_key=True).filter(
        kind=kind, subject=subject, closed_at__isnull=True
    ):
        _close(difference, explanation=explanation, actor=actor, now=now)


def agree_with_bank(bank_ref: str, amount: Money, *, actor: Doer, now: datetime) -> None:
    """End the difference about a line of the bank's statement that is noted as sent now, when the line has
    that amount."""
    open_one = Difference.objects.filter(
        kind=DifferenceKind.BANK_ONLY, subject=bank_ref, closed_at=None
    )
    if any(known.amount == -amount for known in open_one):
        close_about(
            kind=DifferenceKind.BANK_ONLY,
            subject=bank_ref,
            explanation=_("Noted as sent."),
            actor=actor,
            now=now,
        )


def _lock_difference(difference_id: str) -> Difference:
    """The difference, locked. Raises NotFound and DifferenceClosed."""
    rows = Difference.objects.select_for_update(no_key=True)
    difference = rows.filter(public_id=difference_id).first()
    if difference is None:
        raise NotFound(_("There is no such difference."))
    if difference.closed_at is not None:
        raise DifferenceClosed(
            _("This difference is explained already."), closed_by=difference.closed_by
        )
    return difference


def _close(difference: Difference, *, explanation: str, actor: Doer, now: datetime) -> None:
    explanation = explanation.strip()
    if not 0 < len(explanation) <= EXPLANATION_CHARS_MAX:
        raise ExplanationMissing(
            _("Explain the difference in at most %(limit)d characters.")
            % {"limit": EXPLANATION_CHARS_MAX},
            limit=EXPLANATION_CHARS_MAX,
        )
    difference.explanation, difference.closed_by = explanation, actor.name
    difference.closed_at, difference.owner = now, difference.owner or actor.name
    difference.save(update_fields=["explanation", "closed_by", "closed_at", "owner"])


def _record_difference(difference: Difference, event: str, *, actor: Actor, now: datetime) -> None:
    log.record(
        event=f"payments.difference.{event}",
        actor=actor.name,
        subject=f"difference:{difference.public_id}",
        facts={"kind": difference.kind, "about": difference.subject},
        at=now,
    )
