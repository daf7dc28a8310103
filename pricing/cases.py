"""Vector files: every package of the library answers the kinds of cases that it declares."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pricing.case import Case, Evaluator
from pricing.charges.exact import SHOWN_MAX, mapping, sequence, text
from pricing.refusals import PricingRefusal

CASES_MAX = 100_000
PACKAGES = ("charges", "mechanisms", "worth")


class UnknownKind(PricingRefusal):
    """No package of the library knows that model or mechanism."""

    code = "unknown_kind"


def declared(module: str, name: str) -> dict[str, Any]:
    """What the packages of the library declare under one name of their module, put together."""
    merged: dict[str, Any] = {}
    for package in PACKAGES:
        dotted = f"pricing.{package}.{module}"
        if find_spec(f"pricing.{package}") and find_spec(dotted):
            merged |= getattr(import_module(dotted), name, {})
    return merged


def evaluate(
    cases: object, folder: Path, *, options: Mapping[str, object] | None = None
) -> list[dict[str, object]]:
    """Answer every case; one that cannot be priced says why, and the others go on.

    `options` are parameters for the cases that do not name them themselves: the choices where
    peers disagree.
    """
    evaluators: dict[str, Evaluator] = declared("cases", "EVALUATORS")
    vectors = sequence(mapping(cases, "file").get("vectors"), "vectors", most=CASES_MAX)
    return [
        _answer(vector, index, evaluators, folder, options or {})
        for index, vector in enumerate(vectors)
    ]


def _answer(
    vector: object,
    index: int,
    evaluators: Mapping[str, Evaluator],
    folder: Path,
    options: Mapping[str, object],
) -> dict[str, object]:
    case_id: object = index
    try:
        fields = mapping(vector, f"vectors[{index}]")
        case_id = fields.get("id", index)
        kind = str(fields.get("model", fields.get("mechanism")))
        if kind not in evaluators:
            raise UnknownKind(
                f"The model or mechanism {kind[:SHOWN_MAX]!r} is not known here.",
                field="model",
                value=kind[:SHOWN_MAX],
                accepted=sorted(evaluators),
            )
        case = Case(
            kind=kind,
            params={**options, **mapping(fields.get("params", {}), "params")},
            input=mapping(fields.get("input", {}), "input"),
            folder=folder,
            case_id=str(case_id),
        )
        return {"id": case_id, "result": plain(evaluators[kind](case))}
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
