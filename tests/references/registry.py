"""All comparisons, in the order of the library's rooms."""

from tests.references import (
    charges,
    core,
    curves,
    digital,
    english,
    games,
    licences,
    markets,
    methods,
    neighbours,
    packages,
    periods,
    proceeds,
    single,
    units,
    views,
)
from tests.references.comparing import Comparison

ALL: tuple[Comparison, ...] = (
    *charges.COMPARISONS,
    *periods.COMPARISONS,
    *single.COMPARISONS,
    *english.COMPARISONS,
    *units.COMPARISONS,
    *markets.COMPARISONS,
    *digital.COMPARISONS,
    *core.COMPARISONS,
    *licences.COMPARISONS,
    *packages.COMPARISONS,
    *curves.COMPARISONS,
    *games.COMPARISONS,
    *methods.COMPARISONS,
    *neighbours.COMPARISONS,
    *proceeds.COMPARISONS,
    *views.COMPARISONS,
)
