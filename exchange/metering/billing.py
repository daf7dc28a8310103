"""What a period is billed, as a document: a function of the plan and of the quantities alone.

The bill of period n holds what happened in n, and for each earlier period what came too late for its
own bill: the difference that it makes to the price of that period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from pricing.charges.plans import Plan, read_plan
from pricing.charges.quotes import Quote, make_quote, quote_document
from pricing.charges.requests import read_request
from pricing.documents import canonical, digest
from pricing.money import Money, round_to_minor

FORMAT = "assay.usage-bill/1"
HUNDRED = 100
Quantities = Mapping[str, int]


@dataclass(frozen=True)
class Span:
    """A period: its bounds and the hard cap that held in it (None: none). Its number, from 1, tells
    what is free at first; 0 is a period like any later one."""

    number: int
    from_at: datetime
    until_at: datetime
    cap_minor: int | None


@dataclass(frozen=True)
class Drawn:
    """A bill: what is due now, and what is carried to the next (below zero)."""

    document: Mapping[str, Any]
    due: Money
    carried: Money

    @property
    def content(self) -> bytes:
        return canonical(self.document)

    @property
    def digest(self) -> str:
        return digest(self.document)


def price(plan: Plan, quantities: Quantities, span: Span, *, ended: bool = True) -> Quote:
    """What a period's use costs so far; minimums count once it has `ended`."""
    usage = {meter: quantities.get(meter, 0) for meter in sorted(plan.meters)}
    request: dict[str, Any] = {
        "usage": usage,
        "issued_at": span.until_at.isoformat(),
        "period_ended": ended,
    }
    if span.number:
        request["period_number"] = span.number
    return make_quote(plan, read_request(request, plan))


def billable_minor(quote: Quote, span: Span) -> int:
    """The net price of a period up to its cap."""
    net = quote.net.minor
    return net if span.cap_minor is None else min(net, span.cap_minor)


def with_tax(net: Money, percent: str) -> Money:
    """A net amount with its tax, rounded as on the order that a bill becomes."""
    exact = Fraction(net.minor) * (HUNDRED + Fraction(percent)) / HUNDRED
    return Money(round_to_minor(exact, net.currency), net.currency)


def draw(
    *,
    subscription: str,
    plan: Mapping[str, Any],
    span: Span,
    used: Quantities,
    late: Mapping[int, tuple[Span, Quantities, Quantities]],
    carried_minor: int = 0,
) -> Drawn:
    """The bill of a period. `late`: by earlier period its span, what was billed of it before, and
    what came since."""
    terms = read_plan(dict(plan))
    quote = price(terms, used, span)
    corrections = [_correction(terms, *late[number]) for number in sorted(late)]
    net = (
        billable_minor(quote, span)
        + sum(line["amount_minor"] for line in corrections)
        + carried_minor
    )
    due, carried = max(net, 0), min(net, 0)
    document = {
        "format": FORMAT,
        "subscription": subscription,
        "period": _span(span),
        "currency": terms.currency,
        "quote": quote_document(quote),
        "max_reached_minor": billable_minor(quote, span) - quote.net.minor,
        "corrections": corrections,
        "brought_minor": carried_minor,
        "net_minor": due,
        "carried_minor": carried,
    }
    return Drawn(document, Money(due, terms.currency), Money(carried, terms.currency))


def _correction(plan: Plan, span: Span, before: Quantities, since: Quantities) -> dict[str, Any]:
    after = {meter: before.get(meter, 0) + since.get(meter, 0) for meter in {*before, *since}}
    then, now = price(plan, before, span), price(plan, after, span)
    return {
        "period": _span(span),
        "late": dict(sorted(since.items())),
        "billed_before_minor": billable_minor(then, span),
        "price_now_minor": billable_minor(now, span),
        "amount_minor": billable_minor(now, span) - billable_minor(then, span),
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "number": span.number,
        "from": span.from_at.isoformat(),
        "until": span.until_at.isoformat(),
        "hard_cap_minor": span.cap_minor,
    }
