"""The cost approach."""

from fractions import Fraction

from pricing.charges.exact import refuse
from pricing.worth.valuation.workings import Sheet, shown

CIRCULATION = ("open", "public", "shared", "not_shared")


def cost_adjusted(sheet: Sheet) -> Fraction:
    """P = C × δ, with C the sum of the `costs` (upfront, direct, indirect, opportunity, taxes …)."""
    cost = _summed(sheet, "costs")
    adjustment = sheet.amount("adjustment")
    return sheet.step(
        "value", "P = C × δ", f"{shown(cost)} × {shown(adjustment)}", cost * adjustment
    )


def cost_replacement(sheet: Sheet) -> Fraction:
    """P = replacement cost − functional − economic obsolescence. Never below zero."""
    cost = sheet.amount("replacement_cost")
    functional = sheet.amount("functional_obsolescence")
    economic = sheet.amount("economic_obsolescence")
    if functional + economic > cost:
        refuse("economic_obsolescence", economic, "obsolescence of at most the replacement cost")
    working = f"{shown(cost)} − {shown(functional)} − {shown(economic)}"
    return sheet.step("value", "P = C − O_f − O_e", working, cost - functional - economic)


def cost_with_return(sheet: Sheet) -> Fraction:
    """P = TC × (1 + R) × U, with U = α · β · (1 + l) · (1 − r)."""
    cost = _summed(sheet, "costs")
    gain = sheet.amount("return_rate")
    quality = sheet.amount("quality")
    circulation = _circulation(sheet)
    monopoly = _monopoly(sheet)
    risk = sheet.share("risk")
    utility = quality * circulation * (1 + monopoly) * (1 - risk)
    working = f"{shown(quality)} × {shown(circulation)} × {shown(1 + monopoly)} × {shown(1 - risk)}"
    sheet.step("utility", "U = α · β · (1 + l) · (1 − r)", working, utility)
    working = f"{shown(cost)} × {shown(1 + gain)} × {shown(utility)}"
    return sheet.step("value", "P = TC × (1 + R) × U", working, cost * (1 + gain) * utility)


def _summed(sheet: Sheet, name: str) -> Fraction:
    costs = sheet.named(name)
    for kind, cost in costs.items():
        if cost < 0:
            refuse(f"{name}.{kind}", cost, "zero or more")
    working = " + ".join(f"{shown(cost)} {kind}" for kind, cost in costs.items())
    return sheet.step("cost", "C = Σ costs", working, sum(costs.values(), Fraction(0)))


def _circulation(sheet: Sheet) -> Fraction:
    """β as given, or from the volumes in each state of sharing and their weights."""
    if sheet.has("circulation"):
        return sheet.amount("circulation")
    volumes, weights = sheet.named("circulation_volumes"), sheet.named("circulation_weights")
    for name, found in (("circulation_volumes", volumes), ("circulation_weights", weights)):
        if set(found) != set(CIRCULATION) or min(found.values()) < 0:
            refuse(name, sorted(found), f"{', '.join(CIRCULATION)}, each zero or more")
    total = sum(volumes.values(), Fraction(0))
    if total == 0:
        refuse("circulation_volumes", 0, "volumes above zero together")
    weighed = sum((volumes[kind] * weights[kind] for kind in CIRCULATION), Fraction(0))
    working = f"{shown(weighed)} / {shown(total)}"
    formula = "β = (a · open + b · public + c · shared + d · not shared) / total"
    return sheet.step("circulation", formula, working, weighed / total)


def _monopoly(sheet: Sheet) -> Fraction:
    """l as given, or own volume ÷ the volume of the industry."""
    if sheet.has("monopoly"):
        return sheet.amount("monopoly")
    own, industry = sheet.amount("own_volume"), sheet.factor("industry_volume")
    if own > industry:
        refuse("own_volume", own, "at most industry_volume")
    return sheet.step(
        "monopoly", "l = own / industry", f"{shown(own)} / {shown(industry)}", own / industry
    )
