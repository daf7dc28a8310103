"""Which columns look personal: by their names, by their values, and by standing together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from exchange.vault.reading import personal_words as known
from exchange.vault.reading.documents import Finding
from exchange.vault.reading.kinds import NUMBERS, TIMES
from exchange.vault.reading.words import tokens

VALUE_SHARE_MIN = 0.5
LATITUDE_MAX = 90.0
LONGITUDE_MAX = 180.0


@dataclass(frozen=True)
class Seen:
    """A column as the search for personal data sees it: its name, its type and cells of it."""

    name: str
    type: str
    cells: tuple[str, ...]

    def share(self, test: Callable[[str], object]) -> float:
        return sum(bool(test(cell)) for cell in self.cells) / max(1, len(self.cells))


def findings_of(columns: Sequence[Seen]) -> tuple[Finding, ...]:
    """One finding for each column at most, in the order of the columns."""
    found: dict[str, Finding] = {}
    for column in columns:
        one = _by_values(column) or _by_name(column)
        if one is not None:
            found[column.name] = one
    for one in (*_tracks(columns), *_habits(columns)):
        found.setdefault(one.column, one)
    return tuple(found[column.name] for column in columns if column.name in found)


def position_columns(columns: Iterable[Seen]) -> tuple[Seen, Seen] | None:
    """Latitude and longitude, when a table has both with values that can be such."""
    numbers = [one for one in columns if one.type in NUMBERS and one.cells]
    latitude = _of_words(numbers, known.LATITUDE_WORDS, LATITUDE_MAX)
    longitude = _of_words(numbers, known.LONGITUDE_WORDS, LONGITUDE_MAX)
    return (latitude, longitude) if latitude and longitude else None


def _of_words(columns: Iterable[Seen], words: frozenset[str], most: float) -> Seen | None:
    for column in columns:
        if (
            words & set(tokens(column.name))
            and column.share(lambda c: abs(float(c)) <= most) > VALUE_SHARE_MIN
        ):
            return column
    return None


def _by_values(column: Seen) -> Finding | None:
    if column.type not in {"text", "integer"}:
        return None
    for kind, test in known.VALUE_TESTS:
        share = column.share(lambda cell, test=test: test(cell.strip()))  # type: ignore[misc]  # bound now
        if share >= VALUE_SHARE_MIN:
            return _finding(column, kind, share, "values")
    return None


def _by_name(column: Seen) -> Finding | None:
    """A name is a hint. Dates and measurements are not called phones because of it."""
    words = set(tokens(column.name))
    for kind, groups in known.NAME_WORDS:
        if any(words.issuperset(group) for group in groups) and _can_be(kind, column):
            return _finding(column, kind, 1.0, "name")
    for kind, chinese in known.NAME_CHINESE:
        if any(word in column.name for word in chinese) and _can_be(kind, column):
            return _finding(column, kind, 1.0, "name")
    return None


def _can_be(kind: str, column: Seen) -> bool:
    allowed: Mapping[str, frozenset[str]] = {
        "birth_date": TIMES | {"text", "integer"},
        "phone": frozenset({"text", "integer"}),
        "identity_number": frozenset({"text", "integer"}),
        "device_id": frozenset({"text", "integer"}),
        "bank_account": frozenset({"text", "integer"}),
    }
    return column.type in allowed.get(kind, frozenset({"text"}))


def _tracks(columns: Sequence[Seen]) -> Iterable[Finding]:
    """Positions with times, or with something that names who or what was there, are tracks."""
    position = position_columns(columns)
    if position is None:
        return
    tracing = [one for one in columns if one.type in {"text", "integer"} and _traces(one.name)]
    if not tracing and not any(one.type in TIMES for one in columns):
        return
    for column, most in zip(position, (LATITUDE_MAX, LONGITUDE_MAX), strict=True):
        share = column.share(lambda cell, most=most: abs(float(cell)) <= most)  # type: ignore[misc]  # bound now
        yield _finding(column, "position", share, "values")
    for column in tracing:
        yield _finding(column, "device_id", 1.0, "name")


def _traces(name: str) -> bool:
    words = tokens(name)
    return words != ["id"] and bool(known.TRACE_WORDS & set(words))


def _habits(columns: Sequence[Seen]) -> Iterable[Finding]:
    """Readings by time of each customer tell when somebody is at home: the customer is the key."""
    has_time = any(one.type in TIMES for one in columns)
    has_usage = any(
        one.type in NUMBERS
        and (
            known.USAGE_WORDS & set(tokens(one.name))
            or any(w in one.name for w in known.USAGE_CHINESE)
        )
        for one in columns
    )
    if not (has_time and has_usage):
        return
    for column in columns:
        is_customer = known.CUSTOMER_WORDS & set(tokens(column.name)) or any(
            word in column.name for word in known.CUSTOMER_CHINESE
        )
        if is_customer and column.type in {"text", "integer"}:
            yield _finding(column, "usage_habits", 1.0, "name")


def _finding(column: Seen, kind: str, share: float, basis: str) -> Finding:
    example = masked(column.cells[0]) if column.cells else ""
    return Finding(column.name, kind, f"{share:.2f}", basis, example)


KEPT_CHARS_MIN = 6


def masked(value: str) -> str:
    """The first and the last letter of a long value, nothing of a short one; never its length."""
    if len(value) < KEPT_CHARS_MIN:
        return "***"
    return f"{value[0]}***{value[-1]}"
