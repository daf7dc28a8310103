"""Price plans of offers, built from a price or taken as a document, and what the linter says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from exchange.catalog.errors import OfferRefused
from pricing.charges.linter import lint_plan
from pricing.charges.plans import FORMAT, UNIT_MODELS, Finding, Plan, read_plan
from pricing.charges.quotes import make_quote
from pricing.charges.requests import read_request
from pricing.money import Money
from pricing.refusals import PricingRefusal

# What the exchange counts of each fetch of a table: itself, the table's rows, the file's bytes.
OWN_METERS = ("calls", "rows", "bytes")
WHOLE_UNITS = Fraction(1)
# Charges and tiers of a plan together: each page of its cost prices it some sixty times, each report
# of use a few times.
PLAN_ROWS_MAX = 500


@dataclass(frozen=True)
class Priced:
    """A plan with what it charges for one purchase or period, and what the linter found."""

    plan: Plan
    price: Money
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class UseRates:
    """A price by use of one meter. Amounts are decimal text in the plan's currency, "" for none.

    `tiers` are pairs of an upper end, inclusive, and the price of each unit up to it; what lies
    beyond the last costs `unit_price`. `package` above one sells packages of that many. At first a
    sample of units is free, once, and the periods of grace cost nothing.
    """

    meter: str
    unit_price: str
    free_units: int = 0
    tiers: tuple[tuple[int, str], ...] = ()
    package: int = 1
    base: str = ""
    maximum: str = ""
    minimum: str = ""
    sample_units: int = 0
    grace_periods: int = 0


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


def priced(document: Mapping[str, Any], *, at: datetime, by_use: bool = False) -> Priced:
    """Read and price a plan. Raises OfferRefused for one that is broken, that names a tax (which comes
    from the rule pack on the day of the order), or that charges for use unless it is sold `by_use`:
    then it has to, by whole units that add up, and costs nothing at once.
    """
    try:
        plan = read_plan(dict(document))
        _check_rows(plan)
        if plan.document.get("tax"):
            raise OfferRefused(
                _("Prices are net: the tax of the day is added by the exchange."), field="plan.tax"
            )
        if by_use:
            _check_meters(plan)
            findings = lint_plan(plan, step=WHOLE_UNITS)
            return Priced(plan, Money(0, plan.currency), tuple(findings))
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


def _check_rows(plan: Plan) -> None:
    tiers = (getattr(one.pricing, "tiers", None) for one in plan.charges)
    rows = sum(1 if one is None else 1 + len(one.rows) for one in tiers)
    if rows > PLAN_ROWS_MAX:
        raise OfferRefused(
            _("A plan has at most %(limit)d charges and tiers together; this one has %(rows)d.")
            % {"limit": PLAN_ROWS_MAX, "rows": rows},
            field="plan.charges",
            limit=PLAN_ROWS_MAX,
        )


def use_plan(
    *, name: str, number: int, title: str, rates: UseRates, currency: str
) -> dict[str, Any]:
    """The plan of one meter after its free units, with a fee per period, between a least and a most."""
    charge = {"name": rates.meter, "meter": rates.meter, "free_units": rates.free_units}
    if rates.sample_units:
        charge["sample_units"] = rates.sample_units
    charges: list[dict[str, Any]] = [{**charge, **_model(rates)}]
    if rates.base:
        charges.append({"name": "base", "model": "flat", "amount": rates.base})
    plan: dict[str, Any] = {
        "format": FORMAT,
        "plan": name,
        "version": number,
        "title": title,
        "currency": currency,
        "charges": charges,
    }
    limits = {"maximum": rates.maximum, "minimum": rates.minimum}
    if rates.grace_periods:
        plan["grace_periods"] = rates.grace_periods
    return {**plan, **{key: amount for key, amount in limits.items() if amount}}


def _model(rates: UseRates) -> dict[str, Any]:
    if rates.tiers:
        bounds = [*rates.tiers, (None, rates.unit_price)]
        return {
            "model": "graduated",
            "tiers": [{"up_to": end, "unit": price} for end, price in bounds],
        }
    if rates.package > 1:
        price = {"package_size": rates.package, "package_price": rates.unit_price}
        return {"model": "package", **price}
    return {"model": "per_unit", "unit": rates.unit_price}


def check_own_meters(plan: Plan, *, field: str = "") -> None:
    """Raise OfferRefused, at `field` or at the charge in the plan, unless use is charged by what the
    exchange counts of files that it hands over."""
    for index, charge in enumerate(plan.charges):
        if charge.meter and charge.meter not in OWN_METERS:
            raise OfferRefused(
                _(
                    "Files are charged by calls, rows or bytes: the exchange counts what is fetched."
                ),
                field=field or f"plan.charges[{index}].meter",
                accepted=list(OWN_METERS),
            )


def _check_meters(plan: Plan) -> None:
    if not plan.meters:
        raise OfferRefused(
            _("An offer by use needs a charge with a meter."), field="plan.charges", meters=[]
        )
    for index, charge in enumerate(plan.charges):
        if charge.model not in UNIT_MODELS | {"flat"}:
            raise OfferRefused(
                _("Use is counted in whole units; this charge needs more than their number."),
                field=f"plan.charges[{index}].model",
                accepted=sorted(UNIT_MODELS | {"flat"}),
            )


def _amount(price: Money) -> str:
    return f"{price.decimal:f}"
