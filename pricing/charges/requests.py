"""What a quote is asked for: usage by meter, the period, coupon, credits, the moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from pricing.charges.commitments import Coupon, read_coupon
from pricing.charges.models import Usage
from pricing.charges.plans import Plan, only
from pricing.charges.proration import ONE, coefficient, overlap, read_span
from pricing.exact import at_least_zero, mapping, optional, refuse, sequence, whole

CREDITS_MAX = 1000
EVENTS_MAX = 10_000  # each may become a line
ZERO = Fraction(0)
FIELDS = {
    "usage", "period", "period_ended", "period_number", "coupon", "credits", "issued_at",
}  # fmt: skip
PERIODS_MAX = 10**6


@dataclass(frozen=True)
class Request:
    """A validated request. `part` is the part of the period that the service covers.

    `period_number` counts the periods of a subscription from 1; None is a period like any other.
    """

    document: Mapping[str, Any]
    usage: Mapping[str, Usage]
    issued_at: datetime
    part: Fraction
    period_ended: bool
    coupon: Coupon | None
    credits: tuple[Fraction, ...]
    period_number: int | None = None


def read_request(document: object, plan: Plan) -> Request:
    """Validate a request against the plan: it must give every meter of it, and no other.

    A missing meter is refused rather than read as zero, because a misspelt one would be free.
    """
    fields = mapping(document, "request")
    only(fields, FIELDS, "request")
    given = mapping(fields.get("usage", {}), "usage")
    only(given, plan.meters, "usage")
    for meter in sorted(plan.meters - set(given)):
        refuse(f"usage.{meter}", None, "a quantity, 0 where nothing was used")
    ended = fields.get("period_ended", True)
    if not isinstance(ended, bool):
        refuse("period_ended", ended, "true or false")
    number = fields.get("period_number")
    raw_credits = sequence(fields.get("credits") or [], "credits", most=CREDITS_MAX)
    coupon = fields.get("coupon")
    return Request(
        document=fields,
        usage={meter: _read_usage(value, f"usage.{meter}") for meter, value in given.items()},
        issued_at=read_instant(fields.get("issued_at"), "issued_at"),
        part=_read_part(fields.get("period")),
        period_ended=ended,
        coupon=None if coupon is None else _coupon(coupon),
        credits=tuple(at_least_zero(c, f"credits[{i}]") for i, c in enumerate(raw_credits)),
        period_number=None
        if number is None
        else whole(number, "period_number", least=1, most=PERIODS_MAX),
    )


def _coupon(value: object) -> Coupon:
    fields = mapping(value, "coupon")
    only(fields, {"amount", "percent"}, "coupon")
    return read_coupon(fields)


def read_instant(value: object, field: str) -> datetime:
    """An instant with its zone, from ISO text. Raises BadValue."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        refuse(field, value, 'an instant with its zone, such as "2026-01-31T00:00:00Z"')
    return instant


def _read_usage(value: object, field: str) -> Usage:
    if not isinstance(value, Mapping):
        return Usage(at_least_zero(value, field))
    only(value, {"units", "events", "amounts", "selector"}, field)
    lists = {
        key: tuple(
            at_least_zero(entry, f"{field}.{key}[{index}]")
            for index, entry in enumerate(
                sequence(value.get(key) or [], f"{field}.{key}", most=EVENTS_MAX)
            )
        )
        for key in ("events", "amounts")
    }
    units = value.get("units")
    if units is None and "events" not in value and "amounts" not in value:
        refuse(f"{field}.units", None, "a quantity, or a list of events")
    turnover = sum(lists["events"], ZERO)
    exact = turnover if units is None else at_least_zero(units, f"{field}.units")
    if lists["events"] and exact != turnover:
        refuse(f"{field}.units", units, f"the sum of the events, {turnover}")
    selector = optional(value.get("selector"), f"{field}.selector")
    return Usage(exact, lists["events"], lists["amounts"], selector)


def _read_part(value: object) -> Fraction:
    if value is None:
        return ONE
    fields = mapping(value, "period")
    only(fields, {"from", "until", "service_from", "service_until"}, "period")
    period = read_span(fields.get("from"), fields.get("until"), "period")
    if "service_from" not in fields and "service_until" not in fields:
        return ONE
    service = read_span(
        fields.get("service_from", fields.get("from")),
        fields.get("service_until", fields.get("until")),
        "period.service",
    )
    part = overlap(service, period)
    if part == 0:
        refuse("period.service", fields.get("service_from"), "a service that meets the period")
    return coefficient(part, ONE)
