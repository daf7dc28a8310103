"""Provider and books, held against each other: every line once, zero tolerance, no plug entries; and
what does not add up: opened once, owned by somebody, explained by two people or found to agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core import clockwork, currencies
from exchange.core.lifecycle import Change, Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger import books
from exchange.ledger.models import Account, ExternalRef, OpenHold
from exchange.members.actors import Actor, Subject, system_actor
from exchange.members.permissions import Permission
from exchange.payments import chart, matching, parties
from exchange.payments.errors import DifferenceClosed, ExplanationMissing
from exchange.payments.gateway.port import Provider, ProviderMovement
from exchange.payments.gateway.providers import provider
from exchange.payments.lifecycle import (
    DIFFERENCE,
    DifferenceKind,
    DifferenceState,
    DifferenceTransition,
    PaymentState,
)
from exchange.payments.matching import Found, Matched
from exchange.payments.models import Difference, Payment
from exchange.payments.models import ProviderMovement as Movement
from exchange.payments.models.bank import EXPLANATION_CHARS_MAX
from pricing.money import Money

TASK = "jobs.reconcile"
RECONCILER = system_actor("reconciliation")
# Lines may appear a little after the moment that they carry.
OVERLAP = timedelta(days=3)
BATCH_LINES = 500
# What moved within it may be on one side alone: its message is on the way.
ON_ITS_WAY = timedelta(minutes=15)
# A hold or an authorisation that outlives its time by so much was forgotten.
OVERDUE = timedelta(hours=1)
OVERDUE_MAX = 200
BY_LINE = (
    DifferenceKind.PROVIDER_ONLY, DifferenceKind.BOOKS_ONLY, DifferenceKind.AMOUNT_DIFFERS,
)  # fmt: skip
# What stays as it is once it was explained: found again, it is no news.
LASTING = frozenset({
    *BY_LINE, DifferenceKind.MOVED_TWICE, DifferenceKind.BALANCE_DIFFERS, DifferenceKind.BANK_ONLY,
})  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What was held against what, and every disagreement that nobody has explained."""

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


def reconcile(
    *, currency: str, now: datetime, whole: bool = False, cutoff: datetime | None = None
) -> Report:
    """Read the provider's lines since the last time (or all of them), and compare every line ever
    read with the books. Each disagreement is opened as a difference, once; one that is gone is resolved.
    What moved after `cutoff` may still be on its way and is counted out.
    """
    gateway = provider()
    _read_lines(gateway, now=now, whole=whole)
    told = gateway.balance(currency)
    matched = matching.match(provider=gateway.name, currency=currency, cutoff=cutoff)
    at_provider = told.available + told.pending
    in_books = books.balance(chart.clearing(gateway.name, currency), currency)
    balance = Found(
        DifferenceKind.BALANCE_DIFFERS,
        f"{gateway.name}:{currency}",
        at_provider - in_books - matched.on_its_way,
        f"{at_provider} / {in_books}",
    )
    found = [*matched.found, *([balance] if balance.amount.minor else [])]
    unexplained = _write_down(found, matched, balance.subject, actor=RECONCILER, now=now)
    lines = Movement.objects.filter(provider=gateway.name, currency=currency)
    booked = ExternalRef.objects.filter(psp=gateway.name, transfer__currency=currency)
    return Report(
        provider=gateway.name,
        currency=currency,
        lines_count=lines.count(),
        booked_count=booked.count(),
        at_provider=at_provider,
        in_books=in_books,
        found=unexplained,
    )


def currencies_at_provider() -> Sequence[str]:
    """Those that are offered, and those in which anything was ever booked at the provider."""
    booked = Account.objects.filter(code__startswith=chart.clearing(provider().name, ""))
    return sorted({*currencies.offered(), *booked.values_list("currency", flat=True)})


