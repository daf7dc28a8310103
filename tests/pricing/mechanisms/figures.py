"""How figures are compared."""

from fractions import Fraction


def same(got: object, expected: object) -> bool:
    """Equal within a millionth, whichever of text and number is used; extra fields may be there."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(
            key in got and same(got[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(same(a, b) for a, b in zip(got, expected, strict=True))
        )
    if expected is None or isinstance(expected, bool):
        return got is expected
    try:
        a, b = Fraction(str(got)), Fraction(str(expected))
    except ValueError:
        return got == expected
    return abs(a - b) * 10**6 <= max(Fraction(1), abs(b))


def figures(*values: object) -> tuple[object, ...]:
    """Figures side by side, whole numbers and fractions alike."""
    return values
