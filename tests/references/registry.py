"""All comparisons, in the order of the library's rooms."""

from tests.references import single
from tests.references.comparing import Comparison

ALL: tuple[Comparison, ...] = (*single.COMPARISONS,)
