"""The tax of a month: what invoices and credit notes say, by country of the buyer and rate, held against the books.

The tax of what is with a payer's bank is not in the books while that has not decided: a sale that is settled
meanwhile has its invoice in full. That part is named, so that documents and tax accounts agree to the minor unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import Organisation
from exchange.core.downloads import csv_line
from exchange.payments import chart, fee_invoices
from exchange.payments.journal import Period
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Chargeback, Document
from pricing.money import Money

CSV_HEAD = (
    "month", "seller", "country", "tax_percent", "currency", "invoices_net", "invoices_tax",
    "credit_notes_net", "credit_notes_tax", "tax",
)  # fmt: skip


@dataclass(frozen=True)
class TaxRow:
    """The documents of one rate to buyers of one country. `seller` is empty where all are summed."""

    currency: str
    country: str
    percent: str
    seller: str
    invoiced_net: Money
    invoiced_tax: Money
    credited_net: Money
    credited_tax: Money

    @property
    def tax(self) -> Money:
        """What is owed of it."""
        return self.invoiced_tax - self.credited_tax


@dataclass(frozen=True)
class FeesInvoiced:
    """What the exchange's invoices for the fees of a month come to, less its credit notes. The tax is that of each
    document's net, and `rounding` what the taxes of single sales differ from it."""

    net: Money
    tax: Money
    rounding: Money

    @property
    def total(self) -> Money:
        return self.net + self.tax + self.rounding

    def __add__(self, other: "FeesInvoiced") -> "FeesInvoiced":
        return FeesInvoiced(
            self.net + other.net, self.tax + other.tax, self.rounding + other.rounding
        )


@dataclass(frozen=True)
class TaxReport:
    """A month in one currency. `booked` is what the tax account gained, `at_banks` the tax of chargebacks that
    is in documents and not in the books, `fee` the service fee that was taken, without tax, and `fee_tax` its
    own tax, which the exchange owes itself. `invoiced` is what the exchange's own documents of the month say of
    both; None until there are any."""

    currency: str
    invoiced: FeesInvoiced | None
    rows: tuple[TaxRow, ...]
    booked: Money
    at_banks: Money
    fee: Money
    fee_tax: Money

    @property
    def tax(self) -> Money:
        return sum((row.tax for row in self.rows), Money(0, self.currency))

    @property
    def agrees(self) -> bool:
        return self.tax == self.booked + self.at_banks

    @property
    def fees_agree(self) -> bool:
        """Whether the exchange's documents come to what was booked; not before they are issued."""
        return self.invoiced is None or self.invoiced.total == self.fee + self.fee_tax


def reports(of: Period, *, seller: Organisation | None = None) -> list[TaxReport]:
    """The tax of a month, a report for each currency in which there was any: of one seller, or of all."""
    rows = _rows(of, seller=seller, by_seller=False)
    tax, fee, fee_tax = (_booked(of, one, seller=seller) for one in ("tax", "fee", "feetax"))
    at_banks, invoiced = _at_banks(of, seller=seller), _invoiced(of, seller=seller)
    currencies = sorted(
        {*(row.currency for row in rows), *tax, *fee, *fee_tax, *at_banks, *invoiced}
    )
    return [
        TaxReport(
            currency,
            invoiced.get(currency),
            tuple(row for row in rows if row.currency == currency),
            *(Money(minor.get(currency, 0), currency) for minor in (tax, at_banks, fee, fee_tax)),
        )
        for currency in currencies
    ]


def csv_of(of: Period, *, seller: Organisation | None = None) -> Iterator[str]:
    """The same by seller, as CSV."""
    yield csv_line(CSV_HEAD)
    for row in _rows(of, seller=seller, by_seller=True):
        amounts = (
            row.invoiced_net, row.invoiced_tax, row.credited_net, row.credited_tax, row.tax,
        )  # fmt: skip
        facts = (of.label, row.seller, row.country, row.percent, row.currency)
        yield csv_line((*facts, *(amount.decimal for amount in amounts)))


def _rows(of: Period, *, seller: Organisation | None, by_seller: bool) -> list[TaxRow]:
    documents = Document.objects.filter(
        kind__in=(DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE),
        issued_at__gte=of.time.begins_at,
        issued_at__lt=of.time.ends_at,
    )
    if seller is not None:
        documents = documents.filter(issuer=seller)
    of_whom = ("issuer__name", "issuer__public_id") if by_seller else ()
    group = ("currency", "receiver__country", "percent", *of_whom)
    sums = (
        documents.order_by()
        .annotate(
            currency=KT("content__currency"),
            percent=KT("content__tax_percent"),
            tax_minor=Cast(KT("content__tax_minor"), BigIntegerField()),
            total_minor=Cast(KT("content__total_minor"), BigIntegerField()),
        )
        .values(*group, "kind")
        .annotate(tax=Sum("tax_minor"), total=Sum("total_minor"))
        .order_by(*group, "kind")
    )
    rows: dict[tuple[Any, ...], TaxRow] = {}
    for one in sums:
        key = tuple(one[name] for name in group)
        tax = Money(int(one["tax"]), one["currency"])
        net = Money(int(one["total"]), one["currency"]) - tax
        row = rows.get(key) or _nothing(one)
        if one["kind"] == DocumentKind.INVOICE:
            rows[key] = replace(row, invoiced_net=net, invoiced_tax=tax)
        else:
            rows[key] = replace(row, credited_net=net, credited_tax=tax)
    return list(rows.values())


