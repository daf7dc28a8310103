"""Percentages of what was turned over: free events and amounts, fixed fees, per-event bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from pricing.charges.exact import text
from pricing.charges.lines import Line, LineKind, total
from pricing.charges.models import HUNDRED, Graduated, Usage
from pricing.charges.tiers import Tiers

ZERO = Fraction(0)


@dataclass(frozen=True)
class Free:
    """How much of a turnover is free: an amount of it, and whole events (no fixed fee)."""

    amount: Fraction
    events: int


@dataclass(frozen=True)
class Percentage:
    """rate × (turnover − free amount) + fixed × (events − free events).

    Free events and a free amount: the first that is exhausted ends both. The event that reaches the
    free amount is the first that pays the fixed fee. With a minimum or maximum per event every
    event is priced by itself and clamped after its fixed fee.
    """

    rate: Fraction
    fixed: Fraction = ZERO
    free_events: int | None = None
    free_amount: Fraction | None = None
    least: Fraction | None = None
    most: Fraction | None = None

    def free_of(self, running_totals: Sequence[Fraction]) -> Free:
        """What is free of a turnover whose first running totals are given.

        The totals may stop where nothing further can be free. Without them nothing is.
        """
        events, amount = self.free_events, self.free_amount
        seen = running_totals[:events] if events else running_totals
        reached = seen[-1] if seen else ZERO
        if not amount:
            return Free(reached, events) if events else Free(ZERO, 0)
        count = sum(1 for running in seen if running < amount)
        return Free(min(reached, amount), count)

    def aggregate(self, turnover: Fraction, count: int, free: Free) -> list[Line]:
        """The price of a turnover of so many events, of which some is free."""
        paid = max(ZERO, turnover - free.amount)
        made = [_free_line(free)] if free.amount or free.events else []
        made.append(_rate_line(paid, self.rate))
        paid_events = max(0, count - free.events) if turnover else 0
        if self.fixed and paid_events:
            fee = self.fixed * paid_events
            sentence = f"{paid_events} events at a fixed {text(self.fixed)} = {text(fee)}"
            made.append(Line(LineKind.EVENT, sentence, fee, Fraction(paid_events), self.fixed))
        return made

    def event_amounts(self, events: Sequence[Fraction]) -> list[Fraction]:
        """The price of every event by itself; zero for a free one."""
        left_events, left_amount = self.free_events or 0, self.free_amount or ZERO
        amounts: list[Fraction] = []
        for value in events:
            free = self._free_now(left_events, left_amount)
            if free and (not self.free_amount or value < left_amount):
                left_events, left_amount = left_events - 1, left_amount - value
                amounts.append(ZERO)
                continue
            paid = value - left_amount if free else value
            left_events, left_amount = 0, ZERO
            amounts.append(self._clamp(paid * self.rate + self.fixed))
        return amounts

    def lines(self, usage: Usage) -> list[Line]:
        if self.least is None and self.most is None:
            totals = list(accumulate(usage.events))
            count = len(usage.events)
            return self.aggregate(usage.units, count, self.free_of(totals))
        amounts = self.event_amounts(usage.events)
        return [
            _event_line(index, value, amount)
            for index, (value, amount) in enumerate(zip(usage.events, amounts, strict=True), 1)
        ]

    def _free_now(self, left_events: int, left_amount: Fraction) -> bool:
        """Whether the next event may still be free, wholly or in part."""
        by_events = left_events > 0 or not self.free_events
        by_amount = left_amount > 0 or not self.free_amount
        return by_events and by_amount and bool(self.free_events or self.free_amount)

    def _clamp(self, amount: Fraction) -> Fraction:
        if self.least is not None:
            amount = max(amount, self.least)
        return amount if self.most is None else min(amount, self.most)


@dataclass(frozen=True)
class GraduatedPercentage:
    """Graduated tiers over a turnover: a rate for the part in each tier, a flat price to enter."""

    tiers: Tiers

    def lines(self, usage: Usage) -> list[Line]:
        return Graduated(self.tiers).lines(usage)


def price_events(pricing: Percentage, events: Sequence[Fraction]) -> Fraction:
    """The exact price of events, whichever way the parameters ask for."""
    return total(pricing.lines(Usage(sum(events, ZERO), tuple(events))))


def _free_line(free: Free) -> Line:
    sentence = f"free: {text(free.amount)} of turnover and {free.events} whole events"
    return Line(LineKind.FREE, sentence, ZERO, free.amount, ZERO)


def _rate_line(paid: Fraction, rate: Fraction) -> Line:
    amount = paid * rate
    sentence = f"{text(paid)} of turnover at {text(rate * HUNDRED)} % = {text(amount)}"
    return Line(LineKind.PERCENTAGE, sentence, amount, paid, rate)


def _event_line(index: int, value: Fraction, amount: Fraction) -> Line:
    kind = LineKind.EVENT if amount else LineKind.FREE
    return Line(kind, f"event {index} of {text(value)} costs {text(amount)}", amount)
