"""How far properties and seeded histories dig: as often as is usual, or many times as often.

`TEST_DEPTH` names the depth of a run; `make test-heavy` and `make test-long` set it. Hypothesis draws
other examples in every run, so depth finds what a quick run would meet by chance in weeks. Where `CI` is
set it draws the same ones each time: a gate that a change did not close must not close by chance. What is
found becomes a test of its own, with the exact values.
"""

import os
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Depth:
    """Factors on the usual number of examples of a property and of seeded histories."""

    examples: int
    histories: int


DEPTHS = {
    "usual": Depth(examples=1, histories=1),
    "heavy": Depth(examples=50, histories=5),
    "long": Depth(examples=500, histories=50),
}
DEPTH = DEPTHS[os.environ.get("TEST_DEPTH", "usual")]
SAME_EACH_TIME = bool(os.environ.get("CI"))
EXAMPLES_USUAL = 100  # Hypothesis' own


def examples(usual: int = EXAMPLES_USUAL) -> int:
    """How many examples a property tries that usually tries so many."""
    return usual * DEPTH.examples


def slow_examples(usual: int = EXAMPLES_USUAL) -> int:
    """As `examples`, a fifth as deep: for properties whose examples take some milliseconds each.

    A file of a dozen such properties ends in about two minutes of the heavy run.
    """
    return usual * max(1, DEPTH.examples // 5)


def histories(usual: int) -> range:
    """The seeds of histories of which there are usually so many."""
    return range(usual * DEPTH.histories)


# A test of the deep runs alone: what takes long and waits, as whole processes that are killed do.
ONLY_DEEP = pytest.mark.skipif(DEPTH.histories == 1, reason="the deep run: make test-heavy")
