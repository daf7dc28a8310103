"""Whether a column holds days or times, and in what order their parts stand."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice, pairwise

from exchange.vault.reading.kinds import ORDERS, TYPED_SHARE, Form, Guess, Said
from exchange.vault.reading.moments import (
    ISO_CLOCK,
    ISO_DAY,
    PERIODS,
    ZONE,
    Layout,
    day_of,
    written,
)

FORMATS_MAX = 8
SEQUENCE_MAX = 300
SEQUENCE_MIN = 4
_DATE = re.compile(ISO_DAY)
_DATETIME = re.compile(rf"{ISO_DAY}([ T]{ISO_CLOCK})?")
_INSTANT = re.compile(rf"{ISO_DAY}[ T]{ISO_CLOCK}{ZONE}")
FORMS = {
    Layout.CLEAR: Form.WRITTEN,
    Layout.DAY_FIRST: Form.DAY_FIRST,
    Layout.MONTH_FIRST: Form.MONTH_FIRST,
    Layout.YEAR_FIRST: Form.YEAR_FIRST,
    Layout.MONTH: Form.MONTH,
}


def moment_guess(filled: Mapping[str, int], total: int) -> Guess | None:
    """Days or times, where at least four of five cells are such; None for anything else."""
    shares: Counter[Form] = Counter()
    formats: dict[Form, set[str]] = defaultdict(set)
    for cell, count in filled.items():
        if not any(map(str.isdigit, cell)):
            continue
        for form in _own_forms(cell):
            shares[form] += count
        for one in written(cell):
            shares[FORMS[one.layout]] += count
            formats[FORMS[one.layout]] |= {one.form, day_of(one.form)}
    if not shares or max(shares.values()) < total * TYPED_SHARE:
        has_offsets = shares[Form.DATETIME] + shares[Form.INSTANT] >= total * TYPED_SHARE
        return Guess(Form.TEXT, said=Said.OFFSETS) if has_offsets else _period(filled, total)
    most = max(shares.values())
    form = next(form for form in Form if shares[form] == most)
    if form in (Form.DATE, Form.DATETIME, Form.INSTANT):
        return Guess(form, has_misfits=most < total)
    if len(formats[form]) > FORMATS_MAX:
        return None
    tied = [one for one in ORDERS if shares[one] == most]
    guesses = {
        one: Guess(one, most < total, formats=in_order(formats[one]), proves=_proof(one, tied))
        for one in {form, *tied}
    }
    return guesses[form] if len(tied) < 2 else _ordered(filled, tied, guesses)  # noqa: PLR2004 - rivals


def in_order(formats: set[str]) -> tuple[str, ...]:
    """Short years before long ones: the engine takes the first format that fits."""
    return tuple(sorted(formats, key=lambda one: ("%y" not in one, one)))


def _own_forms(cell: str) -> list[Form]:
    if _DATETIME.fullmatch(cell):
        return [Form.DATE, Form.DATETIME] if _DATE.fullmatch(cell) else [Form.DATETIME]
    return [Form.INSTANT] if _INSTANT.fullmatch(cell) else []


def _proof(form: Form, tied: Sequence[Form]) -> str:
    return form.value if list(tied) == [form] else ""


def _ordered(
    filled: Mapping[str, int], tied: Sequence[Form], guesses: Mapping[Form, Guess]
) -> Guess:
    """The order of day and month that the signs between, or the course of the cells, give away."""
    fitting = list(tied)
    if Form.YEAR_FIRST in fitting and len(fitting) > 1:
        fitting = _by_year(filled, fitting)
    if len(fitting) > 1 and all("." in form for form in guesses[fitting[0]].formats):
        fitting = [one for one in fitting if one is not Form.MONTH_FIRST]
    if len(fitting) > 1:
        courses = {one: _course(filled, guesses[one].formats) for one in fitting}
        for is_likely in (_is_even, _is_rising):
            likely = [one for one in fitting if is_likely(courses[one])]
            if len(likely) == 1:
                fitting = likely
                break
            if len(likely) > 1:
                fitting = likely
    if len(fitting) == 1:
        return guesses[fitting[0]]
    rivals = tuple((one.value, guesses[one]) for one in fitting)
    return Guess(Form.TEXT, said=Said.UNCLEAR, rivals=rivals)


def _by_year(filled: Mapping[str, int], fitting: list[Form]) -> list[Form]:
    """The year of two digits is the part that changes least."""
    parts = [re.findall(r"\d+", cell)[:3] for cell in filled]
    parts = [one for one in parts if len(one) == 3]  # noqa: PLR2004 - day, month and year
    first, last = ({one[at] for one in parts} for at in (0, 2))
    if len(first) < len(last):
        return [Form.YEAR_FIRST]
    return [one for one in fitting if one is not Form.YEAR_FIRST]


def _course(filled: Mapping[str, int], formats: Sequence[str]) -> list[datetime]:
    """The moments of the first different cells, as they follow each other."""
    course = []
    for cell in islice(filled, SEQUENCE_MAX):
        for form in formats:
            try:
                course.append(datetime.strptime(cell, form))  # noqa: DTZ007 - only their order counts
                break
            except ValueError:
                continue
    return course


def _is_even(course: Sequence[datetime]) -> bool:
    """Whether the steps are all of one length, or all of as many whole months."""
    steps = {later - earlier for earlier, later in pairwise(course)}
    months = {
        (later.year - earlier.year) * 12 + later.month - earlier.month
        for earlier, later in pairwise(course)
        if later.day == earlier.day and later.time() == earlier.time()
    }
    is_monthly = len(months) == 1 and len({one.day for one in course}) == 1
    return len(course) >= SEQUENCE_MIN and (len(steps) == 1 or is_monthly)


def _is_rising(course: Sequence[datetime]) -> bool:
    return len(course) >= SEQUENCE_MIN and (
        all(a <= b for a, b in pairwise(course)) or all(a >= b for a, b in pairwise(course))
    )


def _period(filled: Mapping[str, int], total: int) -> Guess | None:
    for pattern in PERIODS.values():
        if sum(n for cell, n in filled.items() if pattern.fullmatch(cell)) >= total * TYPED_SHARE:
            return Guess(Form.TEXT, said=Said.PERIODS)
    return None
