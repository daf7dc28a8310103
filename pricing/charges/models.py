"""Charge models: each turns what was used into explained lines.

Peers agree on these rules. Tiers hold their upper end; usage between two whole ends belongs to the next
tier. The flat price of the first tier is billed at zero units too. Packages and units cost nothing at zero.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import Any, Protocol

from pricing.charges.tiers import Tiers, package_count, read_tiers
from pricing.exact import above_zero, at_least_zero, optional, percent, refuse, text, whole


class LineKind(StrEnum):
    """Why a line is there."""

    CONVERTED = "converted"
    SAMPLE = "sample"
    FREE = "free"
    FIXED = "fixed"
    UNIT = "unit"
    PACKAGE = "package"
    TIER = "tier"
    TIER_FLAT = "tier_flat"
    PERCENTAGE = "percentage"
    EVENT = "event"
    GIVEN_AWAY = "given_away"
    DISCOUNT = "discount"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    COUPON = "coupon"
    CREDIT = "credit"
    GRACE = "grace"


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` is exact and in major units; `quantity` × `price` is the amount where both exist."""

    kind: LineKind
    text: str
    amount: Fraction
    quantity: Fraction | None = None
    price: Fraction | None = None


def total(lines: Iterable[Line]) -> Fraction:
    """The exact sum."""
    return sum((line.amount for line in lines), Fraction(0))


HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """What a meter says: a total, and for models that price events one by one the events.

    `amounts` are prices that the events brought with them, in major units (dynamic prices).
    `selector` chooses the tier where it is not the billed quantity that does (prorated volume).
    """

    units: Fraction
    events: tuple[Fraction, ...] = ()
    amounts: tuple[Fraction, ...] = ()
    selector: Fraction | None = None


class Pricing(Protocol):
    """A charge model with its parameters."""

    def lines(self, usage: Usage) -> list[Line]:
        """The explained price of that usage, before discounts and commitments."""
        ...


@dataclass(frozen=True)
class PerUnit:
    """units × unit price."""

    unit: Fraction

    def lines(self, usage: Usage) -> list[Line]:
        return [_units_line(LineKind.UNIT, "", usage.units, self.unit)]


@dataclass(frozen=True)
class Package:
    """A price for each package begun."""

    size: Fraction
    price: Fraction

    def lines(self, usage: Usage) -> list[Line]:
        count = Fraction(package_count(usage.units, self.size))
        amount = count * self.price
        return [
            Line(
                LineKind.PACKAGE,
                f"{text(usage.units)} units begin {count} packages of {text(self.size)}"
                f" at {text(self.price)} = {text(amount)}",
                amount,
                count,
                self.price,
            )
        ]


@dataclass(frozen=True)
class Graduated:
    """Each unit costs what its own tier says; each tier entered adds its flat price."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        units = self.tiers.covered(usage.units)
        made: list[Line] = []
        below = Fraction(0)
        for index in range(self.tiers.index(units) + 1):
            tier = self.tiers.rows[index]
            inside = (units if tier.up_to is None else min(units, tier.up_to)) - below
            where = self.tiers.names[index]
            if tier.unit or not tier.flat:
                made.append(_units_line(LineKind.TIER, where, inside, tier.unit))
            if tier.flat:
                made.append(_flat_line(where, tier.flat))
            below = tier.up_to if tier.up_to is not None else below
        if units < usage.units:
            made.append(_given_away(usage.units - units, self.tiers))
        return made


@dataclass(frozen=True)
class Volume:
    """All units cost what the one tier says that holds the whole quantity."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        chosen_by = usage.units if usage.selector is None else usage.selector
        index = self.tiers.index(chosen_by, can_give_away=False)
        tier = self.tiers.rows[index]
        where = f"all units in {self.tiers.names[index]}"
        made = [_units_line(LineKind.TIER, where, usage.units, tier.unit)]
        return [*made, _flat_line(where, tier.flat)] if tier.flat else made


@dataclass(frozen=True)
class Dynamic:
    """The events bring their prices (`multiplier` None), or metered amount × multiplier.

    Without a multiplier use that brings no prices is refused: BadValue.
    """

    multiplier: Fraction | None

    def lines(self, usage: Usage) -> list[Line]:
        if self.multiplier is not None:
            return [_units_line(LineKind.UNIT, "metered amount", usage.units, self.multiplier)]
        if not usage.amounts and (usage.units or usage.events):
            refuse("amounts", None, "the prices that the events brought: a quantity has none")
        amount = sum(usage.amounts, Fraction(0))
        sentence = f"{len(usage.amounts)} events brought prices of {text(amount)} in all"
        return [Line(LineKind.EVENT, sentence, amount)]


@dataclass(frozen=True)
class Flat:
    """One amount per period; `fraction_of_period` is applied by the plan where it is prorated."""

    amount: Fraction
    prorate: bool = False

    def lines(self, usage: Usage) -> list[Line]:  # noqa: ARG002 - the same whatever was used
        return [Line(LineKind.FIXED, f"fixed fee of {text(self.amount)}", self.amount)]