@use_case()
def _write_down(
    found: list[Found], matched: Matched, account: str, *, actor: Actor, now: datetime
) -> tuple[Found, ...]:
    """Open what was found and resolve what agrees now. Returns what nobody has explained."""
    unexplained = tuple(one for one in found if _open_found(one, now=now))
    if all(one.subject != account for one in found):
        close_about(
            kind=DifferenceKind.BALANCE_DIFFERS,
            subject=account,
            explanation=_("The balances agree."),
            actor=actor,
            now=now,
        )
    if matched.is_whole:
        for difference in _agreeing(matched, account.partition(":")[0]):
            _resolve(difference, _("Provider and books agree."), actor=actor, now=now)
    return unexplained


def _agreeing(matched: Matched, name: str) -> Iterator[Difference]:
    """Open differences about a line that both sides have now, and alike."""
    open_ones = Difference.objects.filter(state=DifferenceState.OPEN, kind__in=BY_LINE)
    subjects = set(open_ones.values_list("subject", flat=True)) - matched.unlike
    agreed = matching.seen_on_both_sides(subjects, provider=name) if subjects else set()
    yield from open_ones.filter(subject__in=agreed).order_by("pk").select_for_update(no_key=True)


@use_case()
def look_for_overdue(*, actor: Actor, now: datetime) -> tuple[Found, ...]:
    """Holds of the books and authorisations of cards that outlived their time: each is opened as a
    difference, and resolved once it is gone. Returns those that are open."""
    found = [*_holds_overdue(now), *_cards_overdue(now)]
    kinds = (DifferenceKind.HOLD_OVERDUE, DifferenceKind.CARD_OVERDUE)
    rows = Difference.objects.filter(state=DifferenceState.OPEN, kind__in=kinds)
    gone = (
        rows.exclude(subject__in=[one.subject for one in found]) if len(found) < OVERDUE_MAX else ()
    )
    for difference in gone:
        _resolve(DIFFERENCE.lock_again(difference), _("It has ended."), actor=actor, now=now)
    return tuple(one for one in found if _open_found(one, now=now))


def _holds_overdue(now: datetime) -> Iterator[Found]:
    due = OpenHold.objects.filter(expires_at__lte=now - OVERDUE).order_by("expires_at")
    for hold in due.select_related("transfer__posting")[:OVERDUE_MAX]:
        transfer = hold.transfer
        yield Found(
            DifferenceKind.HOLD_OVERDUE, str(transfer.pk), transfer.amount, transfer.posting.subject
        )


def _cards_overdue(now: datetime) -> Iterator[Found]:
    due = Payment.objects.filter(
        state=PaymentState.AUTHORISED, expires_at__lte=now - OVERDUE
    ).order_by("expires_at")
    for payment in due[:OVERDUE_MAX]:
        yield Found(
            DifferenceKind.CARD_OVERDUE, payment.public_id, payment.amount, payment.reference
        )


