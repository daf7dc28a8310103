"""Vector files: each case is answered by the evaluator of its kind."""

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from pricing.charges import cases as charges
from pricing.documents import Case, Evaluator
from pricing.exact import SHOWN_MAX, mapping, sequence, text
from pricing.mechanisms import case_packages as packages
from pricing.mechanisms import cases as auctions
from pricing.refusals import PricingRefusal
from pricing.worth import cases as worth

CASES_MAX = 100_000


EVALUATORS: dict[str, Evaluator] = {
    **charges.EVALUATORS,
    **auctions.EVALUATORS,
    **packages.EVALUATORS,
    **worth.EVALUATORS,
}


class UnknownKind(PricingRefusal):
    """No package of the library knows that model or mechanism."""

    code = "unknown_kind"


def evaluate(
    cases: object, folder: Path, *, options: Mapping[str, object] | None = None
) -> list[dict[str, object]]:
    """Answer every case; one that cannot be priced says why, and the others go on.

    `options` are parameters for the cases that do not name them themselves: the choices where
    peers disagree.
    """
    vectors = sequence(mapping(cases, "file").get("vectors"), "vectors", most=CASES_MAX)
    return [_answer(vector, index, folder, options or {}) for index, vector in enumerate(vectors)]


def _answer(
    vector: object,
    index: int,
    folder: Path,
    options: Mapping[str, object],
) -> dict[str, object]:
    case_id = index if not isinstance(vector, Mapping) else _written_id(vector.get("id", index))
    row: dict[str, object] = {"id": case_id}
    try:
        result = plain(_evaluated(vector, index, folder, options))
        json.dumps(result, allow_nan=False, ensure_ascii=False).encode()
    except PricingRefusal as refusal:
        return {**row, "result": {"error": _writable(refusal.message)}}
    except UNREADABLE as reason:
        # A malformed case must not stop the file; what was wrong is said all the same.
        sentence = f"The case cannot be read: {type(reason).__name__}, {str(reason)[:REASON_MAX]}."
        return {**row, "result": {"error": _writable(sentence)}}
    return {**row, "result": result}


# What a malformed case may raise. A broken law is among them (RuntimeError): it is said by name.
UNREADABLE = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    OSError,
    RuntimeError,
)
REASON_MAX = 200
DIGITS_MAX = 15  # of a number that floats write as it was


def _evaluated(vector: object, index: int, folder: Path, options: Mapping[str, object]) -> object:
    fields = mapping(vector, f"vectors[{index}]")
    kind = fields.get("model", fields.get("mechanism"))
    if not isinstance(kind, str) or kind not in EVALUATORS:
        shown = str(kind)[:SHOWN_MAX]
        raise UnknownKind(
            f"The model or mechanism {shown!r} is not known here.",
            field="model",
            value=shown,
            accepted=sorted(EVALUATORS),
        )
    case = Case(
        kind=kind,
        params={**options, **mapping(fields.get("params", {}), "params")},
        input=mapping(fields.get("input", {}), "input"),
        folder=folder,
        case_id=str(fields.get("id", index))[:SHOWN_MAX],
    )
    return EVALUATORS[kind](case)


def _written_id(given: object) -> object:
    """The case's own id: text, a number that is written as it was, or what it shows of itself."""
    if isinstance(given, str):
        return _writable(given)
    if isinstance(given, bool | None) or (isinstance(given, int) and abs(given) < 10**DIGITS_MAX):
        return given
    if isinstance(given, Decimal) and given.is_finite():
        short = len(given.as_tuple().digits) <= DIGITS_MAX
        if short and abs(given.adjusted()) < DIGITS_MAX:
            return float(given)
    return _writable(str(given)[:SHOWN_MAX])


def _writable(sentence: str) -> str:
    """Text that a file can hold: halves of surrogate pairs are written as JSON escapes them."""
    return sentence.encode(errors="backslashreplace").decode()


def plain(value: object) -> object:
    """JSON values: fractions that never end as text (`2/3`), Decimals as numbers."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(text(value))
    return value
