"""How a revision differs from the one before, and a listing from the one approved: as documents."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

DRIFT_DIGITS = 3
COLUMNS_MAX = 200
SHAPE_BARS = 12
# How far a distribution moved is measured in one of these ways, by what the profile of a column holds.
MEASURES: Mapping[str, Mapping[str, str]] = {
    "kolmogorov_smirnov": {
        "name": "Kolmogorov-Smirnov distance of two histograms, values spread evenly within a bar",
        "source": "A. N. Kolmogorov, Giornale dell'Istituto Italiano degli Attuari 4 (1933) 83-91;"
        " N. Smirnov, Annals of Mathematical Statistics 19 (1948) 279-281",
    },
    "total_variation": {
        "name": "Total variation distance of the shares of the most frequent values",
        "source": "D. A. Levin, Y. Peres, E. L. Wilmer, Markov Chains and Mixing Times (2009), 4.1",
    },
}
CHANGES_MAX = 200

Document = Mapping[str, Any]


def revision_difference(before: Sequence[Document], after: Sequence[Document]) -> dict[str, Any]:
    """What changed between two revisions' tables, matched by name.

    A single table that was renamed is matched with the single table before it. `{}` when there is
    nothing before. Rows, columns that came, went or changed, and the drift of each that stayed.
    """
    if not before:
        return {}
    old = {str(document["name"]): document for document in before}
    new = {str(document["name"]): document for document in after}
    if len(old) == len(new) == 1:
        new = {next(iter(old)): next(iter(new.values()))}
    return {
        "rows": [_rows(before), _rows(after)],
        "tables_added": sorted(new.keys() - old.keys()),
        "tables_removed": sorted(old.keys() - new.keys()),
        "tables": {name: _table_difference(old[name], new[name]) for name in old if name in new},
    }


def document_difference(before: Document, after: Document) -> list[dict[str, Any]]:
    """What differs between two documents, leaf by leaf, as `{"field", "before", "after"}`."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return [
        {"field": field, "before": old.get(field), "after": new.get(field)}
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    ][:CHANGES_MAX]


def is_schema_change(difference: Document) -> bool:
    """Whether programs that read the last revision may fail with this one."""
    tables = difference.get("tables", {}).values()
    return bool(difference.get("tables_removed")) or any(
        table["columns_removed"] or any("type" in change for change in table["columns_changed"])
        for table in tables
    )


def _table_difference(before: Document, after: Document) -> dict[str, Any]:
    old, new = _columns(before), _columns(after)
    common = [name for name in old if name in new]
    return {
        "rows": [before["rows"], after["rows"]],
        "columns_added": [name for name in new if name not in old],
        "columns_removed": [name for name in old if name not in new],
        "columns_changed": [
            change for name in common if (change := _column_change(name, old[name], new[name]))
        ],
        "drift": [
            drifted
            for name in common[:COLUMNS_MAX]
            if (drifted := _drift(name, old[name], new[name], before, after))
        ],
        "score": [_score(before), _score(after)],
    }


def _column_change(name: str, before: Document, after: Document) -> dict[str, Any] | None:
    """A change of type or unit: what the reader of the data must know."""
    change = {
        key: [before.get(key), after.get(key)]
        for key in ("type", "unit")
        if (before.get(key) or None) != (after.get(key) or None)
    }
    return {"column": name, **change} if change else None


def _drift(
    name: str, before: Document, after: Document, table: Document, other: Document
) -> dict[str, Any] | None:
    """How values, nulls and range moved; None where nothing did."""
    moved = drift_of(before, after)
    figures: dict[str, list[Any]] = {
        "nulls": [_share(before, table), _share(after, other)],
        "min": [before.get("min"), after.get("min")],
        "max": [before.get("max"), after.get("max")],
        "mean": [before.get("mean"), after.get("mean")],
    }
    changed = {key: pair for key, pair in figures.items() if pair[0] != pair[1]}
    if not changed and not moved:
        return None
    drift = None if moved is None else f"{moved:.{DRIFT_DIGITS}f}"
    return {"column": name, "drift": drift, **changed}


def _columns(document: Document) -> dict[str, Document]:
    """Columns by the name in the data, which stays when a seller renames one in the dictionary."""
    return {str(one.get("original_name") or one["name"]): one for one in document["columns"]}


def _share(column: Document, table: Document) -> str:
    rows = int(table["rows"])
    return f"{int(column.get('nulls') or 0) / rows:.{DRIFT_DIGITS}f}" if rows else "0.000"


def _score(document: Document) -> str | None:
    score = (document.get("quality") or {}).get("score")
    return None if score is None else str(score)


