"""The library against its slow twins (tests/references) at four scales."""

import pytest

from tests.depth import examples
from tests.references.comparing import Comparison, Scale, compared
from tests.references.registry import ALL

EACH = [
    pytest.param(comparison, scale, id=f"{comparison.function}-{scale}")
    for comparison in ALL
    for scale in comparison.scales
]


@pytest.mark.deep
@pytest.mark.parametrize(("comparison", "scale"), EACH)
def test_the_library_agrees_with_its_twin(comparison: Comparison, scale: Scale) -> None:
    for seed in range(examples(comparison.quick)):
        difference = compared(comparison, scale, seed)
        assert difference is None, str(difference)


def test_each_function_is_named_once() -> None:
    names = [comparison.function for comparison in ALL]
    assert len(names) == len(set(names))
