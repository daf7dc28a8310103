"""The costs of use in the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification), line by line of the bills.

A bill is taken apart into lines that sum to it: each charge, what the plan takes off or adds, what the hard cap cut,
what came late for earlier periods, what is brought from the bill before and carried to the next. No bill is made whose
lines do not sum to it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from django.utils.translation import gettext as _

from exchange.core.downloads import csv_line
from exchange.core.formatting import money_shown
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.metering import bills
from exchange.metering.models import UsageBill, UsagePeriod
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document
from pricing.money import Money
from pricing.refusals import PricingRefusal

BATCH = 50
# The mandatory columns of the specification, and of its others those that we have something for.
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
    "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "EffectiveCost", "InvoiceId", "InvoiceIssuerName", "ListCost", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ResourceId",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId",
)  # fmt: skip


class BillLinesDiffer(Refusal):
    """The lines of a bill for use do not sum to it, or the order is not of its amount: it is not made."""

    code = "bill_lines_differ"


class Category(StrEnum):
    """How FOCUS parts costs."""

    USAGE = "Usage"
    PURCHASE = "Purchase"
    TAX = "Tax"
    CREDIT = "Credit"
    ADJUSTMENT = "Adjustment"


@dataclass(frozen=True)
class CostLine:
    """A part of a bill. `meter` and `quantity` say what was used; a correction is of an earlier period."""

    category: Category
    text: str
    amount: Money
    from_at: datetime
    until_at: datetime
    charge: str = ""
    meter: str = ""
    quantity: str = ""
    is_correction: bool = False


def lines_of(bill: Mapping[str, Any]) -> list[CostLine]:
    """The parts of a bill's document, without tax; they sum to what is due."""
    quote, currency = bill["quote"], bill["currency"]
    span = _bounds(bill["period"])
    used = quote["request"]["usage"]
    charges = zip(quote["charges"], quote["plan"]["charges"], strict=True)
    lines = [
        _charged(priced, charge.get("meter", ""), used, currency, span)
        for priced, charge in charges
    ]
    taken = [(one["text"], one["amount_minor"]) for one in quote["adjustments"]]
    taken += [
        (_("Cut by the hard cap"), bill["max_reached_minor"]),
        (_("Brought from the bill before"), bill["brought_minor"]),
        (_("Carried to the next bill"), -bill["carried_minor"]),
    ]
    lines += [
        CostLine(
            Category.CREDIT if minor < 0 else Category.ADJUSTMENT,
            text,
            Money(minor, currency),
            *span,
        )
        for text, minor in taken
        if minor
    ]
    for late in bill["corrections"]:
        text = _("Use of period %(number)d that came late") % {"number": late["period"]["number"]}
        amount = Money(late["amount_minor"], currency)
        bounds = _bounds(late["period"])
        lines.append(CostLine(Category.USAGE, text, amount, *bounds, is_correction=True))
    return lines


def document_of(bill: UsageBill) -> Mapping[str, Any]:
    """What a bill says."""
    return cast("Mapping[str, Any]", json.loads(bytes(bill.document)))


def check(bill: UsageBill, *, billed: Money) -> None:
    """Raise BillLinesDiffer unless the lines of a bill sum to what is billed for it, to the minor unit."""
    total = sum((line.amount for line in lines_of(document_of(bill))), Money(0, bill.currency))
    if total != billed:
        raise BillLinesDiffer(
            _("The lines of the bill come to %(lines)s, and %(billed)s is billed.")
            % {"lines": money_shown(total), "billed": money_shown(billed)},
            lines_minor=total.minor,
            billed_minor=billed.minor,
        )


def _charged(
    priced: Mapping[str, Any],
    meter: str,
    used: Mapping[str, Any],
    currency: str,
    span: tuple[datetime, datetime],
) -> CostLine:
    return CostLine(
        Category.USAGE if meter else Category.PURCHASE,
        priced["name"],
        Money(priced["amount_minor"], currency),
        *span,
        charge=priced["name"],
        meter=meter,
        quantity=str(used[meter]) if meter else "1",
    )


