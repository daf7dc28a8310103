"""Auctions drawn: bids over time, and bids in the plane of price and quantity."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime
from babel.numbers import format_compact_currency
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.web.charts.drawing import picture, short
from exchange.web.templatetags.assay import active_locale, count, money
from pricing.money import Money

DAY_SECONDS = 86_400
DOTS_MAX = 60
RUNGS_MAX = 10
RUNG_PX = 34
WIDTH, HEIGHT = 460, 200
LEFT, RIGHT, TOP, FOOT = 68, 12, 14, 26
LABEL_PX = 6.2  # about one character
HEIGHTS_MIN = 2
Point = tuple[float, float]


def price_over_time(
    points: Sequence[tuple[datetime, int]], *, currency: str, begins: datetime, ends: datetime
) -> SafeString:
    """The standing price from the first bid to `ends`. Empty without a bid."""
    if not points:
        return SafeString("")
    places = [(at.timestamp(), float(price)) for at, price in points]
    prices = [price for _at, price in points]
    low, high = 0.9 * min(prices), 1.05 * max(prices)
    west = min(begins, points[0][0]).timestamp()
    east = max(ends, points[-1][0]).timestamp()
    plane = Plane(west=west, east=max(east, west + 1), low=low, high=high)
    last = Money(prices[-1], currency)
    shapes = (
        plane.frame(
            across=[(west, _moment(west, east)), (plane.east, _moment(plane.east, west))],
            up=heights(low, high, currency),
        )
        + plane.steps([*places, (plane.east, places[-1][1])])
        + plane.dots(places[-DOTS_MAX:])
        + plane.mark(places[-1], money(last))
    )
    return plane.picture(
        shapes,
        kind="prices",
        title=_("The standing price over time"),
        description=ngettext(
            "After %(count)d bid the price stands at %(price)s; it began at %(first)s.",
            "After %(count)d bids the price stands at %(price)s; it began at %(first)s.",
            len(points),
        )
        % {
            "count": len(points),
            "price": money(last),
            "first": money(Money(prices[0], currency)),
        },
    )


def ladder(rungs: Sequence[tuple[str, Money, bool]]) -> SafeString:
    """Bidders, best first, as bars: name, highest amount that may be shown, and whether it is one's
    own. Empty without any."""
    shown = list(rungs)[:RUNGS_MAX]
    if not shown:
        return SafeString("")
    highest = max(amount.minor for _name, amount, _mine in shown) or 1
    shapes = format_html_join(
        "",
        '<text class="{}" x="0" y="{}">{}</text>'
        '<text class="strong" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="bar soft" x="0" y="{}" width="{}" height="10"></rect>'
        '<rect class="{}" x="0" y="{}" width="{}" height="10"></rect>',
        (
            (
                "strong" if mine else "name", number * RUNG_PX + 12, name,
                WIDTH, number * RUNG_PX + 12, money(amount),
                number * RUNG_PX + 18, WIDTH,
                "bar mine" if mine else "bar", number * RUNG_PX + 18,
                short(max(amount.minor / highest * WIDTH, 2)),
            )
            for number, (name, amount, mine) in enumerate(shown)
        ),
    )  # fmt: skip
    return picture(
        shapes,
        width=WIDTH,
        height=RUNG_PX * len(shown),
        kind="ladder",
        title=_("Bid ladder"),
        description="; ".join(f"{name}: {money(amount)}" for name, amount, _mine in shown),
    )


def demand(
    points: Sequence[tuple[int, int]],
    *,
    currency: str,
    price_minor: int | None,
    sold: int,
    supply: int,
) -> SafeString:
    """Units asked for at each price or above, what there was, and where it cleared."""
    if not points:
        return SafeString("")
    prices = [price for price, _units in points]
    high, low = 1.08 * max(prices), min(0.9 * min(prices), float(price_minor or max(prices)))
    units = points[-1][1]
    plane = Plane(west=0, east=max(units, supply, 1) * 1.04, low=max(low, 0), high=high)
    corners: list[tuple[float, float]] = []
    before = 0
    for price, total in points:
        corners += [(before, price), (total, price)]
        before = total
    shapes = plane.frame(
        across=[(0, "0"), (units, count(units))], up=heights(plane.low, plane.high, currency)
    ) + plane.line(corners)
    if supply <= units * 2:
        shapes += plane.upright(supply, _("for sale: %(supply)s") % {"supply": count(supply)})
    said = _("%(units)s asked for, %(sold)s sold.") % {"units": count(units), "sold": count(sold)}
    if price_minor is not None and sold:
        clearing = money(Money(price_minor, currency))
        shapes += plane.mark((sold, price_minor), clearing)
        said += " " + _("It cleared at %(price)s.") % {"price": clearing}
    return plane.picture(
        shapes,
        kind="demand",
        title=_("What was asked for at each price"),
        description=said,
    )


def _moment(at: float, other: float) -> str:
    moment = timezone.localtime(datetime.fromtimestamp(at, tz=timezone.get_current_timezone()))
    pattern = "HH:mm" if abs(at - other) < DAY_SECONDS else "d MMM HH:mm"
    if abs(at - other) < DAY_SECONDS / 48:
        pattern = "HH:mm:ss"
    return str(format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=active_locale()))


@dataclass(frozen=True)
class Plane:
    """What lies between the edges: x from `west` to `east`, y from `low` to `high`."""

    west: float
    east: float
    low: float
    high: float

    def picture(self, shapes: SafeString, *, kind: str, title: str, description: str) -> SafeString:
        """The picture of what was drawn on it."""
        return picture(
            shapes, width=WIDTH, height=HEIGHT, kind=kind, title=title, description=description
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
    step = _round_step((high - low) / HEIGHTS_MIN)
    first = math.ceil(low / step)
    return [
        (at * step, brief(at * step, currency)) for at in range(first, math.floor(high / step) + 1)
    ]


def _round_step(most: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten up to `most`; one minor unit at least."""
    if most < 1:
        return 1
    power = 10.0 ** math.floor(math.log10(most))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= most)
