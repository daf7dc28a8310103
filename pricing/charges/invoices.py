"""Invoices within a period, and what a month would have cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.charges.exact import mapping, refuse
from pricing.charges.plans import Plan
from pricing.charges.quotes import Quote, make_quote
from pricing.charges.requests import read_request
from pricing.money import Money


@dataclass(frozen=True)
class Invoice:
    """What a period is billed now: the rounded total so far less what was billed already.

    Slices are never rounded by themselves, so the invoices of a period sum to its price. A correction
    of the use downwards makes negative lines: a credit.
    """

    charges: Mapping[str, Money]
    adjustments: Money
    tax: Money
    total: Money


def invoice_since(now: Quote, before: Quote | None = None) -> Invoice:
    """The invoice between two cumulative quotes of one period under one version of a plan."""
    if before is not None and before.plan.digest != now.plan.digest:
        refuse("plan", before.plan.digest, f"the plan of the later quote, {now.plan.digest}")
    nothing = Money(0, now.plan.currency)
    billed = {charge.name: charge.amount for charge in before.charges} if before else {}
    charges = {
        charge.name: charge.amount - billed.get(charge.name, nothing) for charge in now.charges
    }
    return Invoice(
        charges=charges,
        adjustments=(now.net - now.subtotal)
        - ((before.net - before.subtotal) if before else nothing),
        tax=now.tax - (before.tax if before else nothing),
        total=now.total - (before.total if before else nothing),
    )


@dataclass(frozen=True)
class Preview:
    """What a period of known use costs under a plan."""

    period: str
    quote: Quote

    @property
    def sentence(self) -> str:
        return f"{self.period} would have cost {self.quote.total} under {self.quote.plan.name}."


def preview(plan: Plan, periods: Mapping[str, object]) -> list[Preview]:
    """Price past use, period by period, before a buyer signs: `{"2026-01": request, …}`."""
    return [
        Preview(period, make_quote(plan, read_request(mapping(request, period), plan)))
        for period, request in periods.items()
    ]
