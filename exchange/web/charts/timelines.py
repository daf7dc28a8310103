"""Time drawn: the bar of what is covered, rows by month or day, and means along them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

from babel.numbers import format_compact_decimal
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.core.formatting import (
    active_locale,
    count_shown,
    day_shown,
    moment_shown,
    short_day,
    short_moment,
    short_month,
)
from exchange.core.pictures import LABEL_PX, WIDTH, Plane, picture, rungs, short

COVERAGE_WIDTH, COVERAGE_HEIGHT = 480, 60
YEARS_TICKS_MAX, TICKS_MAX = 8, 5
MONTHS_SHORT = 24  # a line of fewer months is told by months
MONTHS = 12
BUCKETS_MIN = 2
DOTS_MAX = 60
COMPACT_FROM = 10_000
# How many buckets may lie between two words below a picture.
STEPS = {
    "year": (1, 2, 5, 10, 20, 50),
    "month": (1, 3, 6, 12, 24, 60),
    "day": (1, 2, 7, 14, 28),
    "hour": (3, 6, 12, 24, 48),
}


def covered(*, begins: datetime, ends: datetime, today: datetime) -> SafeString:
    """A bar on a line of years, or of months where these are fewer than MONTHS_SHORT, which goes on to
    today: how old the newest row is, is seen. Above it the first and the last day."""
    first, last = _month(begins), max(_month(ends), _month(today)) + 1
    is_short = last - first < MONTHS_SHORT
    if not is_short:
        first, last = first - first % MONTHS, -(-last // MONTHS) * MONTHS
    scale = COVERAGE_WIDTH / (last - first)
    left, right = ((_part_of_month(at) - first) * scale for at in (begins, ends))
    words = f"{day_shown(begins.date())} – {day_shown(ends.date())}"
    fits = left + len(words) * LABEL_PX < COVERAGE_WIDTH
    shapes = format_html(
        '<text class="label" x="{}" y="12" text-anchor="{}">{}</text>'
        '<rect class="bar soft" x="0" y="20" width="{}" height="18"></rect>'
        '<rect class="bar" x="{}" y="20" width="{}" height="18"></rect>',
        short(left if fits else min(right, COVERAGE_WIDTH)), "start" if fits else "end", words,
        COVERAGE_WIDTH, short(left), short(max(right - left, 2)),
    )  # fmt: skip
    ticks = format_html_join(
        "",
        '<line class="ring" x1="{x}" y1="38" x2="{x}" y2="44"></line>'
        '<text class="label" x="{x}" y="56">{words}</text>',
        (
            {"x": short(x), "words": words if x + len(words) * LABEL_PX <= COVERAGE_WIDTH else ""}
            for at in _ticks(first, last, is_short=is_short)
            for x, words in [((at - first) * scale, _tick(at, is_short=is_short))]
        ),
    )
    return picture(
        shapes + ticks,
        width=COVERAGE_WIDTH,
        height=COVERAGE_HEIGHT,
        kind="coverage",
        title=_("Time covered"),
        description=_("From %(from)s to %(until)s.")
        % {"from": day_shown(begins.date()), "until": day_shown(ends.date())},
    )


def _month(at: datetime) -> int:
    return at.year * MONTHS + at.month - 1


def _part_of_month(at: datetime) -> float:
    start = datetime(at.year, at.month, 1, tzinfo=at.tzinfo)
    return _month(at) + (at - start).total_seconds() / (31 * 86_400)


def _ticks(first: int, last: int, *, is_short: bool) -> range:
    """Months of whole years, or single ones, every second or every quarter: few enough to be read."""
    if is_short:
        every = next((step for step in (1, 2, 3) if (last - first) / step <= TICKS_MAX), 6)
        return range(first + -first % every, last, every)
    years = (last - first) // MONTHS
    return range(first, last, MONTHS * -(-years // YEARS_TICKS_MAX))


def _tick(month: int, *, is_short: bool) -> str:
    year, number = divmod(month, MONTHS)
    return short_month(date(year, number + 1, 1)) if is_short else str(year)


@dataclass(frozen=True)
class Line:
    """Buckets of one unit by their beginning, in order; those between without rows are not among them."""

    unit: str
    starts: tuple[datetime, ...]

    def places(self) -> list[int]:
        """The number of each bucket, from the first on."""
        first = self._number(self.starts[0])
        return [self._number(at) - first for at in self.starts]

    def _number(self, at: datetime) -> int:
        if self.unit == "year":
            return at.year
        if self.unit == "month":
            return _month(at)
        return at.toordinal() if self.unit == "day" else at.toordinal() * 24 + at.hour

    def words(self, at: datetime) -> str:
        """A bucket on an axis."""
        if self.unit == "year":
            return str(at.year)
        if self.unit == "month":
            return short_month(at)
        return short_day(at) if self.unit == "day" else short_moment(at)

    def said(self, at: datetime) -> str:
        """A bucket in a sentence or a table, with its year."""
        if self.unit == "day":
            return day_shown(at.date())
        return moment_shown(at, zone=False) if self.unit == "hour" else self.words(at)

    def across(self, plane: Plane) -> list[tuple[float, str]]:
        """The words below a picture: as many as have room, at round numbers of the calendar."""
        places = self.places()
        every = next(
            (step for step in STEPS[self.unit] if places[-1] / step < TICKS_MAX),
            STEPS[self.unit][-1],
        )
        marked = [
            (place + 0.5, self.words(at))
            for at, place in zip(self.starts, places, strict=True)
            if self._number(at) % every == 0
        ] or [(places[0] + 0.5, self.words(self.starts[0]))]
        return [
            (place, words)
            for place, words in marked
            if plane.x(place) + len(words) * LABEL_PX / 2 <= WIDTH or len(marked) == 1
        ]


def rows_over(line: Line, rows: Sequence[int], *, column: str) -> SafeString:
    """A bar for each bucket. Empty for fewer than two."""
    if len(rows) < BUCKETS_MIN:
        return SafeString("")
    places = line.places()
    tops = [0.0] * (places[-1] + 1)
    for place, number in zip(places, rows, strict=True):
        tops[place] = float(number)
    plane = Plane(west=0, east=len(tops), low=0, high=1.08 * max(rows))
    up = rungs(0, plane.high, _brief, least=1)
    shapes = plane.frame(across=line.across(plane), up=up) + plane.bars(tops)
    most = max(range(len(rows)), key=rows.__getitem__)
    return plane.picture(
        shapes,
        kind="series",
        title=titles()[line.unit],
        description=_("From %(first)s to %(last)s; the most rows, %(most)s, in %(peak)s.")
        % {
            "first": line.said(line.starts[0]),
            "last": line.said(line.starts[-1]),
            "most": count_shown(rows[most]),
            "peak": line.said(line.starts[most]),
        },
        names=(column, _("Rows")),
    )


def mean_over(
    line: Line, values: Sequence[float | None], *, time: str, column: str, unit: str
) -> SafeString:
    """The mean of a column along the buckets, with a gap where it is not told. Empty for fewer than two."""
    told = [
        (place, at, value)
        for place, at, value in zip(line.places(), line.starts, values, strict=True)
        if value is not None
    ]
    if len(told) < BUCKETS_MIN:
        return SafeString("")
    lowest, highest = min(told, key=itemgetter(2)), max(told, key=itemgetter(2))
    room = (highest[2] - lowest[2]) * 0.08 or abs(highest[2]) * 0.1 or 1.0
    plane = Plane(
        west=0,
        east=line.places()[-1] + 1,
        low=lowest[2] - room,
        high=highest[2] + room,
    )
    shapes = plane.frame(across=line.across(plane), up=rungs(plane.low, plane.high, _brief))
    points = [(place + 0.5, value) for place, _at, value in told]
    for _number, run in groupby(enumerate(points), key=lambda one: one[1][0] - one[0]):
        shapes += plane.line([point for _at, point in run])
    if len(points) <= DOTS_MAX:
        shapes += plane.dots(points)
    return plane.picture(
        shapes,
        kind="series",
        title=_("Mean of %(column)s over time") % {"column": column},
        description=_("Between %(low)s in %(lowest)s and %(high)s in %(highest)s.")
        % {
            "low": _brief(lowest[2]),
            "lowest": line.said(lowest[1]),
            "high": _brief(highest[2]),
            "highest": line.said(highest[1]),
        },
        names=(time, f"{column} ({unit})" if unit else column),
    )


def titles() -> dict[str, str]:
    """What a picture of rows is called, by its buckets."""
    return {
        "year": _("Rows by year"),
        "month": _("Rows by month"),
        "day": _("Rows by day"),
        "hour": _("Rows by hour"),
    }


def _brief(value: float) -> str:
    """A figure on an axis, to four digits."""
    if abs(value) >= COMPACT_FROM:
        return str(format_compact_decimal(round(value), locale=active_locale(), fraction_digits=1))
    return f"{value:.4g}"
