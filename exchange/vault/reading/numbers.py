"""How numbers are written: the sign before decimals, the sign between thousands, and the unit at each.

Every pattern is one that Python and the engine take alike.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

SPACES = " \u00a0\u2009\u202f"
TICKS = "'\u2019"
MINUS = "\u2212-"  # the hyphen last, as classes of letters want it
DOUBLE_DIGITS = 15  # a double keeps so many, whatever they are
NOISE_PLACES, NOISE_DIGITS = 9, 17  # decimals beyond nine may be a double's own, written out
EXACT_DIGITS = 38
# What may stand at each number of a column, as it is written and as it is called.
MARKS: Mapping[str, str] = {
    "%": "%", "％": "%", "‰": "‰", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY",
    "￥": "CNY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "R$": "BRL", "HK$": "HKD",
    "A$": "AUD", "C$": "CAD", "NT$": "TWD", "S$": "SGD", "元": "CNY", "万元": "10,000 CNY",
    "亿元": "100,000,000 CNY", "USD": "USD", "EUR": "EUR", "GBP": "GBP", "CNY": "CNY", "RMB": "CNY",
    "CHF": "CHF", "JPY": "JPY", "HKD": "HKD", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN",
    "kWh": "kWh", "MWh": "MWh", "kW": "kW", "MW": "MW", "°C": "°C", "℃": "°C", "°F": "°F",
    "kg": "kg", "km": "km", "mm": "mm", "cm": "cm", "km/h": "km/h", "kV": "kV", "Hz": "Hz", "kPa": "kPa",
    "MPa": "MPa", "ppm": "ppm", "吨": "t", "千瓦时": "kWh", "度": "kWh", "千瓦": "kW", "公里": "km",
}  # fmt: skip
MONEY = frozenset(
    {
        "USD",
        "EUR",
        "GBP",
        "CNY",
        "CHF",
        "JPY",
        "HKD",
        "AUD",
        "CAD",
        "TWD",
        "SGD",
        "INR",
        "KRW",
        "BRL",
    }
)
_MARK = "|".join(re.escape(one) for one in sorted(MARKS, key=len, reverse=True))
_BODY = rf"\d[\d.,{TICKS}{SPACES}]*"
WRITTEN = re.compile(
    rf"(?P<open>\()?[{SPACES}]?(?P<sign>[+{MINUS}])?[{SPACES}]?(?P<before>{_MARK})?[{SPACES}]?"
    rf"(?P<inner>[+{MINUS}])?(?P<body>{_BODY}|[.,]\d+)(?P<after>{_MARK})?"
    rf"(?P<trail>[{MINUS}])?(?P<close>\))?"
)
EXPONENT = re.compile(r"[+-]?(\d{1,17}(\.\d*)?|\.\d+)[eE][+-]?\d{1,3}")
PADDED_DECIMAL = re.compile(r"[+-]?0\d+[.,]?\d*")


@dataclass(frozen=True)
class Style:
    """How the numbers of a column are written. `mark` stands before or behind each of them."""

    point: str = "."
    group: str = ""
    mark: str = ""
    is_signed: bool = False  # with signs that the engine does not know: +5, 5-, (5)
    has_exponent: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the engine's own cast reads it."""
        return self.point == "." and not (self.group or self.mark or self.is_signed)

    @property
    def unit(self) -> str | None:
        return MARKS.get(self.mark)


PLAIN = Style()
GROUPED, COMMA = Style(".", ","), Style(",", ".")
# Where two fit equally well, the first is taken; `kinds` knows which of them are rivals.
STYLES = (
    PLAIN, GROUPED, COMMA,
    Style(".", " "), Style(",", " "), Style(".", "'"), Style(",", "'"),
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A cell that may be a number: its digits and separators, and what stands around them."""

    body: str
    mark: str
    is_signed: bool


@cache
def body_pattern(point: str, group: str) -> str:
    """The digits of a number in a style; whole numbers without thousands fit every one."""
    sign = {" ": f"[{SPACES}]", "'": f"[{TICKS}]"}.get(group, re.escape(group))
    plain = r"0|[1-9]\d{0,36}"
    grouped = rf"|[1-9]\d{{0,2}}({sign}\d{{3}})+" if group else ""
    return rf"(({plain}{grouped})({re.escape(point)}\d*)?|{re.escape(point)}\d+)"


_BODIES = {style: re.compile(body_pattern(style.point, style.group)) for style in STYLES}


def number_in(cell: str) -> Number | None:
    """A number with at most one sign and one unit. None for anything else."""
    found = WRITTEN.fullmatch(cell)
    if found is None:
        return None
    signs = [found[one] for one in ("open", "sign", "inner", "trail") if found[one]]
    marks = [found[one] for one in ("before", "after") if found[one]]
    body = found["body"].rstrip(SPACES)
    if len(signs) > 1 or len(marks) > 1 or bool(found["open"]) != bool(found["close"]):
        return None
    if body != found["body"] and not marks:
        return None
    is_plain = not signs or (signs == ["-"] and not found["trail"] and not marks)
    if signs == ["+"] and len(body) > 7:  # noqa: PLR2004 - as long as a telephone number
        return None
    return Number(body, marks[0] if marks else "", not is_plain)


def fits(body: str, style: Style) -> bool:
    """Whether digits are written in a style."""
    return _BODIES[Style(style.point, style.group)].fullmatch(body) is not None


def digits_of(body: str, style: Style) -> tuple[int, int]:
    """How many digits stand before the point, and how many behind."""
    whole, _point, rest = body.partition(style.point)
    return sum(map(str.isdigit, whole)), len(rest)


def canonical(body: str) -> str:
    """Digits with a point, as the number that they are."""
    whole, _point, rest = body.partition(".")
    return f"{whole or '0'}.{rest.rstrip('0')}"


def pattern_of(style: Style) -> str:
    """The cells that a style reads, for styles that the engine's cast does not read."""
    body = body_pattern(style.point, style.group)
    sign, space = f"[+{MINUS}]", f"[{SPACES}]?"
    if not style.mark:
        return rf"({sign}?{body}|{body}[{MINUS}]|\({body}\))"
    mark = re.escape(style.mark)
    core = rf"({mark}{space}{body}|{body}{space}{mark})"
    return rf"({sign}?{space}{core}|{mark}{space}{sign}{body}|{core}[{MINUS}]|\({core}\)|0)"
