"""Values that must not be read, shown so that their form can still be seen."""

KEPT_CHARS_MIN = 6
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def masked(value: str) -> str:
    """The first and the last letter of a long value, nothing of a short one; never its length."""
    if len(value) < KEPT_CHARS_MIN:
        return "***"
    return f"{value[0]}***{value[-1]}"


def unarmed(value: str) -> str:
    """Text that a spreadsheet would run as a formula, with the apostrophe that keeps it text."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
