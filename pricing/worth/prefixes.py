"""What the first players of many orders earn, all orders at once, for games that sampling asks often."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

# Orders of all players, one in each row -> what the first 1, 2, … n players of each row earn.
Prefixes = Callable[[NDArray[np.intp]], NDArray[np.float64]]


def alike(earned: Callable[[int], int]) -> Prefixes:
    """Prefixes of a game in which only the number of players matters."""

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        row = [float(earned(size)) for size in range(1, orders.shape[1] + 1)]
        return np.tile(np.array(row), (len(orders), 1))

    return prefixes


def of_table(parties: Sequence[str], worth: Mapping[frozenset[str], Fraction]) -> Prefixes | None:
    """Where the table is short: a prefix earns something where it is one of the coalitions.

    It is one if the last of the coalition's members comes as late as the coalition is large.
    """
    if sum(map(len, worth)) > len(parties) ** 2:
        return None
    place = {party: index for index, party in enumerate(parties)}
    listed = [
        (np.array([place[party] for party in present]), float(value))
        for present, value in worth.items()
        if present
    ]

    def prefixes(orders: NDArray[np.intp]) -> NDArray[np.float64]:
        earned, places = np.zeros(orders.shape), np.empty_like(orders)
        np.put_along_axis(places, orders, np.arange(len(parties))[None, :], axis=1)
        for members, value in listed:
            complete = places[:, members].max(axis=1) == len(members) - 1
            earned[complete, len(members) - 1] = value
        return earned

    return prefixes
