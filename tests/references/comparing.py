"""A function of the library beside its slow twin, on inputs drawn at four scales."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

MOST = 6  # the most bids, parties or tiers that a drawn input usually has


class Scale(StrEnum):
    """How large the amounts of an input are."""

    TICKS = "ticks"  # 1 to 10, so that ties are everywhere
    MONEY = "money"  # whole money from 1.00 to 10,000.00 at two decimals
    NEAR = "near"  # near ties: a few steps around one amount of 10^5 to 10^10
    LARGEST = "largest"  # up to the largest amount that is accepted


@dataclass(frozen=True)
class Draw:
    """A source of input: `scale` sets the amounts, `size` how many of them there are (1 to MOST)."""

    random: Random
    scale: Scale
    size: int
    centre: int  # of the near ties

    def count(self, *, least: int = 0, most: int | None = None) -> int:
        """How many: from `least` to the size of this draw, never above `most`."""
        top = self.size if most is None else min(self.size, most)
        return self.random.randint(least, max(least, top))

    def amount(self, *, largest: int = 2**53, least: int = 1) -> int:
        """A whole amount between `least` and `largest` at this scale."""
        match self.scale:
            case Scale.TICKS:
                drawn = self.random.randint(1, 10)
            case Scale.MONEY:
                drawn = 100 * self.random.randint(1, 10_000)
            case Scale.NEAR:
                drawn = self.centre + self.random.randint(-3, 3)
            case Scale.LARGEST:
                near_top = self.random.random() < 0.5
                drawn = largest - self.random.randint(0, 3) if near_top else 0
                drawn = drawn or self.random.randint(1, largest)
        return min(max(drawn, least), largest)

    def amounts(self, how_many: int, *, largest: int = 2**53) -> list[int]:
        return [self.amount(largest=largest) for _ in range(how_many)]


@dataclass(frozen=True)
class Comparison:
    """`ours` and `twin` answer the same drawn input; `check` may hold laws of the answer.

    `quick` is how many inputs of each scale the usual run of the tests draws; a slow twin has fewer.
    An answer is compared by `==`; where several are right, `ours` returns what must be equal (the
    welfare, say) and `check` tests the rest, raising AssertionError.
    """

    function: str  # the public name: `markets.call_market`
    draw: Callable[[Draw], Any]
    ours: Callable[[Any], Any]
    twin: Callable[[Any], Any]
    check: Callable[[Any, Any], None] = lambda _given, _answer: None
    quick: int = 100
    scales: tuple[Scale, ...] = tuple(Scale)


@dataclass(frozen=True)
class Difference:
    """An input on which the library and its twin differ, or on which a law does not hold."""

    function: str
    scale: Scale
    seed: int
    given: object
    ours: object
    twin: object

    def __str__(self) -> str:
        return (
            f"{self.function} at scale {self.scale}, seed {self.seed}: for {self.given!r} "
            f"the library gives {self.ours!r}, its twin {self.twin!r}"
        )


def drawn(comparison: Comparison, scale: Scale, seed: int) -> Any:
    """The input of a seed: the same on every machine. Small seeds give small inputs."""
    random = Random(f"{comparison.function} {scale} {seed}")  # noqa: S311 - examples, no secrets
    centre = 10 ** random.randint(5, 10) + random.randint(0, 9)
    return comparison.draw(Draw(random, scale, 1 + seed % MOST, centre))


def compared(comparison: Comparison, scale: Scale, seed: int) -> Difference | None:
    """Compare one input. An exception of the library is its answer, unless the twin raises it too."""
    given = drawn(comparison, scale, seed)
    twin = _answer(comparison.twin, given)
    ours = _answer(comparison.ours, given)
    if ours == twin:
        try:
            comparison.check(given, ours)
        except AssertionError as broken:
            twin = f"a broken law: {broken}"
        else:
            return None
    return Difference(comparison.function, scale, seed, given, ours, twin)


def _answer(function: Callable[[Any], Any], given: object) -> object:
    try:
        return function(given)
    except Exception as error:  # noqa: BLE001 - whatever the library raises is an answer here
        return type(error).__name__, getattr(error, "code", str(error))
