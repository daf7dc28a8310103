"""The waterfall: gross receipts less tax, fee and costs, then shares, then shares inside a party.

Every line is rounded once, to the minor unit, and the lines sum to the gross.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pricing.charges.exact import SHOWN_MAX, at_least_zero, mapping, number, refuse, sequence
from pricing.money import Money, exponent, round_to_minor
from pricing.worth.shares.splits import Part, divide, fixed_shares

COSTS_MAX = 1_000
ZERO = Fraction(0)


@dataclass(frozen=True)
class Fee:
    """The platform's fee: a rate of the net, at least `least`, at most `most` (minor units)."""

    rate: Fraction
    least: int = 0
    most: int | None = None

    def of(self, net: Money) -> Money:
        """The fee, never more than the net itself."""
        exact = max(round_to_minor(self.rate * net.minor, net.currency), self.least)
        capped = exact if self.most is None else min(exact, self.most)
        return Money(min(capped, net.minor), net.currency)


@dataclass(frozen=True)
class Cost:
    """A cost that a party gets back before the shares; `cap_share` of the net at most."""

    party: str
    amount: Money
    cap_share: Fraction | None = None


@dataclass(frozen=True)
class Recouped:
    """What of a cost is paid now, and what stays for a later run."""

    party: str
    paid: Money
    carried: Money


@dataclass(frozen=True)
class Terms:
    """The rule of a waterfall, locked for a period.

    `inside` divides what a party gets among its own units, by the party's name.
    """

    shares: Mapping[str, Fraction]
    tax_rate: Fraction = ZERO
    fee: Fee = Fee(ZERO)
    costs: Sequence[Cost] = ()
    inside: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)


@dataclass(frozen=True)
class Distribution:
    """Every line of a run. gross = tax + net; net = fee + Σ recouped + pool; pool = Σ parts."""

    gross: Money
    tax: Money
    net: Money
    fee: Money
    recouped: tuple[Recouped, ...]
    pool: Money
    parts: tuple[Part, ...]
    inside: Mapping[str, tuple[Part, ...]]


def distribute(gross: Money, terms: Terms) -> Distribution:
    """Run the waterfall over receipts that include tax.

    net = gross / (1 + tax rate), rounded; the tax is the rest. Costs are paid in their order from
    what the ones before them left. Raises BadValue for receipts below zero.
    """
    if gross.minor < 0:
        refuse("gross", str(gross.decimal), "an amount of zero or more")
    currency = gross.currency
    net = Money(round_to_minor(gross.minor / (1 + terms.tax_rate), currency), currency)
    fee = terms.fee.of(net)
    recouped, pool = _recoup(net, net - fee, terms.costs)
    parts = tuple(divide(pool, terms.shares))
    return Distribution(
        gross=gross,
        tax=gross - net,
        net=net,
        fee=fee,
        recouped=recouped,
        pool=pool,
        parts=parts,
        inside={
            part.party: tuple(divide(part.amount, terms.inside[part.party]))
            for part in parts
            if part.party in terms.inside
        },
    )


def _recoup(net: Money, left: Money, costs: Sequence[Cost]) -> tuple[tuple[Recouped, ...], Money]:
    lines = []
    for cost in costs:
        limit = cost.amount.minor
        if cost.cap_share is not None:  # a cap is a promise to the others: rounded down
            limit = min(limit, int(cost.cap_share * net.minor))
        paid = Money(min(limit, left.minor), net.currency)
        lines.append(Recouped(cost.party, paid, cost.amount - paid))
        left = left - paid
    return tuple(lines), left


def read_terms(given: object, currency: str) -> Terms:
    """Terms from JSON: shares, tax_rate?, fee? {rate, min?, max?}, costs?, inside?. Raises BadValue."""
    fields = mapping(given, "terms")
    inside = mapping(fields.get("inside", {}), "inside")
    shares = fixed_shares(mapping(fields.get("shares"), "shares"))
    for party in inside:
        if party not in shares:
            refuse(f"inside.{party}"[:SHOWN_MAX], party, f"one of {', '.join(shares)}")
    return Terms(
        shares=shares,
        tax_rate=at_least_zero(fields.get("tax_rate", 0), "tax_rate"),
        fee=_read_fee(mapping(fields.get("fee", {"rate": 0}), "fee"), currency),
        costs=[
            _read_cost(mapping(cost, f"costs[{index}]"), f"costs[{index}]", currency)
            for index, cost in enumerate(sequence(fields.get("costs", []), "costs", most=COSTS_MAX))
        ],
        inside={
            party: fixed_shares(
                mapping(units, f"inside.{party}"), field=f"inside.{party}"[:SHOWN_MAX]
            )
            for party, units in inside.items()
        },
    )


def _read_fee(fields: Mapping[str, Any], currency: str) -> Fee:
    least = read_money(fields.get("min", "0"), "fee.min", currency).minor
    most = fields.get("max")
    cap = None if most is None else read_money(most, "fee.max", currency).minor
    if cap is not None and cap < least:
        refuse("fee.max", most, "at least fee.min")
    return Fee(_share(fields.get("rate"), "fee.rate"), least, cap)


def _read_cost(fields: Mapping[str, Any], name: str, currency: str) -> Cost:
    cap = fields.get("cap_share")
    return Cost(
        party=str(fields.get("party")),
        amount=read_money(fields.get("amount"), f"{name}.amount", currency),
        cap_share=None if cap is None else _share(cap, f"{name}.cap_share"),
    )


def _share(value: object, field_name: str) -> Fraction:
    exact = number(value, field_name)
    if not 0 <= exact <= 1:
        refuse(field_name, value, "a share from 0 to 1")
    return exact


def read_money(value: object, field_name: str, currency: str) -> Money:
    """An amount of zero or more in major units, without more digits than the currency has."""
    exact = at_least_zero(value, field_name)
    minor = exact * 10 ** exponent(currency)
    if minor.denominator != 1:
        refuse(field_name, value, f"an amount in whole minor units of {currency}")
    return Money(int(minor), currency)
