"""Quantities before they are priced, and the tiers that they fall into."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from pricing.exact import (
    above_zero,
    at_least_zero,
    mapping,
    number,
    percent,
    refuse,
    sequence,
    text,
    whole,
)
from pricing.money import half_away
from pricing.refusals import PricingRefusal


class Rounding(StrEnum):
    """How a quantity (never money) becomes coarser."""

    NONE = "none"
    CEILING = "ceiling"
    FLOOR = "floor"
    HALF_UP = "half_up"  # halves go away from zero


# What peers call the same three.
SYNONYMS = {"ceil": "ceiling", "round": "half_up", "half_away": "half_up"}
PRECISION_MAX = 12
ROUNDERS: dict[Rounding, Callable[[Fraction], int]] = {
    Rounding.CEILING: ceil,
    Rounding.FLOOR: floor,
    Rounding.HALF_UP: half_away,
}


def round_quantity(units: Fraction, rounding: Rounding, precision: int) -> Fraction:
    """Rounded to decimal places; a negative precision rounds to tens, hundreds and so on."""
    if rounding is Rounding.NONE:
        return units
    scale = Fraction(10) ** precision
    return ROUNDERS[rounding](units * scale) / scale


def read_rounding(value: object, field: str = "rounding") -> Rounding:
    """A rounding by name; None is no rounding."""
    name = "none" if value is None else value
    name = SYNONYMS.get(name, name) if isinstance(name, str) else None
    if name not in list(Rounding):
        refuse(field, value, "none, ceiling, floor or half_up")
    return Rounding(str(name))


@dataclass(frozen=True, slots=True)
class Conversion:
    """Metered units into priced units: bytes into gigabytes, calls into thousands of calls."""

    multiplier: Fraction
    rounding: Rounding
    precision: int

    def apply(self, units: Fraction) -> Fraction:
        return round_quantity(units * self.multiplier, self.rounding, self.precision)


def read_conversion(value: Mapping[str, object], field: str = "convert") -> Conversion:
    """`op` (multiply or divide), `factor`, `rounding`, `precision`. Raises BadValue."""
    factor = above_zero(value.get("factor", 1), f"{field}.factor")
    op = value.get("op", "multiply")
    if op not in ("multiply", "divide"):
        refuse(f"{field}.op", op, "multiply or divide")
    return Conversion(
        multiplier=factor if op == "multiply" else 1 / factor,
        rounding=read_rounding(value.get("rounding"), f"{field}.rounding"),
        precision=read_precision(value.get("precision"), f"{field}.precision"),
    )


def read_precision(value: object, field: str = "precision") -> int:
    """Decimal places, negative for tens and hundreds; None is 0."""
    return whole(0 if value is None else value, field, least=-PRECISION_MAX, most=PRECISION_MAX)


def package_count(units: Fraction, size: Fraction) -> int:
    """Packages begun."""
    return ceil(units / size)


def billable(units: Fraction, free_units: Fraction, before: Fraction = Fraction(0)) -> Fraction:
    """What of `units` is left to bill when free units first cover what was used before."""
    return max(Fraction(0), before + units - free_units) - max(Fraction(0), before - free_units)


TIERS_MAX = 100


class TiersOutOfOrder(PricingRefusal):
    """A tier ends where, or before, the one below it ends: the two overlap."""

    code = "tiers_out_of_order"


class TierGap(PricingRefusal):
    """Some quantity lies in no tier, or the last tier ends although nothing says what follows."""

    code = "tier_gap"


class BeyondLastTier(PricingRefusal):
    """The quantity lies above the last tier, and the plan does not say what that costs."""

    code = "beyond_last_tier"


class Beyond(StrEnum):
    """What usage above a bounded last tier costs. Peers disagree, so it is named.

    REFUSE prices nothing (OpenMeter admits no such price list at all). COVERED_ONLY bills the units
    that the tiers cover and gives the rest away (Polar, graduated prices only).
    """

    REFUSE = "refuse"
    COVERED_ONLY = "covered_only"


@dataclass(frozen=True, slots=True)
class Tier:
    """Units above the tier below and up to `up_to`, inclusive; None is without end."""

    up_to: Fraction | None
    unit: Fraction
    flat: Fraction


@dataclass(frozen=True)
class Tiers:
    """Tiers in rising order, from zero on."""

    rows: tuple[Tier, ...]
    beyond: Beyond = Beyond.REFUSE

    @cached_property
    def bounds(self) -> list[Fraction]:
        """The inclusive upper ends, without the open one."""
        return [tier.up_to for tier in self.rows if tier.up_to is not None]

    @cached_property
    def names(self) -> list[str]:
        """`tier 2 (above 10, up to 20)`, for the sentences that explain a price."""
        starts = ["from 0", *(f"above {text(bound)}" for bound in self.bounds)]
        ends = [*(f"up to {text(bound)}" for bound in self.bounds), "without end"]
        return [f"tier {i + 1} ({starts[i]}, {ends[i]})" for i in range(len(self.rows))]

    @property
    def last_end(self) -> Fraction | None:
        return self.rows[-1].up_to

    def index(self, units: Fraction, *, can_give_away: bool = True) -> int:
        """Which tier holds that many units. Raises BeyondLastTier, which names the option that bills
        only what is covered, unless the model has no such price.
        """
        found = bisect_left(self.bounds, units)
        if found < len(self.rows):
            return found
        facts = {
            "field": "units",
            "value": text(units),
            "accepted": f"at most {text(self.bounds[-1])}",
        }
        ends = f"The field units is {text(units)}; the last tier ends at {text(self.bounds[-1])}."
        if not can_give_away:
            raise BeyondLastTier(
                f"{ends} Accepted are fewer units, or a last tier without end.", **facts
            )
        raise BeyondLastTier(
            f"{ends} Accepted are fewer units, a last tier without end, or the option"
            ' "beyond_last_tier": "covered_only", which bills only what the tiers cover.',
            **facts,
            option="beyond_last_tier",
        )

    def covered(self, units: Fraction) -> Fraction:
        """The units that are billed: all, unless the option says that the rest is given away."""
        end = self.last_end
        if self.beyond is Beyond.COVERED_ONLY and end is not None:
            return min(units, end)
        return units


def read_tiers(
    value: object, *, beyond: object = None, rates: bool = False, field: str = "tiers"
) -> Tiers:
    """Tiers from JSON: `up_to` (inclusive, null for no end), `unit` (or `rate`, in percent), `flat`.

    A tier may name where it begins (`from`, exclusive: where the tier below ends); a gap or an
    overlap is refused. Raises BadValue, TiersOutOfOrder, TierGap.
    """
    raw = sequence(value, field, most=TIERS_MAX)
    if not raw:
        refuse(field, value, "at least one tier")
    if beyond is not None and (not isinstance(beyond, str) or beyond not in list(Beyond)):
        refuse("beyond_last_tier", beyond, "refuse or covered_only")
    rows: list[Tier] = []
    below: Fraction | None = Fraction(0)
    for index, entry in enumerate(raw):
        name = f"{field}[{index}]"
        tier = _read_tier(mapping(entry, name), name, rates=rates)
        _check_joined(mapping(entry, name), tier, below, name)
        rows.append(tier)
        below = tier.up_to
    return Tiers(tuple(rows), Beyond(str(beyond)) if beyond else Beyond.REFUSE)


def _read_tier(entry: Mapping[str, object], name: str, *, rates: bool) -> Tier:
    price_key = "rate" if rates else "unit"
    unknown = set(entry) - {"from", "up_to", "flat", price_key}
    if unknown:
        refuse(name, sorted(unknown), f"the fields from, up_to, {price_key} and flat")
    if "up_to" not in entry:
        refuse(f"{name}.up_to", None, "an upper end, or null written out for a tier without end")
    up_to = entry["up_to"]
    read_price = percent if rates else at_least_zero
    return Tier(
        up_to=None if up_to is None else above_zero(up_to, f"{name}.up_to"),
        unit=read_price(_or_zero(entry.get(price_key)), f"{name}.{price_key}"),
        flat=at_least_zero(_or_zero(entry.get("flat")), f"{name}.flat"),
    )


def _or_zero(value: object) -> object:
    return 0 if value is None else value


def _check_joined(
    entry: Mapping[str, object], tier: Tier, below: Fraction | None, name: str
) -> None:
    if below is None or (tier.up_to is not None and tier.up_to <= below):
        ends = "has no end" if below is None else f"ends at {text(below)}"
        raise TiersOutOfOrder(
            f"The tier {name} ends at {'no end' if tier.up_to is None else text(tier.up_to)} but"
            f" the tier below {ends}; accepted are tiers in rising order.",
            field=f"{name}.up_to",
            value=None if tier.up_to is None else text(tier.up_to),
            accepted="no tier above it" if below is None else f"more than {text(below)}",
        )
    if "from" not in entry:
        return
    start = number(entry["from"], f"{name}.from")
    if start != below:
        kind = TierGap if start > below else TiersOutOfOrder
        word = "leaves a gap from" if start > below else "overlaps the tier below, which ends at"
        raise kind(
            f"The tier {name} begins above {text(start)} and {word} {text(below)}; accepted is"
            f" a beginning at {text(below)}.",
            field=f"{name}.from",
            value=text(start),
            accepted=text(below),
        )
