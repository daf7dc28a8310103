"""Price plans of offers, built from a price or taken as a document, and what the linter says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.errors import OfferRefused
from pricing.charges.linter import Finding, lint_plan
from pricing.charges.plans import FORMAT, Plan, read_plan
from pricing.charges.quotes import make_quote
from pricing.charges.requests import read_request
from pricing.money import Money
from pricing.refusals import PricingRefusal


@dataclass(frozen=True)
class Priced:
    """A plan with what it charges for one purchase or period, and what the linter found."""

    plan: Plan
    price: Money
    findings: tuple[Finding, ...]


def flat_plan(*, name: str, number: int, title: str, price: Money) -> dict[str, Any]:
    """The plan of one price, net of tax."""
    return {
        "format": FORMAT,
        "plan": name,
        "version": number,
        "title": title,
        "currency": price.currency,
        "charges": [{"name": "price", "model": "flat", "amount": _amount(price)}],
    }


def priced(document: Mapping[str, Any], *, at: datetime) -> Priced:
    """Read and price a plan. Raises OfferRefused for one that is broken, that names a tax (which comes
    from the rule pack on the day of the order), or that charges for use.
    """
    try:
        plan = read_plan(dict(document))
        if plan.document.get("tax"):
            raise OfferRefused(
                _("Prices are net: the tax of the day is added by the exchange."), field="plan.tax"
            )
        if plan.meters:
            raise OfferRefused(
                _("An offer of one price cannot charge for use."),
                field="plan.charges",
                meters=sorted(plan.meters),
                accepted="flat",
            )
        request = read_request({"usage": {}, "issued_at": at.isoformat()}, plan)
        return Priced(plan, make_quote(plan, request).net, tuple(lint_plan(plan)))
    except PricingRefusal as refusal:
        facts = {key: str(value) for key, value in refusal.facts.items()}
        raise OfferRefused(
            str(refusal), **{**facts, "field": f"plan.{facts.get('field', '')}"}
        ) from refusal


def _amount(price: Money) -> str:
    return f"{price.decimal:f}"
