"""All comparisons, in the order of the library's rooms."""

from tests.references import markets, single
from tests.references.comparing import Comparison

ALL: tuple[Comparison, ...] = (
    *single.COMPARISONS,
    *markets.COMPARISONS,
)
