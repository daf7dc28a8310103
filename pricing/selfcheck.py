"""The library against its slow twins, on the machine it runs on: `python -m pricing selfcheck`."""

import importlib
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from pricing.refusals import PricingRefusal

TWINS = "tests.references.registry"


class NoTwins(PricingRefusal):
    """The twins lie beside the library in a checkout; an installed package does not carry them."""

    code = "no_twins"


def twins() -> tuple[Any, ...]:
    """All comparisons of `tests/references`. Raises NoTwins outside a checkout."""
    try:
        return tuple(importlib.import_module(TWINS).ALL)
    except ModuleNotFoundError:
        raise NoTwins(
            "The slow twins are not here. Run this from the folder of a checkout of the project."
        ) from None


def selfcheck(*, seconds: float, first_seed: int, only: str = "") -> tuple[Counter[str], list[Any]]:
    """Compare inputs in turn until the time is over: how many by function, and what differed.

    A function that differed is not tried further. `only` is the beginning of the functions' names.
    """
    compared = importlib.import_module("tests.references.comparing").compared
    tried: Counter[str] = Counter()
    differences: dict[str, Any] = {}
    ends = time.monotonic() + seconds
    for comparison, scale, seed in _in_turn(only, first_seed):
        if time.monotonic() > ends:
            break
        if comparison.function in differences:
            continue
        tried[comparison.function] += 1
        if difference := compared(comparison, scale, seed):
            differences[comparison.function] = difference
            if len(differences) == len(tried):
                break
    return tried, list(differences.values())


def _in_turn(only: str, first_seed: int) -> Iterator[tuple[Any, Any, int]]:
    chosen = [twin for twin in twins() if twin.function.startswith(only)]
    for seed in count(first_seed) if chosen else ():
        for comparison in chosen:
            for scale in comparison.scales:
                yield comparison, scale, seed
