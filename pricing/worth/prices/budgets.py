"""Prices of privacy budget: what a buyer pays for ε more, after what it has spent already.

Under basic composition ε adds up, so a budget is a version with x = ε and obeys the same law.
"""

from dataclasses import dataclass
from fractions import Fraction

from pricing.charges.exact import above_zero, at_least_zero, text
from pricing.refusals import PricingRefusal
from pricing.worth.prices.curves import Curve


class BudgetSpent(PricingRefusal):
    """A query would take more privacy budget than is left."""

    code = "budget_spent"


@dataclass(frozen=True)
class PrivacyBudget:
    """A lawful price curve over ε, and the total that one buyer may spend."""

    curve: Curve
    limit: Fraction

    def due(self, epsilon: object, *, spent: object = 0) -> int:
        """Minor units for ε more: the price of all that will be spent less that of what was.

        Queries one after the other cost what they cost at once. Raises BudgetSpent, BadValue.
        """
        wanted = above_zero(epsilon, "epsilon")
        before = at_least_zero(spent, "spent")
        if before + wanted > self.limit:
            left = text(max(Fraction(0), self.limit - before))
            raise BudgetSpent(
                f"The query takes ε = {text(wanted)}; accepted is at most {left}, which is left.",
                field="epsilon",
                value=text(wanted),
                accepted=left,
            )
        return self.curve.price_at(before + wanted) - self.curve.price_at(before)
