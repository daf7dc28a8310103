"""Workings: a sheet takes a method's parameters one by one and writes down every step.

A method is a function of a `Sheet` that returns a figure. What it asked the sheet for are its
parameters, with their sources; what it noted are its steps. So nothing enters a value unlisted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import Enum
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from pricing.exact import (
    SHOWN_MAX,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    whole,
)

NOT_STATED = "not stated"
BY_DEFAULT = "by default"
YEARS_MAX = 200
ENTRIES_MAX = 1_000
PLACES_SHOWN = 10
RATE_MOST = 10
SHOWN_SCALE = 10**PLACES_SHOWN
FIGURE_MOST = 10**1000  # beyond, nobody reads it, and Python writes out no more than 4,300 digits


class Standing(Enum):
    """Where a formula comes from. None of them makes a value an appraiser's opinion."""

    PUBLISHED = "a published formula, recomputed"
    DECISION_SUPPORT = (
        "decision support: recalled from practice, not compared with its official text"
    )


@dataclass(frozen=True)
class Parameter:
    """A parameter as it was given, with where it comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True)
class Step:
    """One line of arithmetic: the formula, the figures put into it, and what it gives, exact."""

    name: str
    formula: str
    working: str
    value: Fraction


def shown(exact: Fraction) -> str:
    """A figure for a reader: at most ten decimal places, rounded half away from zero."""
    below = exact.denominator
    scaled = (2 * abs(exact.numerator) * SHOWN_SCALE + below) // (2 * below)
    whole_part, places = divmod(scaled, SHOWN_SCALE)
    digits = f"{whole_part}.{places:0{PLACES_SHOWN}}".rstrip("0").rstrip(".")
    return f"-{digits}" if exact < 0 and scaled else digits


def named_sum(figures: Mapping[str, Fraction]) -> str:
    """Named figures as the sum that they make."""
    return " + ".join(f"{shown(figure)} {name}" for name, figure in figures.items())


def named_product(figures: Mapping[str, Fraction]) -> str:
    """Named figures as the product that they make."""
    return " × ".join(f"{shown(figure)} {name}" for name, figure in figures.items())


class Sheet:
    """Parameters by name, each a value or {"value", "source"}; the steps as they are taken.

    With `strict`, every parameter needs a source and nothing is taken by default. With `silent`, nothing
    is written down: only the value is wanted.
    """

    def __init__(
        self, fields: Mapping[str, Any], *, strict: bool = False, silent: bool = False
    ) -> None:
        self.fields = fields
        self.strict = strict
        self.silent = silent
        self.parameters: list[Parameter] = []
        self.steps: list[Step] = []
        self.taken: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether the parameter is given at all."""
        return name in self.fields

    def take(self, name: str, default: object = None) -> Any:
        """The raw value of a parameter, listed with its source. Raises BadValue where it lacks."""
        given = self.fields.get(name, default)
        source = NOT_STATED if name in self.fields else BY_DEFAULT
        if isinstance(given, Mapping) and "value" in given and set(given) <= {"value", "source"}:
            said = given.get("source", NOT_STATED)
            given, source = given["value"], said if said == "" else name_of(said, f"{name}.source")
        if given is None and name not in self.fields:
            refuse(name, None, "a value: the method needs it")
        if self.strict and (source in (NOT_STATED, BY_DEFAULT) or not source.strip()):
            refuse(f"{name}.source", None, 'a value with its source: {"value": …, "source": "…"}')
        self.taken.add(name)
        if not self.silent:
            self.parameters.append(Parameter(name, _written(given), source))
        return given

    def step(
        self, name: str, formula: str, value: Fraction, working: str, *figures: Fraction | int | str
    ) -> Fraction:
        """Note a step and hand its value on. The figures are written into the working's braces.

        Raises BadValue for a figure that nobody could read.
        """
        if not -FIGURE_MOST < value < FIGURE_MOST:
            refuse(name, "a figure of more than 1,000 digits", "figures of at most 1,000 digits")
        if self.silent:
            return value
        written = (shown(Fraction(f)) if not isinstance(f, str) else f for f in figures)
        self.steps.append(Step(name, formula, working.format(*written), value))
        return value

    def figure(self, name: str, default: object = None) -> Fraction:
        """A number of either sign."""
        return number(self.take(name, default), name)

    def amount(self, name: str, default: object = None) -> Fraction:
        """A number of zero or more."""
        return self._bounded(name, default, Fraction(0), None)

    def share(self, name: str, default: object = None) -> Fraction:
        """A share from 0 to 1."""
        return self._bounded(name, default, Fraction(0), Fraction(1))

    def factor(self, name: str, default: object = None) -> Fraction:
        """A number above zero."""
        exact = self.figure(name, default)
        if exact <= 0:
            refuse(name, exact, "a number above zero")
        return exact

    def rate(self, name: str = "rate") -> Fraction:
        """A yearly rate above −100 %, at most 1000 %; or the parts that it is built up from."""
        given = self.take(name)
        if isinstance(given, Mapping):
            parts = {part: number(value, f"{name}.{part}") for part, value in given.items()}
            total = sum(parts.values(), Fraction(0))
            exact = self.step("rate built up", "i = Σ parts", total, "{}", named_sum(parts))
        else:
            exact = number(given, name)
        if not -1 < exact <= RATE_MOST:
            refuse(name, exact, "a rate above -1 (-100 %) and at most 10")
        return exact

    def series(self, name: str) -> list[Fraction]:
        """One number for each year; or {"first", "growth", "years"}, which grow steadily."""
        given = self.take(name)
        if isinstance(given, Mapping):
            return _grown(given, name)
        figures = sequence(given, name, most=YEARS_MAX)
        if not figures:
            refuse(name, given, "one number for each year")
        return [number(figure, f"{name}[{index}]") for index, figure in enumerate(figures)]

    def named(self, name: str) -> dict[str, Fraction]:
        """An object of numbers of either sign, by name."""
        found = mapping(self.take(name), name)
        if not 1 <= len(found) <= ENTRIES_MAX:
            refuse(name, f"{len(found)} entries", f"1 to {ENTRIES_MAX} named numbers")
        return {key: number(value, f"{name}.{key}"[:SHOWN_MAX]) for key, value in found.items()}

    def rows(self, name: str) -> Sequence[Any]:
        """A list of objects."""
        rows = sequence(self.take(name), name, most=ENTRIES_MAX)
        if not rows:
            refuse(name, rows, "one or more entries")
        return [mapping(row, f"{name}[{index}]") for index, row in enumerate(rows)]

    def choice(self, name: str, accepted: Sequence[str], default: str) -> str:
        """One of some words; spaces, hyphens and case do not matter."""
        said = str(self.take(name, default)).lower().replace("-", " ").replace("_", " ")
        if said not in accepted:
            refuse(name, said, f"one of {', '.join(accepted)}")
        return said

    def check_all_read(self) -> None:
        """Raises BadValue for a parameter that the method did not read, such as a misspelt one."""
        left = sorted(set(self.fields) - self.taken)
        if left:
            refuse(left[0], self.fields[left[0]], f"only {', '.join(sorted(self.taken))}")

    def _bounded(
        self, name: str, default: object, least: Fraction, most: Fraction | None
    ) -> Fraction:
        exact = self.figure(name, default)
        if exact < least or (most is not None and exact > most):
            refuse(name, exact, "zero or more" if most is None else "a share from 0 to 1")
        return exact


