"""How days, months and clocks are written, and the formats by which the engine reads them.

A cell has every layout that fits it: 01/02/2026 is a day of January and a day of February.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

ISO_DAY = r"\d{4}(-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
# Zeros beyond the microsecond say nothing; other digits would be lost.
ISO_CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6}0{0,3})?)?"
ZONE = r" ?(Z|UTC|GMT|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
MONTH_NAMES = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
LONG_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_NAME = r"(?P<name>[A-Za-z]{3,9})"
_CLOCK = re.compile(
    r"(?P<gap>,? |T)(?P<hour>\d{1,2}):\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d{1,6})?"
    r"((?P<space> ?)(?P<half>[AaPp][Mm]))?"
)
_CLOCK_CHINESE = re.compile(r"(?P<gap> ?)\d{1,2}(?P<hours>[时点])\d{1,2}分(?P<seconds>\d{1,2}秒)?")
_YEAR_FIRST = re.compile(r"\d{4}(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})")
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<gap>[-/.])(?P<second>\d{1,2})(?P=gap)(?P<year>\d{4}|\d{2})"
)
_CHINESE = re.compile(r"\d{4}(?P<gap> ?)年\d{1,2}月(?P<day>\d{1,2}[日号])?")
_NAMED_DAY = re.compile(
    rf"\d{{1,2}}(?P<gap>[- /.]?){_NAME}(?P<then>,? |[-/.]?)(?P<year>\d{{4}}|\d{{2}})"
)
_NAMED_MONTH_FIRST = re.compile(rf"{_NAME}(?P<gap>\.? )\d{{1,2}}(?P<then>,? )(?P<year>\d{{4}})")
_MONTH = re.compile(r"(?P<year>\d{4})(?P<gap>[-/])(?P<month>0?[1-9]|1[0-2])")
_MONTH_LAST = re.compile(r"(?P<month>0?[1-9]|1[0-2])(?P<gap>[-/])(?P<year>(18|19|20|21)\d{2})")
_MONTH_NAMED = re.compile(rf"{_NAME}(?P<gap>[- /])(?P<year>\d{{4}}|\d{{2}})")
_NAMED_LAST = re.compile(rf"(?P<year>\d{{4}})(?P<gap>[- /]?){_NAME}")
_BASIC = re.compile(
    r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?P<gap>[T_ ])([01]\d|2[0-3])[0-5]\d(?P<seconds>[0-5]\d)?(?P<zone>Z?)"
)
DAY_MAX, MONTH_MAX = 31, 12

# In German, French, Spanish, Portuguese, Italian, Dutch and Russian, whole or cut short.
_FOREIGN_MONTHS = (
    "januar|januari|jänner|jän|janvier|janv|enero|ene|janeiro|gennaio|gen|января?|янв|februar|februari|février|févr|"
    "febrero|fevereiro|fev|febbraio|феврал[ья]|фев|märz|mär|mrz|mars|marzo|março|maart|mrt|марта?|мар|avril|avr|abril|"
    "abr|aprile|апрел[ья]|апр|mai|mayo|maio|maggio|mag|mei|ма[йя]|juni|juin|junio|junho|giugno|giu|июн[ья]?|juli|"
    "juillet|juil|julio|julho|luglio|lug|июл[ья]?|août|aoû|agosto|ago|augustus|августа?|авг|septembre|septiembre|"
    "setembro|set|settembre|sett|сентябр[ья]|сент?|oktober|okt|octobre|octubre|outubro|out|ottobre|ott|октябр[ья]|окт|"
    "novembre|noviembre|novembro|ноябр[ья]|ноя|dezember|dez|décembre|déc|diciembre|dic|dezembro|dicembre|декабр[ья]|дек"
)


class Layout(StrEnum):
    """What the parts of a moment mean, and in what order they stand."""

    CLEAR = "clear"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"
    MONTH = "month"


class Period(StrEnum):
    """What speaks of time and is not read as a moment: it stays text, and a note says so."""

    QUARTER = "quarter"
    WEEK = "week"
    CLOCK = "clock"
    NAMED = "named"
    NANOSECONDS = "nanoseconds"


PERIODS = {
    Period.QUARTER: re.compile(
        r"\d{4}[-/ ]?Q[1-4]|Q[1-4][-/ ]?\d{4}|\d{4}年第?[一二三四1-4]季度?", re.IGNORECASE
    ),
    Period.WEEK: re.compile(
        r"\d{4}[-/ ]?W\d{1,2}(-[1-7])?|W\d{1,2}[-/ ]\d{4}|\d{4}年第?\d{1,2}周", re.IGNORECASE
    ),
    Period.CLOCK: re.compile(r"\d{1,2}:[0-5]\d((:[0-5]\d)?(\.\d+)?)( ?[AaPp][Mm])?"),
    Period.NAMED: re.compile(
        rf"(\d{{1,2}}(\.|er|º)?[ -]?(de )?)?({_FOREIGN_MONTHS})\.?[ -](de )?\d{{2}}(\d{{2}})?( г\.?)?",
        re.IGNORECASE,
    ),
    Period.NANOSECONDS: re.compile(rf"{ISO_DAY}[ T]\d{{1,2}}:\d{{2}}:\d{{2}}\.\d{{7,9}}({ZONE})?"),
}


@dataclass(frozen=True)
class Written:
    """One way to read a cell as a moment: its layout, and the engine's format."""

    layout: Layout
    form: str


