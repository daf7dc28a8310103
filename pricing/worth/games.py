"""Cooperative games: what every coalition earns.

Players of one kind are interchangeable, so a coalition is a count of each kind. A game in which
every player differs is the case of kinds of one player each.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product, repeat
from math import lcm, prod
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.exact import (
    SHOWN_MAX,
    above_zero,
    mapping,
    name_of,
    number,
    refuse,
    sequence,
    whole,
    word,
)
from pricing.refusals import PricingRefusal
from pricing.worth.prefixes import Prefixes, alike, of_table

PARTIES_MAX = 12
PLAYERS_MAX = 10_000
STATES_MAX = 2**PARTIES_MAX

Counts = tuple[int, ...]
Value = Callable[[Counts], Fraction]


class TooManyCoalitions(PricingRefusal):
    """An exact share needs more coalitions than are tried; sampling answers with error bars."""

    code = "too_many_coalitions"


@dataclass(frozen=True)
class Game:
    """Players, each of the kind 0, 1, …; `value` of how many of each kind take part; v(nobody) = 0.

    `prefixes`, where the game has it, evaluates many orders of players at once.
    """

    kinds: tuple[int, ...]
    value: Value
    prefixes: Prefixes | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.kinds) <= PLAYERS_MAX:
            refuse("players", len(self.kinds), f"1 to {PLAYERS_MAX} players")
        nobody = self.value((0,) * len(self.sizes))
        if nobody != 0:
            refuse("value of nobody", nobody, "0: nobody earns nothing")

    @property
    def players(self) -> int:
        return len(self.kinds)

    @cached_property
    def sizes(self) -> Counts:
        """How many players there are of each kind."""
        found = Counter(self.kinds)
        return tuple(found[kind] for kind in range(max(found) + 1))

    @property
    def whole(self) -> Fraction:
        """What all earn together."""
        return self.value(self.sizes)

    def coalitions(self) -> Iterator[Counts]:
        """Every count of every kind. Raises TooManyCoalitions above the limit."""
        states = prod(size + 1 for size in self.sizes)
        if states > STATES_MAX:
            raise TooManyCoalitions(
                f"An exact share of {self.players} players needs {states:,} coalitions; accepted are"
                f" at most {STATES_MAX:,}, which is {PARTIES_MAX} different parties. Sample instead.",
                field="players",
                value=self.players,
                accepted=STATES_MAX,
            )
        return product(*(range(size + 1) for size in self.sizes))


def table_game(parties: Sequence[str], values: Mapping[str, Fraction], *, joint: str) -> Game:
    """A game by its table: names of parties joined by `joint` -> value; coalitions left out earn 0.

    With `joint` empty, the names are single letters: "AB". Raises BadValue for an unknown party.
    """
    if len(set(parties)) != len(parties) or not parties:
        refuse("parties", list(parties), "one or more parties, each once")
    known = frozenset(parties)
    worth: dict[frozenset[str], Fraction] = {}
    for coalition, value in values.items():
        members = [name.strip() for name in (coalition.split(joint) if joint else coalition)]
        present = frozenset(name for name in members if name)
        if (
            not present <= known
            or present in worth
            or len(present) != len(list(filter(None, members)))
        ):
            refuse(f"values.{coalition}"[:SHOWN_MAX], value, "a coalition of the parties, once")
        worth[present] = value

    def value_of(counts: Counts) -> Fraction:
        present = frozenset(name for name, count in zip(parties, counts, strict=True) if count)
        return worth.get(present, Fraction(0))

    return Game(tuple(range(len(parties))), value_of, of_table(parties, worth))


def shoes_game(left: int, right: int) -> Game:
    """Left and right shoes: a coalition earns one for each pair."""
    if min(left, right) == 0:  # one kind alone makes no pair
        return Game((0,) * (left + right), lambda _: Fraction(0), alike(lambda _: 0))
    kinds = (0,) * left + (1,) * right
    is_right = np.array(kinds, dtype=np.int64)

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        rights = np.cumsum(is_right[orders], axis=1)
        lefts = np.arange(1, left + right + 1) - rights
        pairs: NDArray[np.float64] = np.minimum(lefts, rights).astype(np.float64)
        return pairs

    return Game(kinds, lambda counts: Fraction(min(counts)), prefixes)


def voting_game(players: int) -> Game:
    """One member, one vote: a coalition earns 1 with more than half of the votes."""
    prefixes = alike(lambda size: 2 * size > players)
    return Game((0,) * players, lambda counts: Fraction(2 * counts[0] > players), prefixes)


def miner_game(players: int) -> Game:
    """It takes two to carry one piece of treasure."""
    prefixes = alike(lambda size: size // 2)
    return Game((0,) * players, lambda counts: Fraction(counts[0] // 2), prefixes)


def weighted_voting_game(weights: Sequence[int], quota: Fraction | None = None) -> Game:
    """A coalition earns 1 with more weight than `quota`, which is half of all weight if not given."""
    total = sum(weights)
    bound = Fraction(total, 2) if quota is None else quota
    distinct = sorted(set(weights), reverse=True)
    by_player = np.array(weights, dtype=np.int64)
    floor_of_bound = bound.numerator // bound.denominator  # whole weights exceed it alike

    def value_of(counts: Counts) -> Fraction:
        held = sum(weight * count for weight, count in zip(distinct, counts, strict=True))
        return Fraction(held > bound)

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        held = np.cumsum(by_player[orders], axis=1)
        return (held > floor_of_bound).astype(np.float64)

    return Game(_kinds(weights, distinct), value_of, prefixes)


def largest_need_game(needs: Sequence[Fraction]) -> Game:
    """A coalition's figure is the largest need in it (the airport game: one runway for all)."""
    distinct = sorted(set(needs), reverse=True)

    def value_of(counts: Counts) -> Fraction:
        present = (need for need, count in zip(distinct, counts, strict=True) if count)
        return next(present, Fraction(0))

    by_player = np.array([float(need) for need in needs])

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        largest: NDArray[np.float64] = np.maximum.accumulate(by_player[orders], axis=1)
        return largest

    return Game(_kinds(needs, distinct), value_of, prefixes)


