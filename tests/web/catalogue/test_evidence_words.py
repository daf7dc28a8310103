"""What a product's page says of a column in few digits."""

import pytest

from exchange.web.product.evidence import _about


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        ("189.5251424", "189.5"), (3440.082375, "3440"), ("0.6752770337", "0.6753"),
        ("1234567.8", "1234568"), ("0", "0"), ("40", "40"), ("-12.3456", "-12.35"),
        ("0.00001234567", "0.00001235"), (None, ""), ("n/a", "n/a"), ("NaN", "NaN"),
    ],
)  # fmt: skip
def test_a_mean_is_said_in_four_digits(mean: object, said: str) -> None:
    assert _about(mean) == said
