"""What time and which region the data covers."""

from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture, short

WIDTH, HEIGHT = 480, 44
TICKS_MAX = 8
MAP_WIDTH, MAP_HEIGHT = 360, 180


def years(*, begins: datetime, ends: datetime, today: datetime) -> SafeString:
    """A bar on a line of years, which goes on to this year: how old the newest row is, is seen."""
    first = begins.year
    last = max(ends.year, today.year) + 1
    if last <= first:
        return SafeString("")
    scale = WIDTH / (last - first)
    every = -(-(last - first) // TICKS_MAX)
    ticks = format_html_join(
        "",
        '<line class="ring" x1="{x}" y1="22" x2="{x}" y2="28"></line>'
        '<text class="label" x="{x}" y="40">{year}</text>',
        ({"x": short((year - first) * scale), "year": year} for year in range(first, last, every)),
    )
    left = (_year_of(begins) - first) * scale
    right = (_year_of(ends) - first) * scale
    bar = format_html(
        '<rect class="bar soft" x="0" y="4" width="{}" height="18"></rect>'
        '<rect class="bar" x="{}" y="4" width="{}" height="18"></rect>',
        WIDTH,
        short(left),
        short(max(right - left, 2)),
    )
    return picture(
        format_html("{}{}", bar, ticks),
        width=WIDTH,
        height=HEIGHT,
        kind="coverage",
        title=_("Time covered"),
        description=_("From %(from)s to %(until)s.")
        % {"from": begins.date().isoformat(), "until": ends.date().isoformat()},
    )


def box(west: float, south: float, east: float, north: float) -> SafeString:
    """A rectangle on the grid of the world; the smallest are still seen."""
    x = MAP_WIDTH / 360
    y = MAP_HEIGHT / 180
    grid = format_html_join(
        "",
        '<line class="ring" x1="{}" y1="{}" x2="{}" y2="{}"></line>',
        [
            *((short(step * 30 * x), 0, short(step * 30 * x), MAP_HEIGHT) for step in range(13)),
            *((0, short(step * 30 * y), MAP_WIDTH, short(step * 30 * y)) for step in range(7)),
        ],
    )
    left, top = (west + 180) * x, (90 - north) * y
    width, height = max((east - west) * x, 4), max((north - south) * y, 4)
    area = format_html(
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"></rect>'
        '<rect class="ring" x="0.5" y="0.5" width="{}" height="{}"></rect>',
        short(left),
        short(top),
        short(width),
        short(height),
        MAP_WIDTH - 1,
        MAP_HEIGHT - 1,
    )
    return picture(
        format_html("{}{}", grid, area),
        width=MAP_WIDTH,
        height=MAP_HEIGHT,
        kind="map",
        title=_("Region covered"),
        description=_("Longitude %(west)s to %(east)s, latitude %(south)s to %(north)s.")
        % {"west": west, "east": east, "south": south, "north": north},
    )


def _year_of(at: datetime) -> float:
    start = datetime(at.year, 1, 1, tzinfo=at.tzinfo)
    return at.year + (at - start).total_seconds() / (366 * 86400)
