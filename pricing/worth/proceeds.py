"""Proceeds on their way: the waterfall of one sale, and royalties of products made of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from math import lcm, log10
from operator import mul
from typing import Any

from pricing.exact import (
    SHOWN_MAX,
    at_least_zero,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    whole,
    word,
)
from pricing.money import Money, exponent, round_to_minor
from pricing.refusals import PricingRefusal
from pricing.worth.ratios import Ratio, by_largest_remainder
from pricing.worth.shares import Part, divide, fixed_shares

COSTS_MAX = 1_000
ZERO = Fraction(0)


@dataclass(frozen=True)
class Fee:
    """The platform's fee: a rate of the net, at least `least`, at most `most` (minor units). Its own tax comes on
    top of it."""

    rate: Fraction
    least: int = 0
    most: int | None = None
    tax_rate: Fraction = ZERO

    def of(self, net: Money) -> Money:
        """The fee without its tax; with it, never more than the net itself."""
        exact = max(round_to_minor(self.rate * net.minor, net.currency), self.least)
        capped = exact if self.most is None else min(exact, self.most)
        return Money(min(capped, self._room(net)), net.currency)

    def tax_of(self, fee: Money) -> Money:
        """The tax on a fee, from the fee as it is shown."""
        return Money(round_to_minor(self.tax_rate * fee.minor, fee.currency), fee.currency)

    def _room(self, net: Money) -> int:
        """The largest fee that leaves room for its tax."""
        room = int(net.minor / (1 + self.tax_rate)) + 1
        while room and room + self.tax_of(Money(room, net.currency)).minor > net.minor:
            room -= 1
        return room


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
    """Every line of a run. gross = tax + net; net = fee + fee_tax + Σ recouped + pool; pool = Σ parts."""

    gross: Money
    tax: Money
    net: Money
    fee: Money
    fee_tax: Money
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
    return share_out(net, gross - net, terms)


def share_out(net: Money, tax: Money, terms: Terms) -> Distribution:
    """Run the waterfall over a net amount and its tax, where both are known already."""
    fee = terms.fee.of(net)
    fee_tax = terms.fee.tax_of(fee)
    recouped, pool = _recoup(net, net - fee - fee_tax, terms.costs)
    parts = tuple(divide(pool, terms.shares))
    return Distribution(
        gross=net + tax,
        tax=tax,
        net=net,
        fee=fee,
        fee_tax=fee_tax,
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
        party=name_of(fields.get("party"), f"{name}.party"),
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


PRODUCTS_MAX = 10_000
USES_MAX = 1_000
CALLS_MAX = 10**15
DIGITS_OF_SHARES_MAX = 20_000  # along the longest chain
DIGITS_IN_ALL_MAX = 200_000_000  # of the figures of all products and uses: some seconds


class CircularProducts(PricingRefusal):
    """A product is made, somewhere upstream, of itself."""

    code = "circular_products"


class RoyaltiesExceedPrice(PricingRefusal):
    """What a product owes its sources is more than it receives."""

    code = "royalties_exceed_price"


@dataclass(frozen=True)
class Use:
    """A product's use of a source: a share of what it receives, and an amount for each call.

    `calls` is how often one call of the product calls the source; `each_minor` is paid every time.
    """

    source: str
    share: Fraction = ZERO
    each_minor: Fraction = ZERO
    calls: Fraction = Fraction(1)


@dataclass(frozen=True)
class Product:
    """A product with its owner and the sources that it is made of."""

    name: str
    owner: str
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True)
class Node:
    """What one product received of a sale, paid upstream and kept, exact, in minor units."""

    product: Product
    called: Ratio
    income: Ratio
    due: Ratio
    rest: Ratio

    @property
    def calls(self) -> Fraction:
        return self.called.exact

    @property
    def received(self) -> Fraction:
        return self.income.exact

    @property
    def paid(self) -> Fraction:
        return self.due.exact

    @property
    def kept(self) -> Fraction:
        return self.rest.exact


@dataclass(frozen=True)
class Royalties:
    """What every owner gets; the amounts sum to what was paid. `nodes` explains it, buyer first."""

    paid: Money
    nodes: tuple[Node, ...]
    owners: Mapping[str, Money]


def royalties(
    products: Sequence[Product], sold: str, paid: Money, *, calls: object = 1
) -> Royalties:
    """Pass what `calls` calls of the product `sold` brought up the tree to every owner.

    A source that is reached on several ways gets the sum of them. Fractions stay exact on the way; one
    largest-remainder split at the end makes whole units, ties by the owner's name.
    Raises CircularProducts, RoyaltiesExceedPrice, BadValue.
    """
    known = _by_name(products)
    if sold not in known:
        names = ", ".join(sorted(known))
        refuse(
            "sold", sold, f"one of {names}" if len(names) <= SHOWN_MAX else "one of the products"
        )
    if paid.minor < 0:
        refuse("paid", str(paid.decimal), "an amount of zero or more")
    count = whole(calls, "calls", least=1, most=CALLS_MAX)
    tree = _Tree(_downstream_first(known, sold))
    nodes = tree.pass_on(paid.minor, count)
    return Royalties(paid, tuple(nodes), _owners(tree, nodes, paid))


class _Tree:
    """Products in levels: each one level above the highest that uses it.

    What a product receives has the product of the units of the levels below as its denominator, so that
    sums are of whole numbers. Raises BadValue where that has too many digits.
    """

    def __init__(self, products: Sequence[Product]) -> None:
        self.products = products
        self.level = {product.name: 0 for product in products}
        for product in products:
            for use in product.uses:
                above = self.level[product.name] + 1
                self.level[use.source] = max(self.level[use.source], above)
        levels = max(self.level.values()) + 1
        self.units, self.call_units = [1] * levels, [1] * levels
        for product in products:
            place = self.level[product.name]
            for use in product.uses:
                each = use.each_minor * use.calls
                unit, calls = self.call_units[place], use.calls.denominator
                self.call_units[place] = lcm(unit, calls)
                unit = self.units[place]
                self.units[place] = lcm(unit, use.share.denominator, each.denominator, calls)
        digits = round(sum(log10(unit) for unit in self.units))
        figures = len(products) + sum(len(product.uses) for product in products)
        most = min(DIGITS_OF_SHARES_MAX, DIGITS_IN_ALL_MAX // figures)
        if digits > most:
            refuse(
                "products",
                f"a chain whose shares have {digits} digits together",
                f"at most {most} digits from the product sold to its last source",
            )
        self.belows = list(accumulate(self.units, mul, initial=1))
        self.call_belows = list(accumulate(self.call_units, mul, initial=1))

    def pass_on(self, minor: int, calls: int) -> list[Node]:
        """What each product received and passed on. Raises RoyaltiesExceedPrice."""
        incomes = {product.name: {0: 0} for product in self.products}
        called = {product.name: {0: 0} for product in self.products}
        incomes[self.products[0].name][0] = minor
        called[self.products[0].name][0] = calls
        nodes = []
        for product in self.products:
            place, name = self.level[product.name], product.name
            income = self.raised(incomes.pop(name), place, self.belows)
            times = self.raised(called.pop(name), place, self.call_belows)
            unit, call_unit = self.units[place], self.call_units[place]
            paid = 0
            for use in product.uses:
                due = int(use.share * unit) * income
                if use.each_minor:
                    scale = self.belows[place] // self.call_belows[place]
                    due += int(use.each_minor * use.calls * unit) * times * scale
                _add(incomes[use.source], place + 1, due)
                _add(called[use.source], place + 1, int(use.calls * call_unit) * times)
                paid += due
            below = self.belows[place + 1]
            node = Node(
                product,
                Ratio(times, self.call_belows[place]),
                Ratio(income, self.belows[place]),
                Ratio(paid, below),
                Ratio(income * unit - paid, below),
            )
            _check_kept(node)
            nodes.append(node)
        return nodes

    def raised(self, by_level: Mapping[int, int], level: int, belows: Sequence[int]) -> int:
        """Sums over the denominators of several levels as one over that of the highest."""
        at, total = 0, 0
        for place in sorted(by_level):
            total = total * (belows[place] // belows[at]) + by_level[place]
            at = place
        return total * (belows[level] // belows[at])


def _add(sums: dict[int, int], level: int, added: int) -> None:
    sums[level] = sums.get(level, 0) + added


def _check_kept(node: Node) -> None:
    if node.rest.above < 0:
        raise RoyaltiesExceedPrice(
            f"The product {node.product.name} receives {node.income.shown} minor units and owes"
            f" {node.due.shown} to its sources; accepted is at most what it receives.",
            field=f"products.{node.product.name}"[:SHOWN_MAX],
            value=node.due.shown,
            accepted=node.income.shown,
        )


def _owners(tree: _Tree, nodes: Sequence[Node], paid: Money) -> dict[str, Money]:
    kept: dict[str, dict[int, int]] = {}
    for node in nodes:
        sums = kept.setdefault(node.product.owner, {0: 0})
        _add(sums, tree.level[node.product.name] + 1, node.rest.above)
    shares = {
        owner: Ratio(tree.raised(sums, max(sums), tree.belows), tree.belows[max(sums)])
        for owner, sums in kept.items()
    }
    parts = by_largest_remainder(shares, paid.minor)
    return {owner: Money(minor, paid.currency) for owner, minor in parts.items()}


def _by_name(products: Sequence[Product]) -> dict[str, Product]:
    known = {product.name: product for product in products}
    if len(known) != len(products):
        refuse("products", len(products), "each product once")
    for product in products:
        for use in product.uses:
            if use.source not in known:
                refuse(f"products.{product.name}.uses", use.source, "the name of a product")
    return known


def _downstream_first(known: Mapping[str, Product], sold: str) -> list[Product]:
    """The sold product and all upstream of it, each before its sources."""
    reached, waiting = {sold}, [sold]
    while waiting:
        for use in known[waiting.pop()].uses:
            if use.source not in reached:
                reached.add(use.source)
                waiting.append(use.source)
    sorter = TopologicalSorter(
        {name: [use.source for use in known[name].uses] for name in sorted(reached)}
    )
    try:
        upstream_first = list(sorter.static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise CircularProducts(
            f"The products {circle} are made of themselves; accepted are products without a circle.",
            field="products",
            value=circle,
            accepted="no circle",
        ) from None
    return [known[name] for name in reversed(upstream_first)]


def read_products(given: object, currency: str) -> list[Product]:
    """Products from JSON: [{"name", "owner", "uses"?: [{"source", "share"?, "each"?, "calls"?}]}].

    `each` is an amount in major units and may be finer than the currency. Raises BadValue.
    """
    rows = sequence(given, "products", most=PRODUCTS_MAX)
    return [
        _read_product(mapping(row, f"products[{index}]"), f"products[{index}]", currency)
        for index, row in enumerate(rows)
    ]


def _read_product(fields: Mapping[str, Any], name: str, currency: str) -> Product:
    uses = sequence(fields.get("uses", []), f"{name}.uses", most=USES_MAX)
    for wanted in ("name", "owner"):
        if not isinstance(fields.get(wanted), str) or not fields[wanted]:
            refuse(f"{name}.{wanted}", fields.get(wanted), "text")
    read = [
        _read_use(mapping(use, f"{name}.uses[{index}]"), f"{name}.uses[{index}]", currency)
        for index, use in enumerate(uses)
    ]
    return Product(fields["name"], fields["owner"], tuple(read))


def _read_use(fields: Mapping[str, Any], name: str, currency: str) -> Use:
    share = number(fields.get("share", 0), f"{name}.share")
    if not 0 <= share <= 1:
        refuse(f"{name}.share", share, "a share from 0 to 1")
    unit = read_money("1", name, currency).minor
    return Use(
        source=word(fields.get("source"), f"{name}.source"),
        share=share,
        each_minor=at_least_zero(fields.get("each", 0), f"{name}.each") * unit,
        calls=at_least_zero(fields.get("calls", 1), f"{name}.calls"),
    )
