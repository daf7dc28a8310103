"""Answers to cases in the units of the case: text where it writes amounts as text, else numbers."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from pricing.case import Case
from pricing.charges.commitments import Terms, read_terms
from pricing.charges.exact import text, whole

# Counts of digits are numbers in every case, whatever way it writes amounts.
NEVER_AMOUNTS = frozenset({"currency_places", "precision"})
PLACES_MAX = 12

Answered = Fraction | Sequence[Fraction] | None


def answer(case: Case, **values: Answered) -> dict[str, object]:
    """The result, every figure written as the case writes its own."""
    as_text = writes_text(case)
    return {name: _written(value, as_text=as_text) for name, value in values.items()}


def writes_text(case: Case) -> bool:
    """Whether the case writes amounts as decimal text. It does where nothing shows otherwise."""
    leaves = [*_leaves(case.params), *_leaves(case.input)]
    return any(isinstance(leaf, str) for leaf in leaves) or not leaves


def places_of(case: Case) -> int | None:
    """The currency's decimal places that a case rounds to; None where it does not round."""
    given = case.params.get("currency_places")
    return None if given is None else whole(given, "currency_places", least=0, most=PLACES_MAX)


def terms_of(case: Case) -> Terms:
    """Minimum, maximum and percentage discount in the names that cases use."""
    return read_terms(
        {
            "minimum": case.params.get("min"),
            "maximum": case.params.get("max"),
            "discount_percent": case.params.get("percent_discount"),
        }
    )


def _written(value: Answered, *, as_text: bool) -> object:
    if value is None:
        return None
    if not isinstance(value, Fraction):
        return [_written(entry, as_text=as_text) for entry in value]
    if as_text:
        return text(value)
    return int(value) if value.denominator == 1 else float(value)


def _leaves(fields: object, key: str = "") -> Iterator[object]:
    if isinstance(fields, Mapping):
        for name, value in fields.items():
            yield from _leaves(value, str(name))
    elif isinstance(fields, list | tuple):
        for value in fields:
            yield from _leaves(value, key)
    elif key not in NEVER_AMOUNTS and _amount_like(fields):
        yield fields


def _amount_like(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | Decimal) or (
        isinstance(value, str) and value.strip("+-. ")[:1].isdigit()
    )
