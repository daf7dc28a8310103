"""What a party has earned, line by line, what the books hold for it, and the documents it was given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.downloads import csv_line
from exchange.core.refusals import NotFound
from exchange.ledger import books
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.payments import chart
from exchange.payments.lifecycle import DocumentKind, PayoutAccountState
from exchange.payments.models import Document, Payout, PayoutAccount, SettlementShare
from pricing.money import Money

CSV_STEP = 500
CSV_HEAD = (
    "order", "title", "settled_at", "currency", "gross", "tax", "service_fee", "share",
    "refunded", "net", "held_until", "cleared_at",
)  # fmt: skip


@dataclass(frozen=True)
class Earning:
    """One sale's money as its seller sees it. `paid_on` is the day of the run that it is in, or will
    be in; None when the seller has no account yet."""

    order_id: str
    title: str
    settled_at: datetime
    gross: Money
    tax: Money
    fee: Money
    refunded: Money
    net: Money
    clears_at: datetime
    cleared_at: datetime | None
    paid_on: date | None


def shares_of(organisation_id: int) -> QuerySet[SettlementShare]:
    """Newest first, with their settlements and the day of the run in which each was paid out."""
    runs = Payout.objects.filter(
        organisation_id=organisation_id, created_at__gte=OuterRef("settlement__cleared_at")
    )
    rows = SettlementShare.objects.filter(organisation_id=organisation_id)
    paid_in = Subquery(runs.order_by("pk").values("run__run_date")[:1])
    return rows.select_related("settlement__order").annotate(paid_in_run=paid_in).order_by("-pk")


def earnings_of(organisation_id: int, shares: Sequence[SettlementShare]) -> list[Earning]:
    """The shares as their seller sees them."""
    has_account = PayoutAccount.objects.filter(
        organisation_id=organisation_id, state=PayoutAccountState.READY
    ).exists()
    return [_earning(share, has_account=has_account) for share in shares]


def _earning(share: SettlementShare, *, has_account: bool) -> Earning:
    settlement = share.settlement
    refunded = Money(share.refunded_minor, share.currency)
    cleared = settlement.cleared_at
    expected = timezone.localtime(settlement.clears_at).date() if has_account else None
    return Earning(
        order_id=settlement.order.public_id,
        title=settlement.title,
        settled_at=settlement.settled_at,
        gross=settlement.gross,
        tax=settlement.tax,
        fee=settlement.fee,
        refunded=refunded,
        net=share.amount - refunded,
        clears_at=settlement.clears_at,
        cleared_at=cleared,
        paid_on=share.paid_in_run or expected,  # type: ignore[attr-defined]  # annotated by shares_of
    )


def earnings_csv(organisation_id: int) -> Iterator[str]:
    """Every line, newest first, as CSV."""
    yield csv_line(CSV_HEAD)
    rows = shares_of(organisation_id)
    batch = list(rows[:CSV_STEP])
    while batch:
        for share in batch:
            yield csv_line(_cells(share))
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:CSV_STEP])


def _cells(share: SettlementShare) -> tuple[object, ...]:
    settlement = share.settlement
    refunded = Money(share.refunded_minor, share.currency)
    return (
        settlement.order.public_id,
        settlement.title,
        settlement.settled_at.isoformat(),
        share.currency,
        settlement.gross.decimal,
        settlement.tax.decimal,
        settlement.fee.decimal,
        share.amount.decimal,
        refunded.decimal,
        (share.amount - refunded).decimal,
        settlement.clears_at.isoformat(),
        settlement.cleared_at.isoformat() if settlement.cleared_at else "",
    )


def payouts_of(organisation_id: int) -> QuerySet[Payout]:
    """Newest first, with their runs and accounts."""
    rows = Payout.objects.filter(organisation_id=organisation_id)
    return rows.select_related("run", "account").order_by("-pk")


def account_of(organisation_id: int) -> PayoutAccount | None:
    """The account that the organisation is paid to, ready or being checked."""
    rows = PayoutAccount.objects.filter(organisation_id=organisation_id)
    return rows.exclude(state=PayoutAccountState.CLOSED).first()


def invoices_of(organisation_id: int) -> QuerySet[Document]:
    """Invoices and credit notes that the organisation received, newest first."""
    kinds = [DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]
    rows = Document.objects.filter(receiver_id=organisation_id, kind__in=kinds)
    return rows.select_related("issuer", "order").order_by("-pk")


def documents_about(causes: list[str]) -> dict[str, Document]:
    """Payout statements by the payout that they are about."""
    rows = Document.objects.filter(kind=DocumentKind.PAYOUT_STATEMENT, cause__in=causes)
    return {document.cause: document for document in rows}


@dataclass(frozen=True)
class Balances:
    """Earned and not cleared yet; available for the next payout; owed to the exchange."""

    pending: Money
    available: Money
    owed: Money


def balances_of(organisation_id: int, *, currency: str) -> Balances:
    """Read from the books, so that no other sum can say something else."""
    ref = Organisation.objects.values_list("public_id", flat=True).get(pk=organisation_id)
    return Balances(
        pending=books.balance(chart.pending(ref, currency), currency),
        available=books.available(chart.available(ref, currency), currency),
        owed=books.balance(chart.receivable(ref, currency), currency),
    )


def document_of_order(order: Order, *, kind: str) -> Document | None:
    """The newest document of a kind about an order; whether it may be seen is the caller's to ask."""
    documents = Document.objects.filter(order=order, kind=kind)
    return documents.select_related("issuer", "receiver", "corrects").order_by("-id").first()


def document_seen_by(actor: Actor, number: str) -> Document:
    """The document for people of its issuer or its receiver, or a supervisor. Raises NotFound."""
    document = (
        Document.objects.filter(number=number)
        .select_related("issuer", "receiver", "corrects")
        .first()
    )
    if document is None:
        raise NotFound(_("There is no such document."))
    own = actor.organisation_id == document.issuer_id
    side = document.issuer_id if own else document.receiver_id
    policy.require(actor, Permission.PAYMENT_DOCUMENT_SEE, Subject(organisation_id=side))
    return document