def _kinds(
    figures: Sequence[int | Fraction], distinct: Sequence[int | Fraction]
) -> tuple[int, ...]:
    places = {figure: kind for kind, figure in enumerate(distinct)}
    return tuple(places[figure] for figure in figures)


def read_weights(given: object) -> list[int]:
    """Whole weights as a list, or as text in which "26x2" stands for two of 26."""
    if not isinstance(given, str):
        return [
            whole(weight, f"weights[{index}]", least=0, most=2**40)
            for index, weight in enumerate(sequence(given, "weights", most=PLAYERS_MAX))
        ]
    weights: list[int] = []
    for index, entry in enumerate(given.split(",")):
        weight, _, times = entry.strip().partition("x")
        count = whole(times or 1, f"weights[{index}]", least=1, most=PLAYERS_MAX)
        weights += [whole(weight, f"weights[{index}]", least=0, most=2**40)] * count
    return weights


def read_game(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    """A game from JSON with the names of its players, in the order in which they are given.

    {"left", "right"}: shoes; {"weights", "quota"?}: weighted votes; {"needs"} or {"costs"}: the largest;
    {"players"} or {"n"}: one vote each, or with "game": "miner" pairs; {"parties"?, "values"}: a table
    of coalitions written "AB", "grid+gas" or "grid,gas".
    """
    known = [name for name in READERS if name in fields]
    if not known:
        refuse("game", sorted(fields), f"a game with one of the fields {', '.join(READERS)}")
    return READERS[known[0]](fields)


def _read_shoes(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    left = whole(fields["left"], "left", least=0, most=PLAYERS_MAX)
    right = whole(fields.get("right"), "right", least=0, most=PLAYERS_MAX)
    names = [f"left {i}" for i in range(1, left + 1)] + [f"right {i}" for i in range(1, right + 1)]
    return shoes_game(left, right), names


def _read_votes(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    weights = read_weights(fields["weights"])
    quota = fields.get("quota")
    bound = None if quota is None else number(quota, "quota")
    if not weights or (bound is not None and bound < 0) or (bound is None and not sum(weights)):
        refuse("weights", weights, "one or more weights, not all zero, and a quota of zero or more")
    return weighted_voting_game(weights, bound), _numbered(len(weights))


def _read_needs(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    name = "needs" if "needs" in fields else "costs"
    given = sequence(fields[name], name, most=PLAYERS_MAX)
    needs = [above_zero(need, f"{name}[{index}]") for index, need in enumerate(given)]
    return largest_need_game(needs), _numbered(len(needs))


def _numbered(players: int) -> list[str]:
    return [str(place) for place in range(1, players + 1)]


def _read_players(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    name = "players" if "players" in fields else "n"
    count = whole(fields[name], name, least=1, most=PLAYERS_MAX)
    said = word(fields.get("game", "votes"), "game").lower()
    pairs = "miner" in said or "floor" in said
    return (miner_game if pairs else voting_game)(count), _numbered(count)


def _read_table(fields: Mapping[str, Any]) -> tuple[Game, list[str]]:
    given = mapping(fields["values"], "values")
    values = {name: number(value, f"values.{name}"[:SHOWN_MAX]) for name, value in given.items()}
    signs = [sign for sign in ("+", ",") if any(sign in name for name in values)]
    joint = word(fields["joint"], "joint") if fields.get("joint") else "".join(signs[:1])
    if "parties" in fields:
        given_names = sequence(fields["parties"], "parties", most=PLAYERS_MAX)
        parties = [name_of(name, f"parties[{index}]") for index, name in enumerate(given_names)]
        joint = joint or ("+" if any(len(name) > 1 for name in parties) else "")
    else:
        words = [name.split(joint) if joint else list(name) for name in values]
        parties = sorted({word.strip() for found in words for word in found if word.strip()})
    return table_game(parties, values, joint=joint), parties


READERS: dict[str, Callable[[Mapping[str, Any]], tuple[Game, list[str]]]] = {
    "left": _read_shoes,
    "weights": _read_votes,
    "needs": _read_needs,
    "costs": _read_needs,
    "values": _read_table,
    "players": _read_players,
    "n": _read_players,
}


def shapley(game: Game) -> list[Fraction]:
    """Shapley values of the players in their order; they sum to what all earn together.

    Efficient, symmetric, additive, and nothing for who adds nothing. Raises TooManyCoalitions.
    """
    return beta_shapley(game, 1, 1)


def banzhaf(game: Game) -> list[Fraction]:
    """Banzhaf values: the mean of what a player adds over all coalitions of the others.

    They need not sum to what all earn. Raises TooManyCoalitions.
    """
    return _weighed(game, repeat(1, game.players), 2 ** (game.players - 1))


def beta_shapley(game: Game, alpha: object, beta: object) -> list[Fraction]:
    """Beta(α, β) Shapley values: Beta(1, 1) is Shapley; α above β favours small coalitions.

    They need not sum to what all earn. Raises BadValue, TooManyCoalitions.
    """
    a, b = above_zero(alpha, "alpha"), above_zero(beta, "beta")
    unit = lcm(a.denominator, b.denominator)
    steps = range(0, (game.players - 1) * unit, unit)
    below = prod((int((a + b) * unit) + step for step in steps), start=1)
    return _weighed(game, _beta_weights(int(a * unit), int(b * unit), steps), below)


def _beta_weights(a: int, b: int, steps: range) -> Iterator[int]:
    """For s = 0, 1, …: the product of b + step over s steps and of a + step over the others.

    Each follows from the one before by one factor more and one less, without a fraction.
    """
    weight = prod((a + step for step in steps), start=1)
    yield weight
    for more, less in zip(steps, reversed(steps), strict=True):
        weight = weight * (b + more) // (a + less)
        yield weight


def semivalue(game: Game, weight: Callable[[int], Fraction]) -> list[Fraction]:
    """A share for each player: `weight(s)` weighs a coalition of s others."""
    weights = [weight(s) for s in range(game.players)]
    below = lcm(*(each.denominator for each in weights))
    return _weighed(game, (int(each * below) for each in weights), below)


def _weighed(game: Game, weights: Iterable[int], below: int) -> list[Fraction]:
    """Σ over s of weight(s) / below times what a player adds to the coalitions of s others."""
    values = {counts: game.value(counts) for counts in game.coalitions()}
    unit = lcm(*(value.denominator for value in values.values()))
    whole_values = {counts: int(value * unit) for counts, value in values.items()}
    kinds = [_added_by_size(game.sizes, kind, whole_values) for kind in range(len(game.sizes))]
    totals = [0] * len(kinds)
    for s, weight in enumerate(weights):
        for kind, by_size in enumerate(kinds):
            if s in by_size:
                totals[kind] += weight * by_size[s]
    by_kind = [Fraction(total, below * unit) for total in totals]
    return [by_kind[kind] for kind in game.kinds]


def _added_by_size(
    sizes: tuple[int, ...], kind: int, coalitions: Mapping[Counts, int]
) -> dict[int, int]:
    """What one player of a kind adds to all coalitions of the others, summed by their size."""
    others = tuple(size - (index == kind) for index, size in enumerate(sizes))
    # How many ways there are to take some of a kind; one way each where it has one player.
    ways = {index: _chosen(size) for index, size in enumerate(others) if size > 1}
    by_size: dict[int, int] = {}
    for counts, value in coalitions.items():
        if counts[kind] > others[kind]:
            continue
        joined = (*counts[:kind], counts[kind] + 1, *counts[kind + 1 :])
        added = coalitions[joined] - value
        if added:
            s = sum(counts)
            times = prod(row[counts[index]] for index, row in ways.items())
            by_size[s] = by_size.get(s, 0) + added * times
    return by_size


def _chosen(size: int) -> list[int]:
    """How many ways there are to choose 0, 1, … of so many."""
    row = [1]
    for count in range(size):
        row.append(row[-1] * (size - count) // (count + 1))
    return row


SEED_MAX = 10**18 - 1
ORDERS_MAX = 10_000_000
ADDITIONS_MAX = 100_000_000  # orders × players: some ten seconds
# Orders × players × (kinds + 25) of a game that knows single coalitions only: some ten seconds too.
WALKED_MAX = 200_000_000
KINDS_ADDED = 25
CELLS_PER_BLOCK = 2_000_000  # orders × players held in memory at once
REMEMBERED_MAX = 200_000  # coalitions whose value is kept


@dataclass(frozen=True)
class Sampled:
    """Estimates for each player; `margin` is half the width of the confidence interval of each.

    Every order pays out the whole exactly, so the estimates sum to it but for float rounding.
    """

    values: tuple[float, ...]
    standard_errors: tuple[float, ...]
    margin: tuple[float, ...]
    orders: int
    seed: int
    confidence: Fraction


def sample_shapley(
    game: Game, *, orders: object = 10_000, seed: object = 0, confidence: object = "0.95"
) -> Sampled:
    """Shapley values from `orders` random orders of the players, drawn with the given seed.

    What a player adds to those before it in a random order is an unbiased sample of its value. The
    same seed and the same numpy give the same estimates. Raises BadValue.
    """
    count = whole(orders, "orders", least=2, most=ORDERS_MAX)
    seeded = whole(seed, "seed", least=0, most=SEED_MAX)
    level = number(confidence, "confidence")
    if not 0 < level < 1:
        refuse("confidence", confidence, "a probability between 0 and 1, neither included")
    most = ADDITIONS_MAX
    if game.prefixes is None:
        most = min(most, WALKED_MAX // (len(game.sizes) + KINDS_ADDED))
    if count * game.players > most:
        refuse("orders", count, f"at most {most // game.players} for {game.players} players")
    prefixes = game.prefixes or one_by_one(game)
    total, squares = _accumulate(prefixes, game.players, count, np.random.default_rng(seeded))
    mean = total / count
    spread = np.maximum(squares - count * mean**2, 0) / (count - 1)
    errors = np.sqrt(spread / count)
    width = NormalDist().inv_cdf(float((1 + level) / 2))
    return Sampled(
        values=tuple(mean.tolist()),
        standard_errors=tuple(errors.tolist()),
        margin=tuple((errors * width).tolist()),
        orders=count,
        seed=seeded,
        confidence=level,
    )


def _accumulate(
    prefixes: Prefixes, players: int, count: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums and sums of squares of what every player adds, block by block."""
    total, squares = np.zeros(players), np.zeros(players)
    block = max(1, CELLS_PER_BLOCK // players)
    for start in range(0, count, block):
        rows = min(block, count - start)
        orders = random.permuted(np.tile(np.arange(players), (rows, 1)), axis=1)
        earned = prefixes(orders)
        added = np.diff(earned, axis=1, prepend=0.0)
        by_player = np.empty_like(added)
        np.put_along_axis(by_player, orders, added, axis=1)
        total += by_player.sum(axis=0)
        squares += (by_player**2).sum(axis=0)
    return total, squares


def one_by_one(game: Game) -> Prefixes:
    """Prefix values of a game that knows single coalitions only; values seen are remembered."""
    kinds = np.array(game.kinds)
    seen: dict[Counts, float] = {}

    def value(counts: Counts) -> float:
        known = seen.get(counts)
        if known is None:
            known = float(game.value(counts))
            if len(seen) < REMEMBERED_MAX:
                seen[counts] = known
        return known

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        earned = np.empty(orders.shape)
        for row, order in enumerate(kinds[orders].tolist()):
            earned[row] = _along(order, len(game.sizes), value)
        return earned

    return prefixes


def _along(order: Sequence[int], kinds: int, value: Callable[[Counts], float]) -> list[float]:
    counts = [0] * kinds
    earned = []
    for kind in order:
        counts[kind] += 1
        earned.append(value(tuple(counts)))
    return earned