def _units_line(kind: LineKind, where: str, units: Fraction, unit: Fraction) -> Line:
    amount = units * unit
    sentence = f"{text(units)} units at {text(unit)} = {text(amount)}"
    return Line(kind, f"{where}: {sentence}" if where else sentence, amount, units, unit)


def _flat_line(where: str, flat: Fraction) -> Line:
    return Line(LineKind.TIER_FLAT, f"{where}: flat price of {text(flat)}", flat)


def _given_away(units: Fraction, tiers: Tiers) -> Line:
    return Line(
        LineKind.GIVEN_AWAY,
        f"{text(units)} units above {text(tiers.bounds[-1])} are not billed: the plan says"
        " covered_only",
        Fraction(0),
        units,
        Fraction(0),
    )


ZERO = Fraction(0)


@dataclass(frozen=True)
class Free:
    """How much of a turnover is free: an amount of it, and whole events (no fixed fee)."""

    amount: Fraction
    events: int


@dataclass(frozen=True)
class Percentage:
    """rate × (turnover − free amount) + fixed × (events − free events).

    Free events and a free amount: the first that is exhausted ends both. The event that reaches the
    free amount is the first that pays the fixed fee. With a minimum or maximum per event every
    event is priced by itself and clamped after its fixed fee. An event of zero
    is an event, and pays its fee.

    A turnover without its events is priced where they do not matter: rate × (turnover − free amount).
    With a fee, free events, a minimum or a maximum it is refused: BadValue.
    """

    rate: Fraction
    fixed: Fraction = ZERO
    free_events: int | None = None
    free_amount: Fraction | None = None
    least: Fraction | None = None
    most: Fraction | None = None

    def free_of(self, running_totals: Sequence[Fraction]) -> Free:
        """What is free of a turnover whose first running totals are given.

        The totals may stop where nothing further can be free. Without them nothing is.
        """
        events, amount = self.free_events, self.free_amount
        seen = running_totals[:events] if events else running_totals
        reached = seen[-1] if seen else ZERO
        if not amount:
            return Free(reached, events) if events else Free(ZERO, 0)
        count = sum(1 for running in seen if running < amount)
        return Free(min(reached, amount), count)

    def aggregate(self, turnover: Fraction, count: int, free: Free) -> list[Line]:
        """The price of a turnover of so many events, of which some is free."""
        paid = max(ZERO, turnover - free.amount)
        made = [_free_line(free)] if free.amount or free.events else []
        made.append(_rate_line(paid, self.rate))
        paid_events = max(0, count - free.events)
        if self.fixed and paid_events:
            fee = self.fixed * paid_events
            sentence = f"{paid_events} events at a fixed {text(self.fixed)} = {text(fee)}"
            made.append(Line(LineKind.EVENT, sentence, fee, Fraction(paid_events), self.fixed))
        return made

    @property
    def is_priced_by_event(self) -> bool:
        """Whether a minimum or maximum is applied to each event by itself."""
        return self.least is not None or self.most is not None

    def event_amounts(self, events: Sequence[Fraction]) -> list[Fraction]:
        """The price of every event by itself; zero for a free one."""
        amounts, scale = self._scaled_amounts(events)
        return [Fraction(amount, scale) for amount in amounts]

    def events_total(self, events: Sequence[Fraction]) -> Fraction:
        """The sum of the prices of all events."""
        amounts, scale = self._scaled_amounts(events)
        return Fraction(sum(amounts), scale)

    def _scaled_amounts(self, events: Sequence[Fraction]) -> tuple[list[int], int]:
        """The prices of the events in whole parts of one, and how many parts one has.

        Whole numbers over one denominator: a million events in a second or two.
        """
        free_amount = self.free_amount or ZERO
        parts = lcm(free_amount.denominator, *{event.denominator for event in events})
        bounds = [bound for bound in (self.fixed, self.least, self.most) if bound is not None]
        scale = lcm(parts * self.rate.denominator, *(bound.denominator for bound in bounds))
        rate, fixed = int(self.rate * scale / parts), int(self.fixed * scale)
        least = int((self.least or ZERO) * scale)
        most = None if self.most is None else int(self.most * scale)
        left = _Left(self.free_events, int(free_amount * parts) if free_amount else None)
        amounts: list[int] = []
        for event in events:
            paid = left.paid(event.numerator * (parts // event.denominator))
            if paid is None:
                amounts.append(0)
                continue
            amount = max(paid * rate + fixed, least)
            amounts.append(amount if most is None or amount < most else most)
        return amounts, scale

    def lines(self, usage: Usage) -> list[Line]:
        if usage.units and not usage.events:
            return self._turnover_lines(usage.units)
        if not self.is_priced_by_event:
            totals = list(accumulate(usage.events))
            count = len(usage.events)
            return self.aggregate(usage.units, count, self.free_of(totals))
        amounts = self.event_amounts(usage.events)
        return [
            _event_line(index, value, amount)
            for index, (value, amount) in enumerate(zip(usage.events, amounts, strict=True), 1)
        ]

    def _turnover_lines(self, turnover: Fraction) -> list[Line]:
        """The price of a turnover of which the events are not known."""
        if self.fixed or self.free_events or self.is_priced_by_event:
            accepted = "a list of events: a fee, free events, min and max are counted by event"
            refuse("events", None, accepted)
        return self.aggregate(turnover, 0, Free(min(turnover, self.free_amount or ZERO), 0))


class _Left:
    """What is still free: events and an amount, None where only the other counts."""

    def __init__(self, events: int | None, amount: int | None) -> None:
        self.events, self.amount = events or None, amount
        self.over = not (self.events or self.amount)

    def paid(self, value: int) -> int | None:
        """How much of an event is paid for; None where it is free. The first exhausted ends both."""
        if self.over:
            return value
        if self.amount is not None and value >= self.amount:
            self.over = True
            return value - self.amount
        if self.amount is not None:
            self.amount -= value
        if self.events is not None:
            self.events -= 1
            self.over = not self.events
        return None


@dataclass(frozen=True)
class GraduatedPercentage:
    """Graduated tiers over a turnover: a rate for the part in each tier, a flat price to enter."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        return Graduated(self.tiers).lines(usage)


def _free_line(free: Free) -> Line:
    sentence = f"free: {text(free.amount)} of turnover and {free.events} whole events"
    return Line(LineKind.FREE, sentence, ZERO, free.amount, ZERO)


def _rate_line(paid: Fraction, rate: Fraction) -> Line:
    amount = paid * rate
    sentence = f"{text(paid)} of turnover at {text(rate * HUNDRED)} % = {text(amount)}"
    return Line(LineKind.PERCENTAGE, sentence, amount, paid, rate)


def _event_line(index: int, value: Fraction, amount: Fraction) -> Line:
    kind = LineKind.EVENT if amount else LineKind.FREE
    return Line(kind, f"event {index} of {text(value)} costs {text(amount)}", amount)


EVENTS_MAX = 1_000_000
Fields = Mapping[str, Any]


def need(fields: Fields, name: str) -> object:
    """A field that the model cannot do without. Raises BadValue."""
    if fields.get(name) is None:
        refuse(name, None, "a value: the model needs it")
    return fields[name]


def read_percentage(fields: Fields) -> Percentage:
    """rate (percent), fixed, free_events, free_amount, min and max per event."""
    events = fields.get("free_events")
    least, most = optional(fields.get("min"), "min"), optional(fields.get("max"), "max")
    if least is not None and most is not None and least > most:
        refuse("min", least, "at most max")
    return Percentage(
        rate=percent(need(fields, "rate"), "rate"),
        fixed=optional(fields.get("fixed"), "fixed") or percent(0, "fixed"),
        free_events=None if events is None else whole(events, "free_events", least=0, most=10**9),
        free_amount=optional(fields.get("free_amount"), "free_amount"),
        least=least,
        most=most,
    )


def _tiers(fields: Fields, *, rates: bool = False) -> Any:
    return read_tiers(need(fields, "tiers"), beyond=fields.get("beyond_last_tier"), rates=rates)


def _dynamic(fields: Fields) -> Dynamic:
    return Dynamic(optional(fields.get("multiplier"), "multiplier"))


def _flat(fields: Fields) -> Flat:
    prorate = fields.get("prorate", False)
    if not isinstance(prorate, bool):
        refuse("prorate", prorate, "true or false")
    return Flat(at_least_zero(need(fields, "amount"), "amount"), prorate)


# The models by name, each with its reader and the fields that it accepts.
MODELS: dict[str, tuple[Callable[[Fields], Pricing], frozenset[str]]] = {
    "flat": (_flat, frozenset({"amount", "prorate"})),
    "per_unit": (
        lambda fields: PerUnit(at_least_zero(need(fields, "unit"), "unit")),
        frozenset({"unit"}),
    ),
    "package": (
        lambda fields: Package(
            above_zero(need(fields, "package_size"), "package_size"),
            at_least_zero(need(fields, "package_price"), "package_price"),
        ),
        frozenset({"package_size", "package_price"}),
    ),
    "graduated": (
        lambda fields: Graduated(_tiers(fields)),
        frozenset({"tiers", "beyond_last_tier"}),
    ),
    "volume": (lambda fields: Volume(_tiers(fields)), frozenset({"tiers", "beyond_last_tier"})),
    "percentage": (
        read_percentage,
        frozenset({"rate", "fixed", "free_events", "free_amount", "min", "max"}),
    ),
    "graduated_percentage": (
        lambda fields: GraduatedPercentage(_tiers(fields, rates=True)),
        frozenset({"tiers", "beyond_last_tier"}),
    ),
    "dynamic": (_dynamic, frozenset({"multiplier"})),
}


def read_pricing(model: object, fields: Fields) -> Pricing:
    """The charge model of that name with its parameters. Raises BadValue and the tier refusals."""
    if not isinstance(model, str) or model not in MODELS:
        refuse("model", model, f"one of {', '.join(sorted(MODELS))}")
    return MODELS[model][0](fields)
