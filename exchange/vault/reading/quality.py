"""Quality in six dimensions. Each is elements that meet a rule ÷ elements assessed; the score weighs
them. What cannot be assessed (denominator 0) has no weight, and the others share it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_noop

from exchange.vault.reading.documents import Dimension, Quality

WEIGHTS: Mapping[str, Decimal] = {
    "normativity": Decimal("0.15"),
    "completeness": Decimal("0.20"),
    "accuracy": Decimal("0.25"),
    "consistency": Decimal("0.15"),
    "timeliness": Decimal("0.15"),
    "accessibility": Decimal("0.10"),
}
RULES: Mapping[str, str] = {
    "normativity": gettext_noop(
        "Filled cells that have the form of their column (number, date, yes or no) ÷ all filled cells."
    ),
    "completeness": gettext_noop("Filled cells ÷ all cells."),
    "accuracy": gettext_noop(
        "Plausible numbers and dates ÷ all of them: dates from 1900 to ten years ahead, degrees of "
        "latitude and longitude that exist, numbers within a thousand times the middle half's width."
    ),
    "consistency": gettext_noop(
        "Rows that repeat no other row ÷ rows; of a sample drawn by their hash above a "
        "million rows; assessed where a time or an identifier tells rows apart."
    ),
    "timeliness": gettext_noop(
        "Steps from one time to the next that are no longer than one and a half times the rhythm ÷ "
        "all steps, in the first million rows; within each device, and by working days or months, where "
        "times keep to them."
    ),
    "accessibility": gettext_noop(
        "Columns with a name of their own, at least one value and no open question ÷ all columns."
    ),
}
GRADES = ((Decimal(90), "A"), (Decimal(80), "B"), (Decimal(70), "C"))
LOWEST = "D"
HUNDREDTH = Decimal("0.01")
BELOW_ALL = Decimal("99.99")
FINE = Decimal("0.0001")


@dataclass(frozen=True)
class Measure:
    """Elements that meet the rule, and elements assessed."""

    numerator: int
    denominator: int

    @property
    def value(self) -> Decimal:
        return Decimal(self.numerator) / self.denominator if self.denominator else Decimal(1)


def quality_of(measures: Mapping[str, Measure]) -> Quality:
    """`measures` has all six dimensions."""
    assessed = sum(w for name, w in WEIGHTS.items() if measures[name].denominator)
    weights = {
        name: weight / assessed if assessed and measures[name].denominator else Decimal(0)
        for name, weight in WEIGHTS.items()
    }
    score = score_of({n: (weights[n], measures[n].value) for n in WEIGHTS})
    return Quality(
        score=str(score),
        grade=grade_of(score),
        dimensions=tuple(
            Dimension(
                dimension=name,
                value=str(_rounded(measures[name].value, FINE)),
                weight=str(_rounded(weights[name], FINE)),
                rule=RULES[name],
                numerator=measures[name].numerator,
                denominator=measures[name].denominator,
            )
            for name in WEIGHTS
        ),
    )


def score_of(weighted: Mapping[str, tuple[Decimal, Decimal]]) -> Decimal:
    """The sum of weight × value on a scale of 100, to two places: 100 only where every element meets its
    rule."""
    score = _rounded(sum((w * v for w, v in weighted.values()), Decimal(0)) * 100, HUNDREDTH)
    is_whole = all(value == 1 for weight, value in weighted.values() if weight)
    return score if is_whole else min(score, BELOW_ALL)


def grade_of(score: Decimal) -> str:
    return next((grade for least, grade in GRADES if score >= least), LOWEST)


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, rounding=ROUND_HALF_UP)
