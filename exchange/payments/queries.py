"""What a party has earned, line by line, what the books hold for it, and the documents it was given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.downloads import csv_line
from exchange.core.periods import after_months
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.payments import fee_invoices, statements
from exchange.payments.lifecycle import DocumentKind, PayoutAccountState, PayoutState
from exchange.payments.models import Document, Payment, Payout, PayoutAccount, SettlementShare
from exchange.payments.unpaid import Reason, Reasons, Why
from pricing.money import Money

CSV_STEP = 500
# A payout that paid nothing: what it was to pay is in a later one.
NOT_PAID = [PayoutState.REFUSED, PayoutState.RETURNED]
CSV_HEAD = (
    "order", "title", "settled_at", "currency", "gross", "tax", "service_fee", "share",
    "refunded", "net", "held_until", "cleared_at", "fee_tax",
)  # fmt: skip


@dataclass(frozen=True)
class Earning:
    """One sale's money as its seller, or a party that shares in it, sees it. The fee is with its own tax. `statement` is the number of
    the document to whoever is not its seller. `paid_on` is the day of the run that it is in, or will
    be in; None where nobody knows it yet. `waits_for` is why it has not arrived."""

    order_id: str
    title: str
    settled_at: datetime
    gross: Money
    tax: Money
    fee: Money
    fee_tax: Money
    refunded: Money
    net: Money
    paid_on: date | None
    waits_for: tuple[Reason, ...]
    statement: str = ""


def shares_of(organisation_id: int) -> QuerySet[SettlementShare]:
    """Newest first, with their settlements and the payout that each is in."""
    rows = with_payouts(SettlementShare.objects.filter(organisation_id=organisation_id))
    return rows.select_related("settlement__order", "settlement__distribution").order_by("-pk")


def with_payouts(shares: QuerySet[SettlementShare]) -> QuerySet[SettlementShare]:
    """The shares, each with the key of the payout that it is in as `paid_in`. What was refused or came back
    is in a later one."""
    runs = Payout.objects.filter(
        organisation=OuterRef("organisation"),
        currency=OuterRef("currency"),
        created_at__gte=OuterRef("settlement__cleared_at"),
    ).exclude(state__in=NOT_PAID)
    return shares.annotate(paid_in=Subquery(runs.order_by("pk").values("pk")[:1]))


def shares_in(payout: Payout) -> QuerySet[SettlementShare]:
    """What a payout pays: what became available since the one before it that was not refused."""
    others = Payout.objects.filter(
        organisation=payout.organisation_id, currency=payout.currency, pk__lt=payout.pk
    ).exclude(state__in=NOT_PAID)
    before = others.order_by("-pk").values_list("created_at", flat=True).first()
    shares = SettlementShare.objects.filter(
        organisation=payout.organisation_id,
        currency=payout.currency,
        settlement__cleared_at__lte=payout.created_at,
    )
    return shares.filter(settlement__cleared_at__gt=before) if before else shares


def earnings_of(shares: Sequence[SettlementShare], reasons: Reasons) -> list[Earning]:
    """The shares as their seller sees them; `reasons` are the seller's."""
    keys = [share.paid_in for share in shares]  # type: ignore[attr-defined]  # annotated by shares_of
    payouts = Payout.objects.select_related("run", "account", "file").in_bulk(
        [key for key in keys if key is not None]
    )
    numbers = _statements_to_parties(shares)
    return [
        _earning(share, payouts.get(key), reasons, numbers.get(share.settlement.order_id, ""))
        for share, key in zip(shares, keys, strict=True)
    ]


def _statements_to_parties(shares: Sequence[SettlementShare]) -> dict[int, str]:
    """The numbers of the settlement statements to a party that is not the seller, by order."""
    others = [row for row in shares if row.organisation_id != row.settlement.seller_id]
    if not others:
        return {}
    issued = Document.objects.filter(
        kind=DocumentKind.STATEMENT,
        order__in=[row.settlement.order_id for row in others],
        receiver=others[0].organisation_id,
    )
    return dict(issued.values_list("order_id", "number"))


def _earning(
    share: SettlementShare, payout: Payout | None, reasons: Reasons, statement: str
) -> Earning:
    settlement = share.settlement
    refunded = Money(share.refunded_minor, share.currency)
    waits_for = reasons.for_share(share, payout)
    return Earning(
        order_id=settlement.order.public_id,
        title=settlement.title,
        settled_at=settlement.settled_at,
        gross=settlement.gross,
        tax=settlement.tax,
        fee=settlement.fee,
        fee_tax=settlement.fee_tax,
        refunded=refunded,
        net=share.amount - refunded,
        paid_on=payout.run.run_date if payout else _paid_on(waits_for, share.currency, reasons),
        waits_for=waits_for,
        statement=statement,
    )