def _rows(documents: Sequence[Document]) -> int:
    return sum(int(document["rows"]) for document in documents)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def drift_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    """How far the values of a column moved, between 0 and 1; None where the profiles cannot be compared.

    Numbers and moments: the largest difference of the two distributions, read from their histograms
    (Kolmogorov and Smirnov's distance). Words: half the sum of the differences of the shares of the top
    values, the rest taken as one value (total variation). 0 is the same, 1 has nothing in common.
    """
    measure = measure_of(before, after)
    if measure == "kolmogorov_smirnov":
        try:
            return _of_numbers(_placed(before["histogram"]), _placed(after["histogram"]))
        except ValueError:  # a bar that begins before or after all calendars
            return None
    return _of_words(before["top"], after["top"]) if measure else None


def measure_of(before: Document, after: Document) -> str:
    """Which of MEASURES suits two profiles of a column; empty where none does."""
    histograms = before.get("histogram"), after.get("histogram")
    if all(histograms):
        return "kolmogorov_smirnov"
    both_named = before.get("top") and after.get("top")
    return "total_variation" if both_named and not any(histograms) else ""


def shapes_of(before: Document, after: Document) -> dict[str, list[Any]] | None:
    """Two distributions over the same bars, in thousandths, with the bars' names (of numbers and moments
    their lower ends and the last upper one); None where they cannot be laid over each other."""
    measure = measure_of(before, after)
    if measure == "total_variation":
        shares = _shares(before["top"]), _shares(after["top"])
        both = sorted(
            shares[0].keys() | shares[1].keys(), key=lambda one: -sum(s.get(one, 0) for s in shares)
        )
        names = both[:SHAPE_BARS]
        return {
            "bars": names,
            "before": [round(1000 * shares[0].get(one, 0)) for one in names],
            "after": [round(1000 * shares[1].get(one, 0)) for one in names],
        }
    if not measure:
        return None
    try:
        old, new = _placed(before["histogram"]), _placed(after["histogram"])
    except ValueError:
        return None
    if not sum(old["counts"]) or not sum(new["counts"]):
        return None
    (low, low_name), (high, high_name) = _span(before["histogram"], after["histogram"])
    ends = [low + (high - low) * number / SHAPE_BARS for number in range(1, SHAPE_BARS)] + [high]
    return {
        "bars": [low_name, high_name],
        "before": _in_bars(old, ends),
        "after": _in_bars(new, ends),
    }


def _span(*histograms: Document) -> tuple[tuple[float, str], tuple[float, str]]:
    edges = [(_place(edge), str(edge)) for one in histograms for edge in one["edges"]]
    return min(edges), max(edges)


def _in_bars(histogram: Document, ends: Sequence[float]) -> list[int]:
    up_to = [0.0, *(_share_up_to(histogram, end) for end in ends)]
    return [round(1000 * (right - left)) for left, right in pairwise(up_to)]


def _placed(histogram: Mapping[str, Any]) -> dict[str, Any]:
    """The histogram with its edges as numbers; moments are seconds since the first day of all."""
    return {"edges": [_place(edge) for edge in histogram["edges"]], "counts": histogram["counts"]}


def _place(edge: object) -> float:
    text = str(edge)
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
        return (moment - datetime.min).total_seconds()  # noqa: DTZ901 - a difference of two readings


def _of_numbers(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    if not sum(before["counts"]) or not sum(after["counts"]):
        return None
    places = sorted({*before["edges"], *after["edges"]})
    return max(abs(_share_up_to(before, place) - _share_up_to(after, place)) for place in places)


def _share_up_to(histogram: Mapping[str, Any], place: float) -> float:
    """The share of values up to a place; within a bar values are spread evenly."""
    counted = 0.0
    for (left, right), count in zip(
        pairwise(histogram["edges"]), map(int, histogram["counts"]), strict=True
    ):
        if place >= right:
            counted += count
        elif place > left:
            counted += count * (place - left) / (right - left)
    return counted / float(sum(histogram["counts"]))


def _of_words(before: Sequence[Any], after: Sequence[Any]) -> float | None:
    shares = _shares(before), _shares(after)
    if not shares[0] or not shares[1]:
        return None
    values = shares[0].keys() | shares[1].keys()
    return sum(abs(shares[0].get(one, 0.0) - shares[1].get(one, 0.0)) for one in values) / 2


def _shares(top: Sequence[Any]) -> dict[str, float]:
    """Shares among the values that both profiles can name."""
    whole = sum(int(count) for _value, count in top)
    return {str(value): int(count) / whole for value, count in top} if whole else {}
