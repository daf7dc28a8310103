"""The laws of a result: one that breaks its own law cannot be made."""


class BrokenLawError(RuntimeError):
    """A computed result contradicts what its mechanism promises: an error in this library.

    Not a refusal, as no input is at fault, and not an `assert`, which `python -O` leaves out.
    """


def law(holds: bool, sentence: str) -> None:  # noqa: FBT001 - reads as `law(paid <= bid, "…")`
    """Raise BrokenLawError with the sentence unless it holds."""
    if not holds:
        raise BrokenLawError(sentence)
