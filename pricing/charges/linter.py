"""The plan linter: what a price list lets buyers do that its seller will not like.

Each finding carries the numbers that prove it: exact prices that quotes of the charge explain. What is
passed is passed for all quantities, however large, that the meter counts (`accounts`); where rounding
leaves that open, the finding is `unsure`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor

from pricing.charges.accounts import Pair, gain, worst_pair
from pricing.charges.curves import Curve, schedule_of
from pricing.charges.free_events import lint_events
from pricing.charges.grids import Grid
from pricing.charges.models import Percentage, Usage, read_pricing
from pricing.charges.plans import ANY_CURRENCY, Charge, Finding, Plan, read_plan
from pricing.charges.quotes import price_charge
from pricing.charges.tiers import Beyond, TierGap, Tiers, TiersOutOfOrder
from pricing.exact import decimal_places, exact_text, mapping, to_places
from pricing.refusals import PricingRefusal

ZERO = Fraction(0)
PLACES = 6  # decimals of a quantity that are told apart, unless the charge itself has more


def lint(document: object, *, step: Fraction | None = None) -> list[Finding]:
    """Findings about a plan's JSON. Gaps and overlaps of tiers are findings; anything else that
    makes the document no plan is refused as `read_plan` refuses it. `step` as in `lint_plan`.
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
    plan = read_plan(fields)
    if broken:  # whether the plan's maximum is ever reached hangs on the broken charges too
        plan = replace(plan, terms=replace(plan.terms, maximum=None))
    return broken + lint_plan(plan, step=step)


def lint_plan(plan: Plan, *, step: Fraction | None = None) -> list[Finding]:
    """Findings about a plan that can be read. `step` is what its meters count in: 1 where they count
    whole units; None where any decimal quantity can be used.
    """
    found: list[Finding] = []
    for charge in plan.charges:
        if isinstance(charge.pricing, Percentage):
            found += lint_events(charge, charge.pricing)
        elif charge.model not in {"flat", "dynamic"}:
            found += _lint_curve(charge, step)
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


def _lint_curve(charge: Charge, step: Fraction | None) -> Iterator[Finding]:
    curve = Curve(charge)
    grids = _grids(curve, step)
    yield from _falls(grids)
    free = _free(grids)
    if free is not None:
        yield _split_finding("free_units_invite_splitting", charge, free)
    yield from _splits(grids, ZERO if free is None else free.saved)
    yield from _ends(curve)
    yield from _cap(curve)


def _grids(curve: Curve, step: Fraction | None) -> list[Grid]:
    """By the step that the meter counts in. Without one: whole units, tenths and so on, the last
    millionths, or as fine as the charge's own quantities are.
    """
    if step is not None:
        return [Grid(curve, step)]
    charge = curve.charge
    own = [*curve.bounds, charge.free_units, curve.schedule.step or ZERO]
    places = max(PLACES, *(decimal_places(quantity.denominator) or 0 for quantity in own))
    return [Grid(curve, Fraction(1, 10**place)) for place in (*range(PLACES), places)]


def _quoted(charge: Charge, units: Fraction) -> Fraction:
    """The exact price that a quote of the charge explains."""
    return price_charge(charge, Usage(units), currency=ANY_CURRENCY).exact


def _falls(grids: Sequence[Grid]) -> Iterator[Finding]:
    """More use lowers the bill. Prices fall only from the end of a straight line to what follows."""
    finest = grids[-1]
    for end in finest.ends:
        if not _falls_after(finest, finest.last(end)):
            continue
        where = finest.last(end) * finest.step
        steps = ((grid, floor(where / grid.step)) for grid in grids)
        grid, last = next(pair for pair in steps if _falls_after(*pair))
        yield _fall_finding(grid.curve.charge, last * grid.step, (last + 1) * grid.step)


def _falls_after(grid: Grid, last: int) -> bool:
    fits = grid.has_quote(last) and grid.has_quote(last + 1)
    return fits and grid.price(last + 1) < grid.price(last)