def _grown(given: Mapping[str, Any], name: str) -> list[Fraction]:
    first = number(given.get("first"), f"{name}.first")
    growth = number(given.get("growth", 0), f"{name}.growth")
    years = number(given.get("years"), f"{name}.years")
    if years.denominator != 1 or not 1 <= years <= YEARS_MAX:
        refuse(f"{name}.years", years, f"a whole number from 1 to {YEARS_MAX}")
    if growth <= -1:
        refuse(f"{name}.growth", growth, "a rate above -1 (-100 %)")
    return [first * (1 + growth) ** year for year in range(int(years))]


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_written(entry)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_written(entry) for entry in value)
    return "none" if value is None else str(value)


Run = Callable[[Sheet], Fraction]


@dataclass(frozen=True)
class Method:
    """A method: its formula in words of its parameters, where that is from, and the arithmetic."""

    title: str
    formula: str
    standing: Standing
    run: Run


def method(
    methods: dict[str, Method], title: str, formula: str, *, published: bool = False
) -> Callable[[Run], Run]:
    """Register a function among methods, by its own name."""
    standing = Standing.PUBLISHED if published else Standing.DECISION_SUPPORT

    def register(run: Run) -> Run:
        methods[run.__name__] = Method(title, formula, standing, run)
        return run

    return register


