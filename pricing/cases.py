"""Vector files: each case is answered by the evaluator of its kind."""

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
    case_id: object = index
    try:
        fields = mapping(vector, f"vectors[{index}]")
        case_id = fields.get("id", index)
        kind = str(fields.get("model", fields.get("mechanism")))
        if kind not in EVALUATORS:
            raise UnknownKind(
                f"The model or mechanism {kind[:SHOWN_MAX]!r} is not known here.",
                field="model",
                value=kind[:SHOWN_MAX],
                accepted=sorted(EVALUATORS),
            )
        case = Case(
            kind=kind,
            params={**options, **mapping(fields.get("params", {}), "params")},
            input=mapping(fields.get("input", {}), "input"),
            folder=folder,
            case_id=str(case_id),
        )
        return {"id": case_id, "result": plain(EVALUATORS[kind](case))}
    except PricingRefusal as refusal:
        return {"id": case_id, "result": {"error": refusal.message}}
    except (LookupError, TypeError, ValueError, ArithmeticError, OSError, RecursionError) as reason:
        # A malformed case must not stop the file; what was wrong is said all the same.
        sentence = f"The case cannot be read: {type(reason).__name__}, {reason}."
        return {"id": case_id, "result": {"error": sentence}}


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