def _fall_finding(charge: Charge, units: Fraction, more: Fraction) -> Finding:
    price, lower = _quoted(charge, units), _quoted(charge, more)
    return Finding(
        "not_monotone",
        charge.name,
        f"{exact_text(units)} units cost {exact_text(price)}, but {exact_text(more)} units cost"
        f" {exact_text(lower)}: whoever uses less pays more.",
        {
            "units": exact_text(units),
            "price": exact_text(price),
            "more_units": exact_text(more),
            "lower_price": exact_text(lower),
        },
    )


def _splits(grids: Sequence[Grid], known: Fraction) -> Iterator[Finding]:
    """Two accounts pay less than one, by more than is known already: the worst pair."""
    charge = grids[-1].curve.charge
    finest = worst_pair(grids[-1], thorough=True)
    if finest.pair is None and not finest.certain:
        yield _unsure(grids[-1])
    if finest.pair is None:
        return
    coarser = (worst_pair(grid, thorough=False).pair for grid in grids[:-1])
    pair = next((pair for pair in coarser if pair is not None), finest.pair)
    if pair.saved > known:
        yield _split_finding("not_subadditive", charge, pair)


def _free(grids: Sequence[Grid]) -> Pair | None:
    """Free units are free once per account."""
    curve = grids[-1].curve
    units, given = ZERO, curve.charge.free_units
    for piece in curve.schedule.pieces:
        if piece.slope or piece.intercept or curve.schedule.step:
            break
        if piece.up_to is None:
            return None
        units = piece.up_to
    if not given + units:
        return None
    for grid in grids:
        free = grid.last_free(units)
        pair = gain(grid, free, free)
        if pair is not None:
            return pair
    return None


def _split_finding(code: str, charge: Charge, pair: Pair) -> Finding:
    units = pair.one + pair.other
    together = _quoted(charge, units)
    first, second = _quoted(charge, pair.one), _quoted(charge, pair.other)
    saved = together - first - second
    return Finding(
        code,
        charge.name,
        f"One account using {exact_text(units)} units pays {exact_text(together)}; two"
        f" accounts using {exact_text(pair.one)} and {exact_text(pair.other)} pay"
        f" {exact_text(first + second)} together and save {exact_text(saved)}.",
        {
            "units": exact_text(units),
            "price": exact_text(together),
            "first_units": exact_text(pair.one),
            "first_price": exact_text(first),
            "second_units": exact_text(pair.other),
            "second_price": exact_text(second),
            "saved": exact_text(saved),
        },
    )


def _unsure(grid: Grid) -> Finding:
    return Finding(
        "unsure",
        grid.curve.charge.name,
        "Whether two accounts ever pay less than one is not decided: the rounding of quantities may"
        f" allow it, and no two quantities counted in {exact_text(grid.step)} were found that do.",
        {"step": exact_text(grid.step)},
    )


def _ends(curve: Curve) -> Iterator[Finding]:
    """Use above the last tier: refused, or given away."""
    tiers = getattr(curve.charge.pricing, "tiers", None)
    if not isinstance(tiers, Tiers) or tiers.last_end is None:
        return
    end = exact_text(tiers.last_end)
    given_away = tiers.beyond is Beyond.COVERED_ONLY and curve.end is None
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
            f"The maximum of {exact_text(maximum)} never takes anything off: no use costs more than"
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
    charges = ZERO
    for charge in plan.charges:
        most = _most(charge)
        if most is None:
            return
        charges += to_places(most, plan.places)
    highest = charges - to_places(charges * plan.terms.discount, plan.places)
    if highest <= plan.terms.maximum:
        yield Finding(
            "unreachable_cap",
            "",
            f"The plan's maximum of {exact_text(plan.terms.maximum)} never takes anything off: all"
            f" charges together cost at most {exact_text(highest)}.",
            {"maximum": exact_text(plan.terms.maximum), "highest_price": exact_text(highest)},
        )


def _most(charge: Charge) -> Fraction | None:
    """The highest price of a charge; None where it has none or depends on events."""
    if charge.model in {"percentage", "dynamic"}:
        return charge.terms.maximum
    most = _flat_price(charge) if charge.model == "flat" else Curve(charge).most
    bounds = [bound for bound in (most, charge.terms.maximum) if bound is not None]
    return max(min(bounds), charge.terms.minimum or ZERO) if bounds else None


def _flat_price(charge: Charge) -> Fraction:
    return schedule_of(charge.pricing).pieces[0].intercept * (1 - charge.terms.discount)
