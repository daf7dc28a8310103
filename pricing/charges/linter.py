"""The plan linter: what a price list lets buyers do that its seller will not like.

Each finding carries the numbers that prove it. A price may bend only at known places, and a
difference of such prices takes its largest value where arguments sit on bends, so the places are
tried rather than the whole line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from pricing.charges.curves import Curve, schedule_of
from pricing.charges.models import Percentage, Usage, read_pricing, total
from pricing.charges.plans import Charge, Plan, read_plan
from pricing.charges.tiers import Beyond, TierGap, Tiers, TiersOutOfOrder
from pricing.exact import exact_text, mapping
from pricing.refusals import PricingRefusal

ZERO = Fraction(0)
SAMPLE_EVENT = Fraction(100)


@dataclass(frozen=True)
class Finding:
    """A weakness of a plan, the charge that has it, and figures that prove it."""

    code: str
    charge: str
    sentence: str
    proof: Mapping[str, str]


def lint(document: object) -> list[Finding]:
    """Findings about a plan's JSON. Gaps and overlaps of tiers are findings; anything else that
    makes the document no plan is refused as `read_plan` refuses it.
    """
    fields = dict(mapping(document, "plan"))
    broken: list[Finding] = []
    charges = fields.get("charges")
    if isinstance(charges, list):
        fields["charges"] = kept = []
        for index, entry in enumerate(charges):
            finding = _tier_finding(entry, index)
            if finding is None:
                kept.append(entry)
            else:
                broken.append(finding)
        if broken and not kept:
            return broken
    return broken + lint_plan(read_plan(fields))


def lint_plan(plan: Plan) -> list[Finding]:
    """Findings about a plan that can be read."""
    found: list[Finding] = []
    for charge in plan.charges:
        if isinstance(charge.pricing, Percentage):
            found += _free_events(charge, charge.pricing)
        elif charge.model not in {"flat", "dynamic"}:
            found += _lint_curve(charge)
    return found + list(_plan_cap(plan))


def _tier_finding(entry: object, index: int) -> Finding | None:
    if not isinstance(entry, Mapping):
        return None
    try:
        read_pricing(entry.get("model"), entry)
    except (TierGap, TiersOutOfOrder) as refusal:
        name = str(entry.get("name", index))
        code = "tier_gap" if isinstance(refusal, TierGap) else "tier_overlap"
        proof = {key: str(value) for key, value in refusal.facts.items()}
        return Finding(code, name, refusal.message, proof)
    except PricingRefusal:
        return None  # not about tiers: the whole plan is read again and says so
    return None


def _lint_curve(charge: Charge) -> Iterator[Finding]:
    curve = Curve(charge)
    yield from _falls(curve)
    free = list(_free(curve))
    yield from free
    # What free units give away is said already; what else there is shows without them.
    stripped = bool(free and charge.free_units)
    without_free = Curve(replace(charge, free_units=ZERO)) if stripped else curve
    known = max((Fraction(finding.proof["saved"]) for finding in free), default=ZERO)
    yield from _splits(without_free, known if without_free is curve else ZERO)
    yield from _ends(curve)
    yield from _cap(curve)


def _falls(curve: Curve) -> Iterator[Finding]:
    """More use lowers the bill. Prices only fall where they jump: between samples at a bend."""
    for bend, after in pairwise(curve.samples):
        if curve.price(after) >= curve.price(bend):
            continue
        yield Finding(
            "not_monotone",
            curve.charge.name,
            f"{exact_text(bend)} units cost {exact_text(curve.price(bend))}, but"
            f" {exact_text(after)} units cost {exact_text(curve.price(after))}: whoever uses less"
            " pays more.",
            {
                "units": exact_text(bend),
                "price": exact_text(curve.price(bend)),
                "more_units": exact_text(after),
                "lower_price": exact_text(curve.price(after)),
            },
        )


def _splits(curve: Curve, known: Fraction) -> Iterator[Finding]:
    """Two accounts pay less than one, by more than is known already: the worst pair."""
    points = curve.points()
    saved, best = known, None
    for one in points:
        for point in points:
            for other in (point, point - one):
                if other <= 0 or not curve.holds(one + other):
                    continue
                gain = curve.price(one + other) - curve.price(one) - curve.price(other)
                if gain > saved:
                    saved, best = gain, (one, other)
    if best is not None:
        yield _split_finding("not_subadditive", curve, *best)


def _free(curve: Curve) -> Iterator[Finding]:
    """Free units are free once per account."""
    charge = curve.charge
    units = charge.free_units
    for piece in curve.schedule.pieces:
        if piece.slope or piece.intercept or piece.up_to is None or curve.schedule.step:
            break
        units = charge.free_units + piece.up_to
    free = units / curve.multiplier
    if free and curve.holds(2 * free) and curve.price(2 * free) > 2 * curve.price(free):
        yield _split_finding("free_units_invite_splitting", curve, free, free)


def _split_finding(code: str, curve: Curve, one: Fraction, other: Fraction) -> Finding:
    together = curve.price(one + other)
    apart = curve.price(one) + curve.price(other)
    return Finding(
        code,
        curve.charge.name,
        f"One account using {exact_text(one + other)} units pays {exact_text(together)}; two"
        f" accounts using {exact_text(one)} and {exact_text(other)} pay {exact_text(apart)}"
        f" together and save {exact_text(together - apart)}.",
        {
            "units": exact_text(one + other),
            "price": exact_text(together),
            "first_units": exact_text(one),
            "first_price": exact_text(curve.price(one)),
            "second_units": exact_text(other),
            "second_price": exact_text(curve.price(other)),
            "saved": exact_text(together - apart),
        },
    )


def _ends(curve: Curve) -> Iterator[Finding]:
    """Use above the last tier: refused, or given away."""
    tiers = getattr(curve.charge.pricing, "tiers", None)
    if not isinstance(tiers, Tiers) or tiers.last_end is None:
        return
    end = exact_text(tiers.last_end)
    given_away = tiers.beyond is Beyond.COVERED_ONLY
    what = "costs nothing more" if given_away else "has no price and is refused"
    yield Finding(
        "units_given_away" if given_away else "no_open_tier",
        curve.charge.name,
        f"The last tier ends at {end} units; use above it {what}.",
        {"last_end": end},
    )


def _cap(curve: Curve) -> Iterator[Finding]:
    maximum, most = curve.charge.terms.maximum, curve.most
    if maximum is None:
        return
    if most is not None and most <= maximum:
        yield Finding(
            "unreachable_cap",
            curve.charge.name,
            f"The maximum of {exact_text(maximum)} is never reached: no use costs more than"
            f" {exact_text(most)}.",
            {"maximum": exact_text(maximum), "highest_price": exact_text(most)},
        )
    elif curve.uncapped(ZERO) >= maximum:
        yield Finding(
            "cap_always_reached",
            curve.charge.name,
            f"The maximum of {exact_text(maximum)} is reached without any use: zero units cost"
            f" {exact_text(curve.uncapped(ZERO))} before it.",
            {
                "maximum": exact_text(maximum),
                "price_at_zero": exact_text(curve.uncapped(ZERO)),
            },
        )


def _plan_cap(plan: Plan) -> Iterator[Finding]:
    """The plan's own maximum, where every charge is bounded."""
    if plan.terms.maximum is None:
        return
    highest = ZERO
    for charge in plan.charges:
        if charge.model in {"percentage", "dynamic"}:
            return
        most = Curve(charge).most if charge.model != "flat" else _flat_price(charge)
        bounds = [bound for bound in (most, charge.terms.maximum) if bound is not None]
        if not bounds:
            return
        highest += max(min(bounds), charge.terms.minimum or ZERO)
    highest *= 1 - plan.terms.discount
    if highest <= plan.terms.maximum:
        yield Finding(
            "unreachable_cap",
            "",
            f"The plan's maximum of {exact_text(plan.terms.maximum)} is never reached: all charges"
            f" together cost at most {exact_text(highest)}.",
            {"maximum": exact_text(plan.terms.maximum), "highest_price": exact_text(highest)},
        )


def _flat_price(charge: Charge) -> Fraction:
    return schedule_of(charge.pricing).pieces[0].intercept * (1 - charge.terms.discount)


def _free_events(charge: Charge, pricing: Percentage) -> Iterator[Finding]:
    """Free events and amounts are free once per account."""
    if not pricing.free_events and not pricing.free_amount:
        return
    count = pricing.free_events or 1
    amount = pricing.free_amount
    value = SAMPLE_EVENT if amount is None else amount / (count + 1)
    events = (value,) * count

    def price(times: int) -> Fraction:
        return total(pricing.lines(Usage(value * count * times, events * times)))

    saved = price(2) - 2 * price(1)
    if saved > 0:
        yield Finding(
            "free_units_invite_splitting",
            charge.name,
            f"One account with {2 * count} events of {exact_text(value)} pays"
            f" {exact_text(price(2))}; two accounts with {count} each pay"
            f" {exact_text(2 * price(1))} together.",
            {
                "events": str(2 * count),
                "event": exact_text(value),
                "price": exact_text(price(2)),
                "price_apart": exact_text(2 * price(1)),
                "saved": exact_text(saved),
            },
        )