def _bounds(span: Mapping[str, str]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(span["from"]), datetime.fromisoformat(span["until"])


def csv_of(
    buyer_id: int, *, begins_at: datetime, ends_at: datetime, provider: str
) -> Iterator[str]:
    """The costs of every period of an organisation's use that ends in a time, in the order of the periods.
    `InvoiceId` is empty until the bill is final and invoiced. Use without a price has no line."""
    yield csv_line(COLUMNS)
    ended = UsagePeriod.objects.filter(
        subscription__buyer=buyer_id, until_at__gt=begins_at, until_at__lte=ends_at
    )
    keys = list(ended.order_by("until_at", "pk").values_list("pk", flat=True))
    for first in range(0, len(keys), BATCH):
        yield from _batch(keys[first : first + BATCH], provider=provider)


def _batch(keys: list[int], *, provider: str) -> Iterator[str]:
    periods = UsagePeriod.objects.filter(pk__in=keys).order_by("until_at", "pk")
    found = list(
        periods.select_related(
            "bill__order",
            "subscription__buyer",
            "subscription__seller",
            "subscription__order",
            "subscription__offer",
        )
    )
    numbers = _invoices(found)
    for period in found:
        bill = _bill_of(period)
        try:
            document = document_of(bill) if bill else bills.drawn(period).document
        except PricingRefusal:
            continue
        order = bill.order if bill else None
        lines = lines_of(document)
        if order is not None and order.tax_minor:
            tax = Money(order.tax_minor, order.currency)
            lines.append(
                CostLine(Category.TAX, _("Value-added tax"), tax, period.from_at, period.until_at)
            )
        invoice = numbers.get(order.public_id, "") if order else ""
        for line in lines:
            yield csv_line(_row(line, period, invoice=invoice, provider=provider))


def _bill_of(period: UsagePeriod) -> UsageBill | None:
    return getattr(period, "bill", None)


def _invoices(periods: list[UsagePeriod]) -> dict[str, str]:
    """By order of a bill, the number of its invoice."""
    orders = [bill.order.public_id for one in periods if (bill := _bill_of(one)) and bill.order]
    rows = Document.objects.filter(kind=DocumentKind.INVOICE, cause__in=orders)
    return dict(rows.values_list("cause", "number"))


def _row(line: CostLine, period: UsagePeriod, *, invoice: str, provider: str) -> list[object]:
    subscription, cost = period.subscription, line.amount.decimal
    buyer, seller = subscription.buyer, subscription.seller
    is_counted = bool(line.charge)
    unit = line.meter or (_("period") if is_counted else "")
    cells: dict[str, object] = {
        "BillingAccountId": buyer.public_id,
        "BillingAccountName": buyer.name,
        "BillingCurrency": line.amount.currency,
        "BillingPeriodEnd": _moment(period.until_at),
        "BillingPeriodStart": _moment(period.from_at),
        "ChargeCategory": line.category.value,
        "ChargeClass": "Correction" if line.is_correction else "",
        "ChargeDescription": line.text,
        "ChargeFrequency": "Usage-Based" if line.category is Category.USAGE else "Recurring",
        "ChargePeriodEnd": _moment(line.until_at),
        "ChargePeriodStart": _moment(line.from_at),
        "ConsumedQuantity": line.quantity if line.meter else "",
        "ConsumedUnit": line.meter,
        "InvoiceId": invoice,
        "InvoiceIssuerName": seller.name,
        "PricingCategory": "Standard" if is_counted else "",
        "PricingQuantity": line.quantity,
        "PricingUnit": unit,
        "ProviderName": provider,
        "PublisherName": seller.name,
        "ResourceId": subscription.public_id,
        "ServiceCategory": "Analytics",
        "ServiceName": title_of(subscription.order),
        "ServiceSubcategory": "Other (Analytics)",
        "SkuId": f"{subscription.offer.public_id}:{line.charge}" if is_counted else "",
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost),
    }
    return [cells[name] for name in COLUMNS]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
