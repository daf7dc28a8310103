"""All comparisons, in the order of the library's rooms."""

from tests.references import (
    core,
    curves,
    licences,
    markets,
    packages,
    single,
    views,
)
from tests.references.comparing import Comparison

ALL: tuple[Comparison, ...] = (
    *single.COMPARISONS,
    *markets.COMPARISONS,
    *core.COMPARISONS,
    *licences.COMPARISONS,
    *packages.COMPARISONS,
    *curves.COMPARISONS,
    *views.COMPARISONS,
)
