"""Which columns look personal: by their values, by their names, and by standing together."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from exchange.vault.reading import personal_words as known
from exchange.vault.reading.documents import Finding
from exchange.vault.reading.kinds import NUMBERS, TIMES
from exchange.vault.reading.person_names import is_given_name
from exchange.vault.reading.personal_values import (
    BARE,
    INSIDE,
    NUMBER_DIGITS_MIN,
    WHOLES,
    clean,
    found_inside,
    found_whole,
)
from exchange.vault.reading.personal_values import NUMBERS as NUMBER_VALUES
from exchange.vault.reading.words import tokens

VALUE_SHARE_MIN = 0.5
NAMED_SHARE_MIN = 0.3
LATITUDE_MAX = 90.0
LONGITUDE_MAX = 180.0
DISTINCT_NAMES_MIN = 3
TERMS_MAX = 12
NAME_FORM = re.compile(r"[A-Z][a-z]+([ '-][A-Z][a-z]+){0,4}")
DIGITS = re.compile(r"\d")
CELLS_JUDGED_MIN = 10  # of fewer cells the name is believed
WKT = re.compile(
    r"\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)( ?[ZM]{1,2})? ?\(", re.IGNORECASE
)
DEGREES = re.compile(r"-?\d{1,3}\.\d{3,}")
PAIR_CHARS_MAX = 60
_AROUND_DEGREES = str.maketrans(",;", "  ", "()[]°NSEW")
SEXAGESIMAL = re.compile(r"[NSEW北南东西]? ?\d{1,3} ?[°º] ?\d{1,2}(\.\d{1,9})? ?['′’]")
PLUS_CODE = re.compile(r"[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}")
GRID = re.compile(r"\d{1,2}[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?\d{2,5} ?\d{2,5}")
GEOHASH = re.compile(r"[0-9b-hjkmnp-z]{5,12}")
GEO_JSON = re.compile(r'\{.*"coordinates"\s*:\s*\[')


@dataclass(frozen=True)
class Seen:
    """A column as the search for personal data sees it: its name, its type, and cells of it.

    `cells` are from all over the table. `suspects` are those of all searched cells that hold a sign
    or digits of something personal, each with how often it stands; `searched` says of how many.
    """

    name: str
    type: str
    cells: tuple[str, ...]
    suspects: tuple[tuple[str, int], ...] = ()
    searched: int = 0

    def share(self, test: Callable[[str], object]) -> float:
        """In what share of the cells the test holds."""
        held = sum(count for cell, count in self.counted if test(cell))
        return held / max(1, len(self.cells))

    @cached_property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """The different cells as they are searched, each with how often it stands."""
        return tuple(Counter(map(clean, self.cells)).items())


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
            words & known.words_of(column.name)
            and column.share(lambda c: abs(float(c)) <= most) > VALUE_SHARE_MIN
        ):
            return column
    return None


def _by_values(column: Seen) -> Finding | None:
    if column.type in NUMBERS:
        whole = [
            (one.removesuffix(".0"), 1) for one in column.cells if len(one) >= NUMBER_DIGITS_MIN
        ]
        found = found_whole(
            NUMBER_VALUES, [one for one in whole if one[0].isdigit()], searched=len(column.cells)
        )
        return found and _finding(column, *found, "values")
    if column.type != "text":
        return None
    kinds = [
        one for one in INSIDE if one.name != "network_address" or not known.is_version(column.name)
    ]
    suspects = [(clean(cell), count) for cell, count in column.suspects]
    found = (
        found_inside(kinds, suspects, searched=column.searched)
        or found_inside(BARE, column.counted, searched=len(column.cells))
        or found_whole(WHOLES, column.counted, searched=len(column.cells))
    )
    if found is None or (
        found[0] == "person_name"
        and len(column.counted) < min(DISTINCT_NAMES_MIN, len(column.cells))
    ):
        return None
    return _finding(column, *found, "values")


def _by_name(column: Seen) -> Finding | None:
    """A name is a hint: the values have to look like it, and the name not to speak about it."""
    if known.is_about(column.name) or not column.cells:
        return None
    words = known.words_of(column.name)
    for kind, groups in known.NAME_WORDS:
        if any(words.issuperset(group) for group in groups) and _can_be(kind, column):
            return _finding(column, kind, 1.0, "name")
    for kind, foreign in known.NAME_ELSEWHERE:
        if words & foreign and _can_be(kind, column):
            return _finding(column, kind, 1.0, "name")
    for kind, chinese in known.NAME_CHINESE:
        if any(word in column.name for word in chinese) and _can_be(kind, column):
            return _finding(column, kind, 1.0, "name")
    return None


def _digits(cell: str) -> int:
    return sum(letter.isdigit() for letter in cell)


def _has_letters_only(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and _digits(cell) * 2 < len(cell)


_BEAR_OUT: Mapping[str, Callable[[str], object]] = {
    "email": lambda cell: "@" in cell,
    "phone": lambda cell: 5 <= _digits(cell) <= 16,  # noqa: PLR2004 - digits of a number
    "identity_number": lambda cell: _digits(cell) >= 5,  # noqa: PLR2004 - digits of a number
    "vehicle_number": lambda cell: _digits(cell) >= 4 and len(cell) >= 8,  # noqa: PLR2004 - of a chassis
    "plate": lambda cell: _digits(cell) and 4 <= len(cell) <= 12 and re.search(r"[^\W\d]", cell),  # noqa: PLR2004 - signs of a plate
    "address": lambda cell: len(cell) >= 6 and (" " in cell or not cell.isascii()),  # noqa: PLR2004 - of an address
    "person_name": lambda cell: _has_letters_only(cell) and len(cell) > 1,
    "birth_date": lambda cell: _digits(cell) >= 4,  # noqa: PLR2004 - of a year
    "bank_account": lambda cell: _digits(cell) >= 6,  # noqa: PLR2004 - of a number
    "payment_card": lambda cell: _digits(cell) >= 8,  # noqa: PLR2004 - of a number
    "account_name": lambda cell: len(cell) > 1,
    "network_address": lambda cell: "." in cell or ":" in cell,
    "device_id": bool,
}  # fmt: skip
_BY_TYPE: Mapping[str, frozenset[str]] = {
    "birth_date": TIMES | {"text", "integer"},
    "phone": NUMBERS | {"text"},
    "identity_number": frozenset({"text", "integer"}),
    "device_id": frozenset({"text", "integer"}),
    "bank_account": frozenset({"text", "integer"}),
    "payment_card": frozenset({"text", "integer"}),
}
# These name somebody or something; what takes a few values alone names neither.
_IDENTIFYING = frozenset({"account_name", "address", "device_id", "person_name"})

# These may be words of a trade as well: the driver of a database, a track on the left.
_CODES = frozenset({"account_name", "device_id"})


def _are_terms(column: Seen) -> bool:
    """A few words that differ in more than their digits, most of them not written as names are."""
    cells = [cell for cell, _count in column.counted]
    return (
        len(cells) <= TERMS_MAX
        and all(cell.isascii() and any(map(str.isalpha, cell)) for cell in cells)
        and len({DIGITS.sub("", cell) for cell in cells}) == len(cells)
        and sum(NAME_FORM.fullmatch(cell) is None for cell in cells) * 2 >= len(cells)
        and column.share(lambda cell: is_given_name(cell.title())) < NAMED_SHARE_MIN
    )


def _can_be(kind: str, column: Seen) -> bool:
    if column.type not in _BY_TYPE.get(kind, frozenset({"text"})):
        return False
    if len(column.cells) < CELLS_JUDGED_MIN:
        return True
    if kind in _IDENTIFYING and len(column.counted) < DISTINCT_NAMES_MIN:
        return False
    if kind in _CODES and _are_terms(column):
        return False
    return column.share(_BEAR_OUT[kind]) >= NAMED_SHARE_MIN


def _tracks(columns: Sequence[Seen]) -> Iterable[Finding]:
    """Positions with times, or with something that names who or what was there, are tracks. All
    columns that tell the same position are found, however it is written."""
    positions = list(_positions(columns))
    if not positions:
        return
    tracing = [
        one for one in columns
        if one.type in {"text", "integer"} and one not in positions and _traces(one.name)
    ]  # fmt: skip
    if not tracing and not any(one.type in TIMES for one in columns):
        return
    for column in positions:
        yield _finding(column, "position", 1.0, "values")
    for column in tracing:
        yield _finding(column, "device_id", 1.0, "name")


def _positions(columns: Sequence[Seen]) -> Iterable[Seen]:
    """Latitude and longitude, points as text, and beside these what else tells the place."""
    pair = position_columns(columns)
    texts = [one for one in columns if one.type == "text" and one.cells]
    written = [one for one in texts if one.share(_is_place) >= VALUE_SHARE_MIN]
    hashes = [
        one
        for one in texts
        if "geohash" in one.name.lower() and one.share(GEOHASH.fullmatch) >= VALUE_SHARE_MIN
    ]
    hashes += [one for one in texts if _is_grid(one)]
    plane = list(_plane(columns))
    if pair:
        latitudes = known.LATITUDE_WORDS | known.LONGITUDE_WORDS
        yield from (
            one for one in columns
            if one.type in NUMBERS and (one in pair or latitudes & known.words_of(one.name))
        )  # fmt: skip
    yield from written
    yield from hashes
    if (
        pair
        or written
        or hashes
        or any(known.COORDINATE_WORDS & known.words_of(one.name) for one in plane)
    ):
        yield from plane


def _is_place(cell: str) -> bool:
    if any(form.match(cell) for form in (WKT, GEO_JSON, SEXAGESIMAL)) or PLUS_CODE.fullmatch(cell):
        return True
    if len(cell) > PAIR_CHARS_MAX:
        return False
    pair = cell.translate(_AROUND_DEGREES).split()
    return len(pair) == 2 and all(  # noqa: PLR2004 - latitude and longitude
        DEGREES.fullmatch(one) and abs(float(one)) <= LONGITUDE_MAX for one in pair
    )


def _is_grid(column: Seen) -> bool:
    has_word = bool(known.GRID_WORDS & known.words_of(column.name))
    return has_word and column.share(GRID.fullmatch) >= VALUE_SHARE_MIN


def _plane(columns: Sequence[Seen]) -> Iterable[Seen]:
    """The two coordinates of a projection, when a table has both."""
    numbers = [one for one in columns if one.type in NUMBERS]
    across = [one for one in numbers if known.X_WORDS & known.words_of(one.name)]
    upward = [one for one in numbers if known.Y_WORDS & known.words_of(one.name)]
    return (*across, *upward) if across and upward else ()


def _traces(name: str) -> bool:
    words = tokens(name)
    return words != ["id"] and bool(known.TRACE_WORDS & set(words)) and not known.is_about(name)


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
        if is_customer and column.type in {"text", "integer"} and not known.is_about(column.name):
            yield _finding(column, "usage_habits", 1.0, "name")


def _finding(column: Seen, kind: str, share: float, basis: str) -> Finding:
    return Finding(column.name, kind, f"{share:.2f}", basis)
