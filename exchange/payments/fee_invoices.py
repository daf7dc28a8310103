"""The exchange's invoices to its sellers for the service fees of a month, and credit notes for fees given back.

Each transfer on the accounts of the fee and of its tax becomes one line, which stands on one document and never on
another. A month's documents are issued once it is over; what comes to light of it later is on those of a later month.
Fees of months before an installation had documents stand on none: its first ones are of the month of its upgrade.
What a document comes to is what was booked: its tax is that of its net by rate (EN 16931, BR-CO-17), and the units
that the taxes of single sales were rounded by are its rounding.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core.downloads import csv_line
from exchange.core.formatting import money_shown
from exchange.core.lifecycle import Doer
from exchange.core.periods import after_months
from exchange.core.use_case import use_case
from exchange.ledger import months
from exchange.notices import notify
from exchange.orders.reactions import SELLERS
from exchange.payments import invoices, reconciliation
from exchange.payments.invoices import HUNDRED, Draft, InvoiceDiffers
from exchange.payments.lifecycle import DifferenceKind, DocumentKind
from exchange.payments.models import Document, FeeLine, Settlement
from pricing.money import Money, round_to_minor

KINDS = (DocumentKind.FEE_INVOICE, DocumentKind.FEE_CREDIT_NOTE)
LINES_MAX = 500
CSV_STEP = 500
SELLERS_A_TICK = 2000
CSV_HEAD = (
    "number", "month", "order", "title", "settled_on", "currency", "net", "tax_percent", "tax",
    "corrects",
)  # fmt: skip

logger = structlog.get_logger(__name__)


@dataclass
class _Sale:
    """What of one sale's fee stands on a document, in minor units above zero."""

    settlement: Settlement
    net: int = 0
    tax: int = 0
    corrects: str = ""

    @property
    def percent(self) -> str:
        """The rate of the tax on the fee, as the settlement froze it."""
        return str(self.settlement.document.get("fee_tax_percent", "0"))


@dataclass
class _Fees:
    """The fees of a seller in one currency that were taken, or given back."""

    kind: DocumentKind
    currency: str
    lines: list[FeeLine] = field(default_factory=list)

    def sales(self, charged_on: Mapping[int, Document]) -> list[_Sale]:
        """Sale by sale, in the order in which they were booked."""
        sales: dict[int, _Sale] = {}
        for line in self.lines:
            sale = sales.setdefault(line.settlement_id, _Sale(line.settlement))
            if line.is_tax:
                sale.tax += abs(line.amount_minor)
            else:
                sale.net += abs(line.amount_minor)
        if self.kind == DocumentKind.FEE_CREDIT_NOTE:
            for key, sale in sales.items():
                sale.corrects = charged_on[key].number if key in charged_on else ""
        return list(sales.values())


def run_due(*, actor: Doer, now: datetime) -> int:
    """Take down what was booked since, and issue the documents of the month that is over, each seller's in a
    transaction of its own. Return how many were issued. A document that cannot be issued holds up no other one."""
    _take_down()
    first_day = after_months(timezone.localtime(now - months.REST).date().replace(day=1), -1)
    issued = 0
    for seller in _sellers_due(first_day)[:SELLERS_A_TICK]:
        try:
            issued += _issue(seller, first_day, actor=actor, now=now)
        except InvoiceDiffers as refusal:
            _note_stuck(seller, str(refusal.message), now=now)
        except Exception:
            logger.exception("payments.fee_invoice.stuck", seller=seller)
    return issued