@dataclass(frozen=True)
class Valuation:
    """What a method gives, exact, with all that an auditor needs to redo it by hand."""

    name: str
    method: Method
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    value: Fraction

    def figure(self, name: str) -> Fraction:
        """The value of a step by its name."""
        return next(step.value for step in self.steps if step.name == name)


END, MID, START = "end of year", "mid year", "start of year"
TIMINGS = (END, MID, START)
DIGITS = 60
ONE = Fraction(1)


@dataclass(frozen=True)
class Discounting:
    """A yearly rate above −1, and when in the year money comes."""

    rate: Fraction
    timing: str = END

    def factor(self, year: int) -> Fraction:
        """What one unit of year 1, 2, … is worth today."""
        return self.lift / (1 + self.rate) ** year

    @cached_property
    def lift(self) -> Fraction:
        """How much more money is worth that does not wait for the end of its year."""
        if self.timing == MID:
            return square_root(1 + self.rate)
        return 1 + self.rate if self.timing == START else ONE

    @property
    def formula(self) -> str:
        power = {END: "t", MID: "(t − ½)", START: "(t − 1)"}[self.timing]
        return f"1/(1 + i)^{power}"


def square_root(exact: Fraction) -> Fraction:
    """A square root to sixty digits."""
    with localcontext(prec=DIGITS):
        return Fraction((Decimal(exact.numerator) / Decimal(exact.denominator)).sqrt())


def read_discounting(sheet: Sheet) -> Discounting:
    """`rate` and `timing`."""
    return Discounting(sheet.rate(), sheet.choice("timing", TIMINGS, END))


def present_value(
    sheet: Sheet,
    flows: Sequence[Fraction],
    discounting: Discounting,
    *,
    name: str = "present value",
) -> Fraction:
    """Note each year's flow at today's worth, and their sum."""
    if sheet.silent:
        return discounting.lift * _discounted(flows, 1 + discounting.rate)
    total = Fraction(0)
    for year, flow in enumerate(flows, 1):
        factor = discounting.factor(year)
        formula = f"F_t × {discounting.formula}"
        total += sheet.step(f"year {year}", formula, flow * factor, "{} × {}", flow, factor)
    return sheet.step(name, "Σ of the years", total, "{} years", len(flows))


def _discounted(flows: Sequence[Fraction], growth: Fraction) -> Fraction:
    """Σ F_t / growth^t over one denominator, which is reduced once."""
    common = lcm(*(flow.denominator for flow in flows))
    total, power = 0, 1
    for flow in flows:
        power *= growth.denominator
        total = total * growth.numerator + int(flow * common) * power
    return Fraction(total, common * growth.numerator ** len(flows))


def tax_benefit(sheet: Sheet, tax: Fraction, discounting: Discounting) -> Fraction:
    """The factor for the tax saved by amortising the asset over `tab_life` years; 1 where it is none.

    1 / (1 − τ · a(n, i) / n), with a the sum of the discount factors of n years. Raises BadValue where
    the denominator is not above zero.
    """
    given = sheet.take("tab_life", 0)
    if given is None or number(given, "tab_life") == 0:
        return sheet.step("tax benefit", "none is taken", ONE, "1")
    life = whole(given, "tab_life", least=1, most=YEARS_MAX)
    annuity = sum((discounting.factor(year) for year in range(1, life + 1)), Fraction(0))
    sheet.step("annuity", f"a = Σ {discounting.formula}", annuity, "{} years", life)
    below = 1 - tax * annuity / life
    if below <= 0:
        refuse("tab_life", life, "a life and a tax rate with τ · a(n, i) / n below 1")
    formula, working = "1 / (1 − τ · a / n)", "1 / (1 − {} × {} / {})"
    return sheet.step("tax benefit", formula, 1 / below, working, tax, annuity, life)
