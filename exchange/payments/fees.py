"""The exchange's service fee: a share of the net amount, at least so much and at most so much, by the rules of the
day on which an order was placed. A small or medium-sized seller is spared a part of all three.

Each is a rule with versions and dates, changed by two rule keepers; a change that has not begun can be
taken back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exchange.core.models import RuleVersion
from exchange.core.rules import rule, rules
from exchange.orders.models import Order
from exchange.orders.terms import FEE_RATE, SME_DISCOUNT
from pricing.money import Money, round_to_minor
from pricing.worth.proceeds import Fee

MINIMUM, CAP = "fee.service_minimum", "fee.service_cap"


@dataclass(frozen=True)
class FeeSchedule:
    """How the fee is reckoned at one moment. Minimum and cap hold for sales in their own currency; none is zero.
    `spared` is the share of all three that is not charged."""

    rate_rule: RuleVersion
    minimum: Money | None
    cap: Money | None
    spared: Decimal = Decimal(0)

    @property
    def rate(self) -> Decimal:
        return self.rate_rule.as_decimal()

    def fee_in(self, currency: str) -> Fee:
        """How the fee of a sale in a currency is reckoned."""
        charged = 1 - Fraction(self.spared)
        least, most = (
            None if bound is None else round_to_minor(charged * bound.minor, currency)
            for bound in (_in_its(currency, self.minimum), _in_its(currency, self.cap))
        )
        return Fee(charged * Fraction(self.rate), least or 0, most)

    def of(self, net: Money) -> Money:
        """The fee of a sale."""
        return self.fee_in(net.currency).of(net)

    def facts_in(self, currency: str) -> dict[str, Any]:
        """What a document says of it: the rate, and what else bears on a sale in a currency."""
        named = {"fee_minimum_minor": self.minimum, "fee_cap_minor": self.cap}
        held = {name: _in_its(currency, amount) for name, amount in named.items()}
        return {
            "fee_rate": f"{self.rate.normalize():f}",
            **{name: amount.minor for name, amount in held.items() if amount is not None},
            **({"fee_spared": f"{self.spared.normalize():f}"} if self.spared else {}),
        }


def schedule(*, at: datetime, is_sme: bool) -> FeeSchedule:
    """The schedule in force at a moment for a seller that is small or medium-sized, or is not. Raises UnknownRule
    where no rate is."""
    in_force = rules(at=at, keys=(FEE_RATE, MINIMUM, CAP, SME_DISCOUNT))
    rate = in_force.get(FEE_RATE) or rule(key=FEE_RATE, at=at)
    discount = in_force.get(SME_DISCOUNT) if is_sme else None
    return FeeSchedule(
        rate,
        _amount(in_force.get(MINIMUM)),
        _amount(in_force.get(CAP)),
        Decimal(0) if discount is None else discount.as_decimal(),
    )


def schedule_of(order: Order) -> FeeSchedule:
    """The schedule of the day on which an order was placed, for its seller as it was then."""
    return schedule(at=order.created_at, is_sme=SME_DISCOUNT in order.terms["rules"])


def _amount(version: RuleVersion | None) -> Money | None:
    amount = version.as_money() if version is not None else None
    return amount if amount is not None and amount.minor else None


def _in_its(currency: str, amount: Money | None) -> Money | None:
    return amount if amount is not None and amount.currency == currency else None
