"""The exchange's service fee: a share of the net amount, at least so much and at most so much, by the rules of the
day on which an order was placed.

Each of the three is a rule with versions and dates, changed by two rule keepers; a change that has not begun can be
taken back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exchange.core.models import RuleVersion
from exchange.core.rules import rule, rules
from pricing.money import Money
from pricing.worth.proceeds import Fee

RATE, MINIMUM, CAP = "fee.service_rate", "fee.service_minimum", "fee.service_cap"


@dataclass(frozen=True)
class FeeSchedule:
    """How the fee is reckoned at one moment. Minimum and cap hold for sales in their own currency; none is zero."""

    rate_rule: RuleVersion
    minimum: Money | None
    cap: Money | None

    @property
    def rate(self) -> Decimal:
        return self.rate_rule.as_decimal()

    def fee_in(self, currency: str) -> Fee:
        """How the fee of a sale in a currency is reckoned."""
        least, most = _in_its(currency, self.minimum), _in_its(currency, self.cap)
        return Fee(
            Fraction(self.rate),
            0 if least is None else least.minor,
            None if most is None else most.minor,
        )

    def of(self, net: Money) -> Money:
        """The fee of a sale."""
        return self.fee_in(net.currency).of(net)

    def bounds_of(self, net: Money) -> dict[str, Any]:
        """What a document says of minimum and cap; nothing where a sale has none."""
        named = {"fee_minimum_minor": self.minimum, "fee_cap_minor": self.cap}
        held = {name: _in_its(net.currency, amount) for name, amount in named.items()}
        return {name: amount.minor for name, amount in held.items() if amount is not None}


def schedule(*, at: datetime) -> FeeSchedule:
    """The schedule in force at a moment. Raises UnknownRule where no rate is."""
    in_force = rules(at=at, keys=(RATE, MINIMUM, CAP))
    rate = in_force.get(RATE) or rule(key=RATE, at=at)
    return FeeSchedule(rate, _amount(in_force.get(MINIMUM)), _amount(in_force.get(CAP)))


def _amount(version: RuleVersion | None) -> Money | None:
    amount = version.as_money() if version is not None else None
    return amount if amount is not None and amount.minor else None


def _in_its(currency: str, amount: Money | None) -> Money | None:
    return amount if amount is not None and amount.currency == currency else None