@use_case(Permission.PAYMENTS_HANDLE)
def run_soon(*, actor: Actor, now: datetime) -> None:
    """As the exchange's finance, have the scheduled reconciliation run now."""
    clockwork.hurry(TASK)
    log.record(
        event="payments.reconciliation.asked",
        actor=actor.name,
        subject=f"reconciliation:{TASK}",
        facts={},
        at=now,
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


def _open_found(found: Found, *, now: datetime) -> bool:
    return open_difference(
        kind=found.kind, subject=found.subject, amount=found.amount, detail=found.detail, now=now
    )


def open_difference(
    *, kind: DifferenceKind, subject: str, amount: Money, detail: str, now: datetime
) -> bool:
    """Open the difference, unless it is open; an open one shows the newest amount. Says whether somebody
    has to look into it: not where this very difference was explained and lasts.
    """
    known = Difference.objects.filter(kind=kind, subject=subject).order_by("-pk")
    newest = known.filter(state=DifferenceState.OPEN).first() or known.first()
    if newest is None or newest.state == DifferenceState.RESOLVED:
        return _open_new(kind, subject, amount, detail, now)
    if newest.state == DifferenceState.EXPLAINED:
        is_same = kind in LASTING and newest.amount == amount
        return not is_same and _open_new(kind, subject, amount, detail, now)
    if newest.amount != amount:
        Difference.objects.filter(pk=newest.pk, state=DifferenceState.OPEN).update(
            amount_minor=amount.minor, detail=detail[:300]
        )
    return True


def _open_new(
    kind: DifferenceKind, subject: str, amount: Money, detail: str, now: datetime
) -> bool:
    difference = Difference(
        kind=kind,
        subject=subject,
        detail=detail[:300],
        currency=amount.currency,
        amount_minor=amount.minor,
        opened_at=now,
    )
    try:
        with transaction.atomic():
            DIFFERENCE.transition(difference, DifferenceTransition.FIND, actor=RECONCILER, now=now)
    except IntegrityError as error:
        if "difference_is_open_once" not in str(error):
            raise
    return True


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
    return DIFFERENCE.transition(
        difference, DifferenceTransition.TAKE, actor=actor, now=now, save=("owner",)
    )


@use_case(Permission.PAYMENTS_RUN, about=_concerns)
def explain_difference(
    difference_id: str, *, actor: Actor, explanation: str, now: datetime
) -> Difference:
    """As the exchange's finance, end a difference with an explanation that another of them gave. Nothing is
    booked by that, and nobody hears of it again. Raises ExplanationMissing."""
    difference = _lock_difference(difference_id)
    return _end(difference, DifferenceTransition.EXPLAIN, explanation, actor=actor, now=now)


def check_explanation(difference_id: str, explanation: str) -> Difference:
    """The difference that could be explained so. Raises NotFound, DifferenceClosed and ExplanationMissing."""
    difference = Difference.objects.filter(public_id=difference_id).first()
    checked_explanation(explanation)
    return _checked(difference)


def checked_explanation(explanation: str) -> str:
    """Without surrounding space. Raises ExplanationMissing."""
    explanation = explanation.strip()
    if not 0 < len(explanation) <= EXPLANATION_CHARS_MAX:
        raise ExplanationMissing(
            _("Explain the difference in at most %(limit)d characters.")
            % {"limit": EXPLANATION_CHARS_MAX},
            limit=EXPLANATION_CHARS_MAX,
        )
    return explanation


def close_about(
    *, kind: DifferenceKind, subject: str, explanation: str, actor: Doer, now: datetime
) -> None:
    """End the open difference about a thing, if there is one, since the thing is dealt with."""
    for difference in Difference.objects.select_for_update(no_key=True).filter(
        kind=kind, subject=subject, state=DifferenceState.OPEN
    ):
        _resolve(difference, explanation, actor=actor, now=now)


def agree_with_bank(bank_ref: str, amount: Money, *, actor: Doer, now: datetime) -> None:
    """End the difference about a line of the bank's statement that is noted as sent now, when the line has
    that amount."""
    open_one = Difference.objects.filter(
        kind=DifferenceKind.BANK_ONLY, subject=bank_ref, state=DifferenceState.OPEN
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
    return _checked(rows.filter(public_id=difference_id).first())


def _checked(difference: Difference | None) -> Difference:
    if difference is None:
        raise NotFound(_("There is no such difference."))
    if difference.closed_at is not None:
        raise DifferenceClosed(
            _("This difference is explained already."), closed_by=difference.closed_by
        )
    return difference


def _resolve(difference: Difference, explanation: str, *, actor: Doer, now: datetime) -> None:
    if difference.state == DifferenceState.OPEN:
        _end(difference, DifferenceTransition.RESOLVE, explanation, actor=actor, now=now)


def _end(
    difference: Difference,
    transition_: DifferenceTransition,
    explanation: str,
    *,
    actor: Doer,
    now: datetime,
) -> Difference:
    difference.explanation = checked_explanation(explanation)
    difference.closed_by, difference.closed_at = actor.name, now
    difference.owner = difference.owner or actor.name
    return DIFFERENCE.transition(
        difference, transition_, actor=actor, now=now,
        save=("explanation", "closed_by", "closed_at", "owner"),
    )  # fmt: skip


def _facts(difference: Difference, _change: Change) -> dict[str, str]:
    return {"kind": difference.kind, "about": difference.subject}


DIFFERENCE.record_facts = _facts