def _paid_on(waits_for: Sequence[Reason], currency: str, reasons: Reasons) -> date | None:
    """The day of the next run, or on which the clearing time ends, where nothing else stands before it."""
    if len(waits_for) != 1 or currency not in reasons.ready_in:
        return None
    reason = waits_for[0]
    if reason.why not in {Why.CLEARING, Why.NEXT_RUN} or reason.until is None:
        return None
    return timezone.localtime(reason.until).date()


@dataclass(frozen=True)
class MonthEarned:
    """What is left to a party of the sales that were settled in one month, after what was refunded since."""

    begins: date
    net: Money


def earned_by_month(
    organisation_id: int, *, now: datetime, months: int
) -> Mapping[str, Sequence[MonthEarned]]:
    """By currency, the last months, the oldest first, those without a sale too; a currency in which nothing
    was earned in them is missing. The sums are those of the lines of `earnings_of`."""
    zone = timezone.get_default_timezone()
    this_month = timezone.localtime(now, zone).date().replace(day=1)
    days = [after_months(this_month, -ago) for ago in reversed(range(months))]
    since = datetime.combine(days[0], time.min, tzinfo=zone)
    rows = (
        SettlementShare.objects.filter(
            organisation_id=organisation_id, settlement__settled_at__gte=since
        )
        .annotate(month=TruncMonth("settlement__settled_at", tzinfo=zone))
        .values("currency", "month")
        .annotate(net_minor=Sum(F("amount_minor") - F("refunded_minor")))
        .order_by("currency")
    )
    found = {(row["currency"], row["month"].date()): row["net_minor"] for row in rows}
    return {
        currency: [MonthEarned(day, Money(found.get((currency, day), 0), currency)) for day in days]
        for currency in dict.fromkeys(name for name, _day in found)
    }


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
        settlement.fee_tax.decimal,
    )


def payouts_of(organisation_id: int) -> QuerySet[Payout]:
    """Newest first, with their runs and accounts."""
    rows = Payout.objects.filter(organisation_id=organisation_id)
    return rows.select_related("run", "account", "file").order_by("-pk")


def accounts_of(organisation_id: int) -> list[PayoutAccount]:
    """The accounts that the organisation is paid to, ready or being checked: one a currency."""
    rows = PayoutAccount.objects.filter(organisation_id=organisation_id)
    return list(rows.exclude(state=PayoutAccountState.CLOSED).order_by("currency"))


def paid_between(organisation_id: int, *, since: datetime, before: datetime) -> list[Money]:
    """What the organisation paid for orders in that time, less what was given back of it, by currency."""
    rows = Payment.objects.filter(
        payer=organisation_id, received_at__gte=since, received_at__lt=before
    )
    sums = rows.order_by("currency").values_list("currency")
    left = Sum(F("amount_minor") - F("refunded_minor"))
    return [Money(minor, currency) for currency, minor in sums.annotate(left=left) if minor]


def invoices_of(organisation_id: int) -> QuerySet[Document]:
    """Invoices and credit notes that the organisation received, newest first."""
    kinds = [DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]
    rows = Document.objects.filter(receiver_id=organisation_id, kind__in=kinds)
    return rows.select_related("issuer", "order").order_by("-pk")


def statements_of(organisation_id: int) -> QuerySet[Document]:
    """The statements of payouts and months that the organisation received, and what the exchange invoiced to it
    for its fees, newest first."""
    kinds = (*statements.KINDS, *fee_invoices.KINDS)
    rows = Document.objects.filter(receiver_id=organisation_id, kind__in=kinds)
    return rows.order_by("-pk")


def documents_about(causes: list[str]) -> dict[str, Document]:
    """Payout statements by the payout that they are about."""
    rows = Document.objects.filter(kind=DocumentKind.PAYOUT_STATEMENT, cause__in=causes)
    return {document.cause: document for document in rows}


def document_of_order(order: Order, *, kind: str) -> Document | None:
    """The newest document of a kind about an order, to one of its sides; whether it may be seen is the caller's
    to ask."""
    sides = [order.buyer_id, order.seller_id]
    documents = Document.objects.filter(order=order, kind=kind, receiver__in=sides)
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
