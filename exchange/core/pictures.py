"""The frame of every picture, and the plane on which prices and quantities are drawn."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from babel.numbers import format_compact_currency
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from exchange.core.formatting import active_locale
from pricing.money import Money

WIDTH, HEIGHT = 460, 200
HEIGHT_NAMED = HEIGHT + 16  # with the name of the lower axis
LEFT, RIGHT, TOP, FOOT = 68, 12, 14, 26
LABEL_PX = 6.2  # about one character
HEIGHTS_MIN = 2
BAR_SHARE = 0.7  # of a step
Point = tuple[float, float]
_numbers = count(1)


def picture(
    shapes: SafeString, *, width: int, height: int, kind: str, title: str, description: str
) -> SafeString:
    """An SVG that says what it shows. Ids are unique within the process, hence within a page."""
    number = next(_numbers)
    return format_html(
        '<svg class="chart chart-{kind}" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="chart-{number}-t chart-{number}-d">'
        '<title id="chart-{number}-t">{title}</title>'
        '<desc id="chart-{number}-d">{description}</desc>{shapes}</svg>',
        kind=kind,
        width=width,
        height=height,
        number=number,
        title=title,
        description=description,
        shapes=shapes,
    )


def short(number: float) -> str:
    """A coordinate, short: a tenth of a pixel is finer than anybody sees."""
    return f"{number:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Plane:
    """What lies between the edges: x from `west` to `east`, y from `low` to `high`."""

    west: float
    east: float
    low: float
    high: float

    def picture(
        self,
        shapes: SafeString,
        *,
        kind: str,
        title: str,
        description: str,
        names: tuple[str, str] | None = None,
    ) -> SafeString:
        """The picture of what was drawn on it; `names` are those of the lower axis and the upright one."""
        if names is not None:
            shapes += format_html(
                '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>'
                '<text class="label" x="2" y="{}">{}</text>',
                WIDTH - RIGHT, HEIGHT_NAMED - 6, names[0], TOP - 4, names[1],
            )  # fmt: skip
        height = HEIGHT if names is None else HEIGHT_NAMED
        return picture(
            shapes, width=WIDTH, height=height, kind=kind, title=title, description=description
        )

    def x(self, value: float) -> float:
        span = (self.east - self.west) or 1
        return LEFT + (value - self.west) / span * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        span = (self.high - self.low) or 1
        return HEIGHT - FOOT - (value - self.low) / span * (HEIGHT - FOOT - TOP)

    def frame(
        self, *, across: Iterable[tuple[float, str]], up: Iterable[tuple[float, str]]
    ) -> SafeString:
        """Lines at the values of `up`, words at both axes."""
        lines = format_html_join(
            "",
            '<line class="ring" x1="{}" y1="{}" x2="{}" y2="{}"></line>'
            '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (LEFT, y, WIDTH - RIGHT, y, LEFT - 6, short(self.y(value) + 4), words)
                for value, words in up
                for y in [short(self.y(value))]
            ),
        )
        words_below = format_html_join(
            "",
            '<text class="label" x="{}" y="{}" text-anchor="{}">{}</text>',
            (
                (short(self.x(value)), HEIGHT - 8, self._anchor(value), words)
                for value, words in across
            ),
        )
        return lines + words_below

    def _anchor(self, value: float) -> str:
        if value <= self.west:
            return "start"
        return "end" if value >= self.east else "middle"

    def steps(self, points: Sequence[Point], *, kind: str = "line") -> SafeString:
        """A line that keeps each height until the next point."""
        corners: list[Point] = []
        for x, y in points:
            if corners:
                corners.append((x, corners[-1][1]))
            corners.append((x, y))
        return self.line(corners, kind=kind)

    def line(self, points: Sequence[Point], *, kind: str = "line") -> SafeString:
        places = " ".join(f"{short(self.x(x))},{short(self.y(y))}" for x, y in points)
        return format_html('<polyline class="{}" points="{}"></polyline>', kind, places)

    def dots(self, points: Sequence[Point]) -> SafeString:
        return format_html_join(
            "",
            '<circle class="dot" cx="{}" cy="{}" r="2.5"></circle>',
            ((short(self.x(x)), short(self.y(y))) for x, y in points),
        )

    def bars(self, tops: Sequence[float]) -> SafeString:
        """A bar for each whole step from `west` on, up to its height."""
        wide = short((self.x(self.west + 1) - self.x(self.west)) * BAR_SHARE)
        return format_html_join(
            "",
            '<rect class="bar" x="{}" y="{}" width="{}" height="{}"></rect>',
            (
                (
                    short(self.x(self.west + number + (1 - BAR_SHARE) / 2)),
                    short(self.y(top)),
                    wide,
                    short(self.y(self.low) - self.y(top)),
                )
                for number, top in enumerate(tops)
            ),
        )

    def mark(self, point: Point, words: str) -> SafeString:
        """The point that the picture is about, with words beside it that stay inside."""
        x, y = self.x(point[0]), self.y(point[1])
        room = len(words) * LABEL_PX
        left = x + 8 + room > WIDTH
        return format_html(
            '<circle class="mark" cx="{}" cy="{}" r="5"></circle>'
            '<text class="strong halo" x="{}" y="{}" text-anchor="{}">{}</text>',
            short(x), short(y), short(x - 9 if left else x + 9),
            short(max(y - 8, TOP)), "end" if left else "start", words,
        )  # fmt: skip

    def upright(self, value: float, words: str = "") -> SafeString:
        x = self.x(value)
        left = x + len(words) * LABEL_PX + 4 > WIDTH
        return format_html(
            '<line class="guide" x1="{0}" y1="{1}" x2="{0}" y2="{2}"></line>'
            '<text class="label" x="{3}" y="{4}" text-anchor="{5}">{6}</text>',
            short(x), TOP, HEIGHT - FOOT, short(x - 4 if left else x + 4), TOP + 4,
            "end" if left else "start", words,
        )  # fmt: skip

    def band(self, begins: float, ends: float) -> SafeString:
        """A part of the x axis, shaded."""
        left, right = self.x(max(begins, self.west)), self.x(min(ends, self.east))
        return format_html(
            '<rect class="band" x="{}" y="{}" width="{}" height="{}"></rect>',
            short(left), TOP, short(max(right - left, 2)), HEIGHT - FOOT - TOP,
        )  # fmt: skip


def brief(minor: float, currency: str) -> str:
    """An amount for an axis: rounded, and as short as the language has it."""
    amount = Money(round(minor), currency).decimal
    words = str(
        format_compact_currency(amount, currency, locale=active_locale(), fraction_digits=1)
    )
    return re.sub(r"\.0(?!\d)", "", words)


def heights(low: float, high: float, currency: str) -> list[tuple[float, str]]:
    """Round heights of the plane, two to five, with their words."""
    return rungs(low, high, lambda at: brief(at, currency), least=1)


def rungs(
    low: float, high: float, words: Callable[[float], str], *, least: float = 0
) -> list[tuple[float, str]]:
    """Round values between two, two to five of them and `least` apart, with their words."""
    step = max(_round_step((high - low) / HEIGHTS_MIN), least)
    first = math.ceil(low / step)
    return [(at * step, words(at * step)) for at in range(first, math.floor(high / step) + 1)]


def _round_step(most: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten up to `most`."""
    if most <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(most))
    return max((factor * power for factor in (1, 2, 5) if factor * power <= most), default=power)