def _take_down() -> None:
    """A line for each transfer on the accounts of fees that has none yet. Transfers of one account come in the
    order of their numbers, since a posting locks its accounts before it is numbered: none is left out."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DOWN)


def _sellers_due(first_day: date) -> QuerySet[FeeLine, int]:
    """Whose lines until the end of a month stand nowhere. Once documents of that month were issued to a seller, what
    comes to light afterwards waits for those of the next."""
    issued = _issued(first_day).filter(receiver=OuterRef("seller"))
    waiting = _waiting(first_day).filter(~Exists(issued)).order_by("seller")
    return waiting.values_list("seller", flat=True).distinct()


def _waiting(first_day: date) -> QuerySet[FeeLine]:
    _begins_at, ends_at = months.bounds(first_day)
    return FeeLine.objects.filter(document=None, is_earlier=False, at__lt=ends_at)


def _issued(first_day: date) -> QuerySet[Document]:
    return Document.objects.filter(kind__in=KINDS, content__month=f"{first_day:%Y-%m}")


@use_case()
def _issue(seller_key: int, first_day: date, *, actor: Doer, now: datetime) -> int:
    """Invoices first: credit notes name those that they correct. Raises InvoiceDiffers."""
    seller = Organisation.objects.get(pk=seller_key)
    lines = _waiting(first_day).filter(seller=seller).select_for_update(of=("self",))
    found = list(lines.select_related("settlement__order").order_by("seq"))
    if not found or _issued(first_day).filter(receiver=seller).exists():
        return 0  # another has issued them meanwhile
    reconciliation.close_about(
        kind=DifferenceKind.FEE_STUCK,
        subject=seller.public_id,
        explanation=_("The invoice is issued."),
        actor=actor,
        now=now,
    )
    made = 0
    for kind in KINDS:
        fees = [one for one in _by_currency(found) if one.kind == kind]
        charged_on = _charged_on(fees) if kind == DocumentKind.FEE_CREDIT_NOTE else {}
        drafts = [_draft(one, seller, first_day, charged_on) for one in fees]
        for one, document in zip(
            fees, invoices.issue_many(drafts, actor=actor, now=now), strict=True
        ):
            keys = [line.pk for line in one.lines]
            FeeLine.objects.filter(pk__in=keys).update(document=document)
            _tell(document, now=now)
            made += 1
    return made


def _by_currency(lines: Iterable[FeeLine]) -> list[_Fees]:
    fees: dict[tuple[DocumentKind, str], _Fees] = {}
    for line in lines:
        kind = DocumentKind.FEE_INVOICE if line.amount_minor > 0 else DocumentKind.FEE_CREDIT_NOTE
        fees.setdefault((kind, line.currency), _Fees(kind, line.currency)).lines.append(line)
    return [fees[key] for key in sorted(fees)]


def _charged_on(fees: Sequence[_Fees]) -> dict[int, Document]:
    """The invoices on which the fees of sales were charged, the first of each."""
    sales = {line.settlement_id for one in fees for line in one.lines}
    rows = FeeLine.objects.filter(
        settlement__in=sales, amount_minor__gt=0, document__isnull=False
    ).select_related("document")
    found = {row.settlement_id: row.document for row in rows.order_by("-seq")}
    return {key: document for key, document in found.items() if document is not None}


def _draft(
    fees: _Fees, seller: Organisation, first_day: date, charged_on: Mapping[int, Document]
) -> Draft:
    issuer, month = invoices.exchange_or(seller), f"{first_day:%Y-%m}"
    corrected = {charged_on[one.settlement_id] for one in fees.lines} if charged_on else set()
    return Draft(
        kind=fees.kind,
        cause=f"{seller.public_id}:{fees.currency}:{month}",
        issuer=issuer,
        receiver=seller,
        corrects=corrected.pop() if len(corrected) == 1 else None,
        content={
            "format": f"assay.{fees.kind}/1",
            "month": month,
            "issuer": invoices.party(issuer),
            "receiver": invoices.party(seller),
            "currency": fees.currency,
            **_amounts(fees, fees.sales(charged_on)),
        },
    )


def _amounts(fees: _Fees, sales: Sequence[_Sale]) -> dict[str, Any]:
    """Lines, tax by rate and totals. Raises InvoiceDiffers where the tax that was booked is that of no rate."""
    nets: dict[str, int] = {}
    for sale in sales:
        nets[sale.percent] = nets.get(sale.percent, 0) + sale.net
    taxes = {percent: _tax(minor, percent, fees.currency) for percent, minor in nets.items()}
    net, tax = sum(nets.values()), sum(taxes.values())
    booked_tax = sum(sale.tax for sale in sales)
    rounding = booked_tax - tax
    if abs(rounding) > sum(line.is_tax for line in fees.lines):  # a unit for each tax, at most
        shown = [money_shown(Money(minor, fees.currency)) for minor in (net, tax, booked_tax)]
        raise InvoiceDiffers(
            _(
                "The fees come to %(net)s and their tax to %(tax)s, but %(booked)s were booked: no invoice is issued."
            )
            % dict(zip(("net", "tax", "booked"), shown, strict=True)),
            net_minor=net,
            tax_minor=tax,
            booked_minor=booked_tax,
        )
    left_out = sales[LINES_MAX:]
    return {
        "lines": [_line(sale) for sale in sales[:LINES_MAX]],
        "lines_left_out": len(left_out),
        "left_out_minor": sum(sale.net for sale in left_out),
        "taxes": [
            {"percent": percent, "net_minor": nets[percent], "tax_minor": taxes[percent]}
            for percent in sorted(nets, key=Decimal)
        ],
        "net_minor": net,
        "tax_minor": tax,
        "rounding_minor": rounding,
        "total_minor": net + booked_tax,
        "paid": True,
    }


def _tax(net: int, percent: str, currency: str) -> int:
    return round_to_minor(Fraction(net) * Fraction(percent) / HUNDRED, currency)


def _line(sale: _Sale) -> dict[str, Any]:
    return {
        "order": sale.settlement.order.public_id,
        "title": sale.settlement.title,
        "settled_on": timezone.localtime(sale.settlement.settled_at).date().isoformat(),
        "amount_minor": sale.net,
        "tax_percent": sale.percent,
        **({"corrects": sale.corrects} if sale.corrects else {}),
    }


def _tell(document: Document, *, now: datetime) -> None:
    content = document.content
    notify.notify_organisation(
        organisation_id=document.receiver_id,
        roles=SELLERS,
        kind=f"payments.{document.kind}.issued",
        facts={
            "number": document.number,
            "month": content["month"],
            "amount": Money(content["total_minor"], content["currency"]),
        },
        url=notify.path("statement", document.number),
        dedupe=f"document:{document.public_id}",
        now=now,
    )


@use_case()
def _note_stuck(seller_key: int, why: str, *, now: datetime) -> None:
    """Have finance look into an invoice that cannot be issued: it is open until it is, or explained."""
    seller = Organisation.objects.get(pk=seller_key)
    waiting = FeeLine.objects.filter(document=None, is_earlier=False, seller=seller)
    currency = waiting.order_by("seq").values_list("currency", flat=True).first()
    reconciliation.open_difference(
        kind=DifferenceKind.FEE_STUCK,
        subject=seller.public_id,
        amount=Money(0, str(currency)),
        detail=why,
        now=now,
    )


def csv_of(document: Document) -> Iterator[str]:
    """Every line of an invoice or credit note for fees, however many there are."""
    yield csv_line(CSV_HEAD)
    content, after = document.content, 0
    named = {line["order"]: line.get("corrects", "") for line in content["lines"]}
    while batch := _csv_batch(document, after):
        after = batch[-1].settlement.pk
        for sale in batch:
            order = sale.settlement.order.public_id
            yield csv_line(
                (
                    document.number,
                    content["month"],
                    order,
                    sale.settlement.title,
                    timezone.localtime(sale.settlement.settled_at).date().isoformat(),
                    content["currency"],
                    Money(sale.net, content["currency"]).decimal,
                    sale.percent,
                    Money(sale.tax, content["currency"]).decimal,
                    named.get(order, ""),
                )
            )


def _csv_batch(document: Document, after: int) -> list[_Sale]:
    rows = (
        FeeLine.objects.filter(document=document, settlement__gt=after)
        .order_by("settlement")
        .values("settlement")
        .annotate(
            net=Sum("amount_minor", filter=Q(is_tax=False), default=0),
            tax=Sum("amount_minor", filter=Q(is_tax=True), default=0),
        )[:CSV_STEP]
    )
    sums = {row["settlement"]: row for row in rows}
    found = Settlement.objects.select_related("order").in_bulk(list(sums))
    return [
        _Sale(found[key], net=abs(row["net"]), tax=abs(row["tax"])) for key, row in sums.items()
    ]


def differing(*, is_deep: bool) -> Iterator[str]:  # noqa: ARG001 - one statement, deep or not
    """Hold lines and documents to the accounts of fees: a sentence for each that differs. For the check of the log
    against the rows of the business."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING)
        for subject, lines, booked in cursor.fetchall():
            yield f"{subject} comes to {lines}, and {booked} were booked"


