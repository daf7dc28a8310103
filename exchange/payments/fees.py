"""The exchange's service fee: a share of the net amount, at least so much and at most so much, as it was on the day
on which an order was placed. A small or medium-sized seller is spared a part of all three.

Each is a rule with versions and dates, changed by two rule keepers; a change that has not begun can be
taken back. What the exchange has agreed with a seller holds in their place, and nothing of it is spared. The
fee's own tax comes on top of either, at the rate of that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Organisation
from exchange.core.models import RuleVersion
from exchange.core.rules import rule, rules
from exchange.orders import agreed_fees
from exchange.orders.models import FeeAgreement, Order
from exchange.orders.terms import FEE_RATE, SME_DISCOUNT
from pricing.money import Money, round_to_minor
from pricing.worth.proceeds import Fee

MINIMUM, CAP = "fee.service_minimum", "fee.service_cap"
TAX = "fee.service_vat_rate"
KEYS = (FEE_RATE, MINIMUM, CAP, SME_DISCOUNT, TAX)
CHANGES_MAX = 12


@dataclass(frozen=True)
class FeeSchedule:
    """How the fee is reckoned at one moment. Minimum and cap hold for sales in their own currency; none is zero.
    `spared` is the share of all three that is not charged, `source` the rule's version or the agreement. The tax
    on the fee comes on top."""

    rate: Decimal
    source: str
    minimum: Money | None
    cap: Money | None
    spared: Decimal = Decimal(0)
    is_agreed: bool = False
    tax_rate: Decimal = Decimal(0)

    @property
    def tax_percent(self) -> str:
        """The tax on the fee itself, in percent."""
        return agreed_fees.percent_of(self.tax_rate)

    def fee_in(self, currency: str) -> Fee:
        """How the fee of a sale in a currency is reckoned."""
        charged = 1 - Fraction(self.spared)
        least, most = (
            None if bound is None else round_to_minor(charged * bound.minor, currency)
            for bound in (_in_its(currency, self.minimum), _in_its(currency, self.cap))
        )
        return Fee(charged * Fraction(self.rate), least or 0, most, Fraction(self.tax_rate))

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
            **({"fee_is_agreed": True} if self.is_agreed else {}),
            **({"fee_tax_percent": self.tax_percent} if self.tax_rate else {}),
        }


def schedule(seller: Organisation, *, at: datetime) -> FeeSchedule:
    """The schedule by which orders are placed with a seller at a moment. Raises UnknownRule where no rate is."""
    agreement = agreed_fees.in_force_at(seller, at=at)
    if agreement is not None:
        return _agreed(agreement, at=at)
    return schedule_for_all(at=at, is_sme=seller.sme)


def schedule_of(order: Order) -> FeeSchedule:
    """The schedule by which an order was placed: of its day, for its seller as it was then."""
    if "fee" in order.terms:
        return _agreed(agreed_fees.named(order.terms["fee"]), at=order.created_at)
    return schedule_for_all(at=order.created_at, is_sme=SME_DISCOUNT in order.terms["rules"])


def schedule_for_all(*, at: datetime, is_sme: bool = False) -> FeeSchedule:
    """The rules in force at a moment, for a seller that is small or medium-sized or is not."""
    in_force = rules(at=at, keys=KEYS)
    rate = in_force.get(FEE_RATE) or rule(key=FEE_RATE, at=at)
    discount = in_force.get(SME_DISCOUNT) if is_sme else None
    return FeeSchedule(
        rate.as_decimal(),
        rate.version,
        _amount(in_force.get(MINIMUM)),
        _amount(in_force.get(CAP)),
        _rate(discount),
        tax_rate=_rate(in_force.get(TAX)),
    )


def _agreed(agreement: FeeAgreement, *, at: datetime) -> FeeSchedule:
    return FeeSchedule(
        agreement.rate,
        agreement.public_id,
        _unless_zero(agreement.minimum),
        _unless_zero(agreement.cap),
        is_agreed=True,
        tax_rate=_rate(rules(at=at, keys=(TAX,)).get(TAX)),
    )


def schedules(seller: Organisation, *, since: datetime) -> list[tuple[datetime, FeeSchedule]]:
    """The schedule of a seller at a moment, and each that is planned to follow it, with its beginning."""
    agreements = FeeAgreement.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=since), seller=seller, withdrawn_at=None
    )
    turns = {at for period in agreements.values_list("valid_from", "valid_until") for at in period}
    found: list[tuple[datetime, FeeSchedule]] = []
    planned = versions_of_rules(since=since).values_list("valid_from", flat=True)
    for at in _from(since, {*turns, *planned}):
        then = schedule(seller, at=at)
        if not found or replace(then, source=found[-1][1].source) != found[-1][1]:
            found.append((at, then))
    return found


def names_of_rules() -> list[str]:
    """The rules of the fee, as requests to change them name them."""
    return [f"{settings.DEFAULT_RULE_PACK}/{key}" for key in KEYS]


def versions_of_rules(*, since: datetime) -> QuerySet[RuleVersion]:
    """What the rules of the fee say at a moment and afterwards, rule by rule."""
    rows = RuleVersion.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=since), rule__key__in=KEYS, withdrawn_at=None,
        rule__pack__code=settings.DEFAULT_RULE_PACK,
    )  # fmt: skip
    return rows.select_related("rule__pack").order_by("-rule__key", "valid_from")


def _from(since: datetime, turns: Iterable[datetime | None]) -> list[datetime]:
    later = sorted(at for at in turns if at is not None and at > since)
    return [since, *later[:CHANGES_MAX]]


def _amount(version: RuleVersion | None) -> Money | None:
    return None if version is None else _unless_zero(version.as_money())


def _rate(version: RuleVersion | None) -> Decimal:
    return Decimal(0) if version is None else version.as_decimal()


def _unless_zero(amount: Money) -> Money | None:
    return amount if amount.minor else None


def _in_its(currency: str, amount: Money | None) -> Money | None:
    return amount if amount is not None and amount.currency == currency else None
