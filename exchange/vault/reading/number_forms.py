"""Whether a column holds numbers, and how they are written."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from exchange.vault.reading.kinds import TYPED_SHARE, Form, Guess, Said
from exchange.vault.reading.numbers import (
    COMMA,
    DOUBLE_DIGITS,
    EXACT_DIGITS,
    EXPONENT,
    GROUPED,
    MONEY,
    NOISE_DIGITS,
    NOISE_PLACES,
    PADDED_DECIMAL,
    PLAIN,
    STYLES,
    Number,
    Style,
    canonical,
    digits_of,
    fits,
    number_in,
)
from exchange.vault.reading.words import tokens

INTEGER_DIGITS = 18
PADDED_SHARE = 0.001
VERSIONS_MAX = 1_000
VERSION_WHOLE, VERSION_PLACES = 3, 3
MARKER_SHARE = 0.01
MARKER_FACTOR = 10
# Numbers by which devices say that they have none.
NO_NUMBER = re.compile(r"-?(9{2,9}|9{3,6}\.9{1,4}|32768|2147483648)(\.0+)?")
TIME_WORDS = frozenset(
    {"time", "timestamp", "ts", "epoch", "unix", "unixtime", "datetime", "date", "dt", "at", "when", "created", "updated"}
)  # fmt: skip
DATE_WORDS = frozenset({"date", "day", "dt", "ymd", "yyyymmdd", "time", "timestamp"})
MONTH_WORDS = frozenset({"month", "period", "ym", "yyyymm", "yearmonth"})
TIMES_CHINESE, DATES_CHINESE, MONTHS_CHINESE = ("时间",), ("日期", "时间", "日"), ("月",)
NAMING_WORDS = frozenset({"id", "nr", "no", "num", "number", "code", "phone", "tel", "mobile", "account", "key", "sku", "ean", "isbn"})  # fmt: skip
EPOCHS = {10: ("s", 1), 13: ("ms", 10**3), 16: ("us", 10**6)}
SHEET_DAYS = (20_000, 60_000)  # 1954 to 2064, as spreadsheets count days
SHEET_DIGITS = 5
SHEET_WORDS = TIME_WORDS | DATE_WORDS | {"excel", "serial"}
EPOCH_FROM, EPOCH_UNTIL = 631_152_000, 2_145_916_800  # 1990 and 2038
COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
STAMPS_MIN = 3
IN_ORDER_MIN = 5


@dataclass(frozen=True)
class _Cells:
    """The cells of a column that are numbers of one unit, the exponents among them, and how many all are."""

    numbers: Mapping[str, Number]
    exponents: Sequence[str]
    counts: Mapping[str, int]
    total: int
    mark: str

    def share(self, style: Style) -> int:
        held = sum(self.counts[c] for c, n in self.numbers.items() if fits(n.body, style))
        return held + (sum(self.counts[c] for c in self.exponents) if style == PLAIN else 0)

    def bodies(self, style: Style) -> list[str]:
        return [one.body for one in self.numbers.values() if fits(one.body, style)]


def numbers_among(filled: Mapping[str, int]) -> int:
    """How many cells are plain numbers."""
    return sum(
        count
        for cell, count in filled.items()
        if (found := number_in(cell)) and not found.mark and fits(found.body, PLAIN)
    )


def number_guess(filled: Mapping[str, int], total: int, name: str) -> Guess | None:
    """Numbers, where at least four of five cells are such of one unit and one style; text, where they
    would lose what they say as numbers; None for anything else."""
    cells = _cells(filled, total)
    shares = {style: cells.share(style) for style in STYLES}
    best = max(shares, key=lambda style: shares[style])
    padded = sum(count for cell, count in filled.items() if PADDED_DECIMAL.fullmatch(cell))
    if shares[best] + padded < total * TYPED_SHARE or not shares[best]:
        return None
    if padded > total * PADDED_SHARE:
        return Guess(Form.TEXT)
    own = _styled(cells, best)
    if own is None:
        return None
    is_rival = shares[COMMA] == shares[best]
    if own.form is Form.INTEGER:
        return _whole(cells, own, best, name, is_rival=is_rival)
    return _broken(cells, own, best, is_rival=is_rival)


def _whole(cells: _Cells, own: Guess, best: Style, name: str, *, is_rival: bool) -> Guess:
    """Numbers without decimals: counts, moments without signs, thousands."""
    if best == GROUPED:
        is_money = own.style.unit in MONEY  # which has no thousandths
        return (
            _thousands_or_comma(cells, own) if is_rival and not is_money else _proving(own, "point")
        )
    if best.group == " " and not cells.mark and _is_code(cells, best):
        return Guess(Form.TEXT)
    if best == PLAIN and not cells.mark:
        return stamps(cells.counts, cells.total, name) or _with_markers(cells, own)
    return _proving(own, "comma") if best == COMMA else own


def _broken(cells: _Cells, own: Guess, best: Style, *, is_rival: bool) -> Guess:
    """Numbers with decimals."""
    if best.point == "." and not best.group and _is_version(cells, best):
        return Guess(Form.TEXT, said=Said.VERSIONS, rivals=(("numbers", own),))
    if best == PLAIN:
        return _with_comma(cells, own, is_rival=is_rival)
    return _proving(own, "comma" if best.point == "," else "point")


def _proving(own: Guess, proof: str) -> Guess:
    return replace(own, proves=proof)


def _cells(filled: Mapping[str, int], total: int) -> _Cells:
    found = {cell: one for cell in filled if (one := number_in(cell)) is not None}
    marks = Counter({"": 0})
    for cell, one in found.items():
        marks[one.mark] += filled[cell]
    mark = max(marks, key=lambda one: marks[one])
    own = {
        cell: one
        for cell, one in found.items()
        if one.mark == mark or (not one.mark and one.body == "0")
    }
    exponents = [cell for cell in filled if EXPONENT.fullmatch(cell)] if not mark else []
    # 10E4 is a code; 1.5E4, or -3 beside it, makes it a number
    shown = (*exponents, *(cell for cell, one in own.items() if "." in one.body or cell[0] in "+-"))
    if not any("." in cell or "-" in cell or "+" in cell for cell in shown):
        exponents = []
    return _Cells(own, exponents, filled, total, mark)


def _styled(cells: _Cells, best: Style) -> Guess | None:
    """The form of the numbers in a style."""
    digits = {body: digits_of(body, best) for body in cells.bodies(best)}
    is_whole = not cells.exponents and not any(best.point in body for body in digits)
    is_signed = any(one.is_signed for one in cells.numbers.values() if one.body in digits)
    held = cells.share(best)
    if is_whole:
        long = {body for body, (whole, _rest) in digits.items() if whole > INTEGER_DIGITS}
        held -= sum(cells.counts[c] for c, one in cells.numbers.items() if one.body in long)
        if held < cells.total * TYPED_SHARE:
            return None
    is_signed = is_signed and not cells.exponents
    style = Style(best.point, best.group, cells.mark, is_signed, bool(cells.exponents))
    has_misfits = held < cells.total
    if is_whole:
        return Guess(Form.INTEGER, has_misfits, style)
    scale = exact_scale(list(digits), best) if not cells.exponents else None
    form = Form.DECIMAL if scale is None else Form.EXACT
    return Guess(form, has_misfits, style, scale=scale or 0)


def exact_scale(bodies: Sequence[str], style: Style) -> int | None:
    """The decimals that numbers need to stay what they are; None where a double keeps them."""
    sizes = [(body, *digits_of(body.lstrip("0"), style)) for body in bodies]
    long = [one for one in sizes if one[1] + one[2] > DOUBLE_DIGITS]
    if not any(not _is_noise(body, rest, style) for body, _whole, rest in long):
        return None
    scale = max(rest for _body, _whole, rest in sizes)
    whole = max(whole for _body, whole, _rest in sizes)
    return scale if scale + whole <= EXACT_DIGITS else None


def _is_noise(body: str, places: int, style: Style) -> bool:
    """Whether the digits are what a double prints of itself: it gives them back."""
    kept = "".join(letter for letter in body if letter.isdigit() or letter == style.point)
    digits = len(kept.replace(style.point, "").lstrip("0"))
    if places <= NOISE_PLACES or digits > NOISE_DIGITS:
        return False
    return f"{float(kept.replace(style.point, '.')):.{places}f}" == kept.replace(style.point, ".")


def _is_version(cells: _Cells, style: Style) -> bool:
    """Whether two of the cells are one number, and all are as short and as few as versions are."""
    texts: dict[str, set[str]] = defaultdict(set)
    for body in cells.bodies(style):
        if "." in body:
            whole, _point, rest = body.partition(".")
            if len(whole) > VERSION_WHOLE or len(rest) > VERSION_PLACES:
                return False
            if rest.strip("0"):
                texts[canonical(body)].add(body)
    return len(texts) <= VERSIONS_MAX and any(len(one) > 1 for one in texts.values())


def _thousands_or_comma(cells: _Cells, own: Guess) -> Guess:
    """1,300 may be a thousand and three hundred, or one and three tenths."""
    comma = _styled(cells, COMMA) or own
    bare = [body for body in cells.bodies(GROUPED) if body.isdigit()]
    if bare and max(map(len, bare)) <= 3 and any(body != "0" for body in bare):  # noqa: PLR2004 - as in 950
        return own
    return Guess(
        Form.TEXT,
        said=Said.UNCLEAR,
        rivals=(("point", own), ("comma", comma)),
    )


def _with_comma(cells: _Cells, own: Guess, *, is_rival: bool) -> Guess:
    """1.300 is a decimal, unless the table proves that its commas are."""
    if not is_rival or cells.exponents:
        return _with_markers(cells, _proving(own, "point"))
    thousands = _styled(cells, COMMA)
    if thousands is None:
        return own
    return replace(own, rivals=(("comma", thousands),))


def _is_code(cells: _Cells, style: Style) -> bool:
    """Whether groups of digits are all of one length, as in a number of a register."""
    lengths = {sum(map(str.isdigit, body)) for body in cells.bodies(style)}
    return len(lengths) == 1 and len(cells.numbers) > 1 and max(lengths) > 6  # noqa: PLR2004 - two groups


def _with_markers(cells: _Cells, own: Guess) -> Guess:
    """-9999 among ordinary numbers says that there is none: it is repeated, and far from all others."""
    plain = [cell for cell, one in cells.numbers.items() if not one.is_signed and not one.mark]
    found = [cell for cell in plain if NO_NUMBER.fullmatch(cell)]
    others = [cell for cell in plain if cell not in found and fits(cells.numbers[cell].body, PLAIN)]
    if not found or len(others) <= STAMPS_MIN:
        return own
    largest = max(abs(float(cell)) for cell in others)
    has_negatives = any(cell[0] == "-" for cell in others)
    least = max(2, cells.total * MARKER_SHARE)
    markers = [
        cell
        for cell in found
        if cells.counts[cell] >= least
        and (
            largest * MARKER_FACTOR <= abs(float(cell))
            or (
                cell[0] == "-" and not has_negatives and largest <= abs(float(cell)) * MARKER_FACTOR
            )
        )
    ]
    if not markers:
        return own
    return replace(own, has_misfits=True, markers=tuple(sorted(markers)))


def stamps(filled: Mapping[str, int], total: int, name: str) -> Guess | None:
    """Days without signs between their parts, and seconds since 1970."""
    lengths: Counter[int] = Counter()
    for cell, count in filled.items():
        if cell.isdigit() and cell.isascii():
            lengths[len(cell)] += count
    if not lengths:
        return None
    length, held = lengths.most_common(1)[0]
    if held < total * TYPED_SHARE:
        return None
    cells = [cell for cell in filled if len(cell) == length and cell.isdigit()]
    words = set(tokens(name))
    has_misfits = held < total
    if length in COMPACT or length == 6:  # noqa: PLR2004 - yyyymm
        return _compact(cells, length, words, name, has_misfits=has_misfits)
    if length == SHEET_DIGITS and (words & SHEET_WORDS or any(x in name for x in DATES_CHINESE)):
        return _sheet_days(cells, has_misfits=has_misfits)
    if length in EPOCHS:
        return _epoch(cells, length, words, name, has_misfits=has_misfits)
    return None


def _compact(
    cells: list[str], length: int, words: set[str], name: str, *, has_misfits: bool
) -> Guess | None:
    is_month = length not in COMPACT
    written = "%Y%m" if is_month else COMPACT[length]
    named = MONTH_WORDS if is_month else DATE_WORDS
    chinese = MONTHS_CHINESE if is_month else DATES_CHINESE
    is_named = bool(words & named) or any(one in name for one in chinese)
    if not is_named and (is_month or len(cells) < STAMPS_MIN):
        return None
    if not all(1900 <= int(cell[:4]) <= 2100 and is_moment(cell, written) for cell in cells):  # noqa: PLR2004 - years that data speak of
        return None
    return Guess(Form.MONTH if is_month else Form.WRITTEN, has_misfits, formats=(written,))


def is_moment(cell: str, written: str) -> bool:
    try:
        datetime.strptime(cell, written)  # noqa: DTZ007 - only whether there is such a day
    except ValueError:
        return False
    return True


def _epoch(
    cells: list[str], length: int, words: set[str], name: str, *, has_misfits: bool
) -> Guess | None:
    unit, factor = EPOCHS[length]
    if not all(EPOCH_FROM <= int(cell) // factor <= EPOCH_UNTIL for cell in cells):
        return None
    times = Guess(Form.EPOCH, has_misfits, formats=(unit,))
    if words & TIME_WORDS or any(one in name for one in TIMES_CHINESE):
        return times
    if words & NAMING_WORDS:
        return None
    if len(cells) >= IN_ORDER_MIN and all(a <= b for a, b in pairwise(cells)):
        return Guess(Form.INTEGER, has_misfits, said=Said.PERHAPS_TIMES, rivals=(("times", times),))
    return None


def _sheet_days(cells: list[str], *, has_misfits: bool) -> Guess | None:
    """Days as a spreadsheet counts them, which a copy without formats leaves behind."""
    if not all(SHEET_DAYS[0] <= int(cell) <= SHEET_DAYS[1] for cell in cells):
        return None
    days = Guess(Form.EPOCH, has_misfits, formats=("days",))
    return Guess(Form.INTEGER, has_misfits, said=Said.PERHAPS_TIMES, rivals=(("times", days),))