def written(cell: str) -> Iterator[Written]:
    """Every way in which a cell can be a moment; none for what is no moment."""
    if found := _BASIC.fullmatch(cell):
        seconds = "%S" if found["seconds"] else ""
        yield Written(Layout.CLEAR, f"%Y%m%d{found['gap']}%H%M{seconds}{found['zone']}")
    for end in _ends(cell):
        clock = _clock(cell[end:])
        if clock is None:
            continue
        for one in _days(cell[:end]):
            if not clock or one.layout is not Layout.MONTH:
                yield Written(one.layout, one.form + clock)


def _ends(cell: str) -> list[int]:
    """Where the day may end: with the cell, or before a clock."""
    colon = cell.find(":")
    if colon < 0:
        chinese = max(cell.find("日"), cell.find("号")) + 1
        return [len(cell), chinese] if 0 < chinese < len(cell) else [len(cell)]
    gap = max(cell.rfind(" ", 0, colon), cell.rfind("T", 0, colon))
    ends = [gap - (cell[gap - 1] == ",")] if gap > 0 else []
    return [*ends, cell.find("日") + 1] if cell.find("日") > 0 else ends


def _clock(text: str) -> str | None:
    if not text:
        return ""
    found = _CLOCK.fullmatch(text)
    if found is None:
        chinese = _CLOCK_CHINESE.fullmatch(text)
        if chinese is None:
            return None
        return f"{chinese['gap']}%H{chinese['hours']}%M分" + ("%S秒" if chinese["seconds"] else "")
    if found["fraction"] and not found["seconds"]:
        return None
    seconds = (":%S" if found["seconds"] else "") + (".%f" if found["fraction"] else "")
    if found["half"]:
        return f"{found['gap']}%I:%M{seconds}{found['space']}%p"
    return f"{found['gap']}%H:%M{seconds}"


def _days(text: str) -> Iterator[Written]:
    if found := _YEAR_FIRST.fullmatch(text):
        if 1 <= int(found["month"]) <= MONTH_MAX and 1 <= int(found["day"]) <= DAY_MAX:
            yield Written(Layout.CLEAR, "%Y{0}%m{0}%d".format(found["gap"]))
    elif found := _YEAR_LAST.fullmatch(text):
        yield from _year_last(found)
    elif found := _CHINESE.fullmatch(text):
        day = f"%d{found['day'][-1]}" if found["day"] else ""
        layout = Layout.CLEAR if day else Layout.MONTH
        yield Written(layout, f"%Y{found['gap']}年%m月{day}")
    elif found := _MONTH.fullmatch(text):
        yield Written(Layout.MONTH, f"%Y{found['gap']}%m")
    elif found := _MONTH_LAST.fullmatch(text):
        yield Written(Layout.MONTH, f"%m{found['gap']}%Y")
    else:
        yield from _named(text)


def _year_last(found: re.Match[str]) -> Iterator[Written]:
    first, second, gap = int(found["first"]), int(found["second"]), found["gap"]
    year = "%Y" if len(found["year"]) > 2 else "%y"  # noqa: PLR2004 - two digits or four
    if 1 <= first <= DAY_MAX and 1 <= second <= MONTH_MAX:
        yield Written(Layout.DAY_FIRST, f"%d{gap}%m{gap}{year}")
    if 1 <= first <= MONTH_MAX and 1 <= second <= DAY_MAX:
        yield Written(Layout.MONTH_FIRST, f"%m{gap}%d{gap}{year}")
    if year == "%y" and 1 <= second <= MONTH_MAX and 1 <= int(found["year"]) <= DAY_MAX:
        yield Written(Layout.YEAR_FIRST, f"%y{gap}%m{gap}%d")


def _named(text: str) -> Iterator[Written]:
    for pattern, order, layout in (
        (_NAMED_DAY, "%d{gap}{month}{then}{year}", Layout.CLEAR),
        (_NAMED_MONTH_FIRST, "{month}{gap}%d{then}{year}", Layout.CLEAR),
        (_MONTH_NAMED, "{month}{gap}{year}", Layout.MONTH),
        (_NAMED_LAST, "{year}{gap}{month}", Layout.MONTH),
    ):
        found = pattern.fullmatch(text)
        month = _month_name(found["name"]) if found else None
        if found is None or month is None:
            continue
        year = "%Y" if len(found["year"]) > 2 else "%y"  # noqa: PLR2004 - two digits or four
        then = found["then"] if "{then}" in order else ""
        yield Written(layout, order.format(gap=found["gap"], month=month, then=then, year=year))
        return


def _month_name(word: str) -> str | None:
    low = word.lower()
    if low in MONTH_NAMES:
        return "%b"
    return "%B" if low in LONG_NAMES else None


_PARTS = {
    "%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%H": r"\d{1,2}",
    "%I": r"\d{1,2}", "%M": r"\d{2}", "%S": r"\d{2}", "%f": r"\d{1,6}", "%p": "[AaPp][Mm]",
    "%b": "[A-Za-z]{3}", "%B": "[A-Za-z]{3,9}",
}  # fmt: skip


@cache
def pattern_of(form: str) -> str:
    """The cells that a format may read: the engine's own reading is more generous."""
    if form.startswith("%Y%m%d"):
        parts = {**_PARTS, "%m": r"\d{2}", "%d": r"\d{2}", "%H": r"\d{2}"}
    elif "分" in form:
        parts = {**_PARTS, "%M": r"\d{1,2}", "%S": r"\d{1,2}"}
    else:
        parts = _PARTS
    return "".join(
        parts.get(part, re.escape(part)) for part in re.split("(%[A-Za-z])", form) if part
    )


def day_of(form: str) -> str:
    """A format without its clock: midnight is often written as a bare day."""
    return re.sub(r"(,? |T|_|)%[HI].*$", "", form)


def has_clock(form: str) -> bool:
    return "%H" in form or "%I" in form