def _nothing(one: dict[str, Any]) -> TaxRow:
    nothing = Money(0, one["currency"])
    seller = one.get("issuer__name", "")
    return TaxRow(
        one["currency"], one["receiver__country"], one["percent"], seller, *(nothing,) * 4
    )


def _booked(of: Period, family: str, *, seller: Organisation | None) -> dict[str, int]:
    """By currency, what the exchange's account of tax or of fees gained by the orders of a seller, or of all."""
    asked: dict[str, Any] = {
        "family": family,
        "begins": of.time.begins_at,
        "ends": of.time.ends_at,
        "seller": seller.pk if seller else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, asked)
        return {currency: int(minor) for currency, minor in cursor.fetchall()}


def _invoiced(of: Period, *, seller: Organisation | None) -> dict[str, FeesInvoiced]:
    """By currency, what the exchange's documents for the fees of the month say."""
    documents = Document.objects.filter(kind__in=fee_invoices.KINDS, content__month=of.label)
    if seller is not None:
        documents = documents.filter(receiver=seller)
    sums = (
        documents.order_by()
        .annotate(currency=KT("content__currency"))
        .values("currency", "kind")
        .annotate(
            net=Sum(Cast(KT("content__net_minor"), BigIntegerField())),
            tax=Sum(Cast(KT("content__tax_minor"), BigIntegerField())),
            rounding=Sum(Cast(KT("content__rounding_minor"), BigIntegerField())),
        )
    )
    found: dict[str, FeesInvoiced] = {}
    for one in sums:
        currency, sign = one["currency"], 1 if one["kind"] == DocumentKind.FEE_INVOICE else -1
        minor = (one["net"], one["tax"], one["rounding"])
        said = FeesInvoiced(*(Money(sign * int(part), currency) for part in minor))
        found[currency] = found[currency] + said if currency in found else said
    return found


def _at_banks(of: Period, *, seller: Organisation | None) -> dict[str, int]:
    """By currency, the tax of chargebacks whose sale was settled in the month while the bank had not decided, less
    that of those which it decided in the month."""
    settled = Chargeback.objects.filter(
        payment__order__settlement__settled_at__isnull=False, tax_minor__gt=0
    ).select_related("payment__order__settlement")
    if seller is not None:
        settled = settled.filter(payment__order__seller=seller)
    begins, ends = of.time.begins_at, of.time.ends_at
    near = Q(payment__order__settlement__settled_at__range=(begins, ends))
    gained: dict[str, int] = {}
    for one in settled.filter(near | Q(decided_at__range=(begins, ends))):
        order = one.sale.order
        settled_at = order.settlement.settled_at
        was_held = any(code == chart.escrow(order.public_id) for code, _minor in one.sources)
        if not was_held or (one.decided_at and one.decided_at <= settled_at):
            continue
        change = _in(settled_at, of) - (_in(one.decided_at, of) if one.decided_at else 0)
        gained[one.currency] = gained.get(one.currency, 0) + change * one.tax_minor
    return {currency: minor for currency, minor in gained.items() if minor}


def _in(moment: Any, of: Period) -> int:
    return int(of.time.begins_at <= moment < of.time.ends_at)


# A liability and an income: what is credited is gained. Read from the postings of the month, so that a month costs
# the same however much there was before it.
BOOKED = """
SELECT a.currency, sum(side.gained)
FROM ledger_journalentry p
JOIN ledger_transfer t ON t.posting_id = p.id
CROSS JOIN LATERAL (
    VALUES (t.debit_id, -t.amount_minor), (t.credit_id, t.amount_minor)
) AS side (account_id, gained)
JOIN ledger_account a ON a.id = side.account_id
WHERE split_part(a.code, ':', 1) = %(family)s AND t.phase IN ('single', 'post')
    AND p.effective_at >= %(begins)s AND p.effective_at < %(ends)s
    AND (%(seller)s::bigint IS NULL OR EXISTS (
        SELECT 1 FROM orders_order o
        WHERE o.public_id = substr(p.subject, 7) AND o.seller_id = %(seller)s
    ))
GROUP BY a.currency
"""