TAKE_DOWN = """
INSERT INTO payments_feeline
    (transfer_id, seq, account_id, settlement_id, seller_id, is_tax, currency, amount_minor, at)
SELECT t.id, t.seq, a.id, s.id, s.seller_id, a.code LIKE 'feetax:%', t.currency,
    CASE WHEN t.credit_id = a.id THEN t.amount_minor ELSE -t.amount_minor END, p.effective_at
FROM ledger_account a
CROSS JOIN LATERAL (
    SELECT coalesce(max(l.seq), 0) AS seq FROM payments_feeline l WHERE l.account_id = a.id
) AS known
CROSS JOIN LATERAL (
    SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id AND d.seq > known.seq
    UNION ALL
    SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id AND c.seq > known.seq
) AS t
JOIN ledger_journalentry p ON p.id = t.posting_id
JOIN orders_order o ON p.subject LIKE 'order:%' AND o.public_id = substr(p.subject, 7)
JOIN payments_settlement s ON s.order_id = o.id
WHERE (a.code LIKE 'fee:income:%' OR a.code LIKE 'feetax:%') AND t.phase IN ('single', 'post')
ORDER BY t.seq
ON CONFLICT (transfer_id) DO NOTHING
"""
# What is on documents against what is booked: line by line, document by document, and account by account of what
# was taken down. What is younger than the newest line of its account waits for the next tick.
DIFFERING = """
SELECT 'fee line ' || l.transfer_id, l.amount_minor, t.amount_minor
FROM payments_feeline l JOIN ledger_transfer t ON t.id = l.transfer_id
WHERE abs(l.amount_minor) <> t.amount_minor OR l.seq <> t.seq
    OR l.account_id <> CASE WHEN l.amount_minor > 0 THEN t.credit_id ELSE t.debit_id END
UNION ALL
SELECT 'document ' || d.number, (d.content->>'total_minor')::bigint, coalesce(abs(line.minor), 0)
FROM payments_document d
LEFT JOIN (
    SELECT document_id, sum(amount_minor) AS minor FROM payments_feeline GROUP BY document_id
) AS line ON line.document_id = d.id
WHERE d.kind IN ('fee_invoice', 'fee_credit_note')
    AND (d.content->>'total_minor')::bigint <> coalesce(abs(line.minor), 0)
UNION ALL
SELECT 'account ' || a.code, line.minor, booked.minor
FROM ledger_account a
JOIN (
    SELECT account_id, sum(amount_minor) AS minor, max(seq) AS newest FROM payments_feeline GROUP BY account_id
) AS line ON line.account_id = a.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN t.credit_id = a.id THEN t.amount_minor ELSE -t.amount_minor END), 0)
            AS minor
    FROM (
        SELECT * FROM ledger_transfer d WHERE d.debit_id = a.id AND d.seq <= line.newest
        UNION ALL
        SELECT * FROM ledger_transfer c WHERE c.credit_id = a.id AND c.seq <= line.newest
    ) AS t
    WHERE t.phase IN ('single', 'post')
) AS booked
WHERE line.minor <> booked.minor
"""
