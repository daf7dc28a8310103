"""From several methods to one conclusion: weights, spread, the discount for unclear rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pricing.charges.exact import SHOWN_MAX, at_least_zero, number, refuse, text
from pricing.worth.valuation.workings import Step, shown

SPREAD_LIMIT = Fraction(3, 2)


@dataclass(frozen=True)
class Conclusion:
    """The weighted value less the discount; `spread` is largest ÷ smallest, None beside a zero."""

    value: Fraction
    weighted: Fraction
    spread: Fraction | None
    wide: bool
    steps: tuple[Step, ...]


def conclude(
    values: Mapping[str, Fraction],
    weights: Mapping[str, object],
    *,
    rights_discount: object = 0,
    spread_limit: object = SPREAD_LIMIT,
) -> Conclusion:
    """Σ w · V over the methods, less `rights_discount`; wide where the spread is above its limit.

    Weights are of zero or more and sum to exactly 1, one for each value. Raises BadValue.
    """
    if set(weights) != set(values) or not values:
        refuse("weights", sorted(map(str, weights)), f"one weight for each of {', '.join(values)}")
    exact = {name: at_least_zero(w, f"weights.{name}"[:SHOWN_MAX]) for name, w in weights.items()}
    total = sum(exact.values(), Fraction(0))
    if total != 1:
        refuse("weights", text(total), "weights that sum to exactly 1")
    discount, limit = (
        number(rights_discount, "rights_discount"),
        at_least_zero(spread_limit, "spread_limit"),
    )
    if not 0 <= discount <= 1:
        refuse("rights_discount", discount, "a share from 0 to 1")
    weighted = sum((exact[name] * value for name, value in values.items()), Fraction(0))
    working = " + ".join(f"{shown(exact[name])} × {shown(value)}" for name, value in values.items())
    steps = [Step("weighted value", "Σ w · V", working, weighted)]
    low, high = min(values.values()), max(values.values())
    spread = high / low if low > 0 else None
    if spread is not None:
        steps.append(Step("spread", "largest / smallest", f"{shown(high)} / {shown(low)}", spread))
    value = weighted * (1 - discount)
    working = f"{shown(weighted)} × (1 − {shown(discount)})"
    steps.append(Step("conclusion", "V × (1 − d)", working, value))
    wide = high != low if spread is None else spread > limit
    return Conclusion(value, weighted, spread, wide, tuple(steps))
