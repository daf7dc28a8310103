"""The map: outlines of land under the region that rows cover, and how many of them lie where.

`land.txt` is made from Natural Earth's land at 1:110 million, which is in the public domain
(naturalearthdata.com): thinned to half a degree, small islands left out; a line for each outline, each
point in tenths of a degree from the one before it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.core.formatting import count_shown
from exchange.core.pictures import LABEL_PX, picture, short

LAND = Path(__file__).with_name("land.txt")
TENTHS = 10
WIDTH, HEIGHT = 480, 260
MARGIN = 2.0  # how much more than the box is seen
DEGREES_MIN = 10.0  # from south to north, so that there is a coast to know the place by
SHORTEST = 0.3  # of a degree of longitude, which shrinks towards the poles
STEPS = (1, 2, 5, 10, 15, 30, 60)
LINES_MAX = 6
SHADES = 4
LEAST = 3.0  # a field, or the whole box, must be seen
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class View:
    """What is seen: `scale` pixels a degree of latitude, `narrow` times that a degree of longitude."""

    west: float
    north: float
    scale: float
    narrow: float

    @property
    def east(self) -> float:
        return self.west + WIDTH / self.scale / self.narrow

    @property
    def south(self) -> float:
        return self.north - HEIGHT / self.scale

    def x(self, longitude: float) -> float:
        return (longitude - self.west) * self.scale * self.narrow

    def y(self, latitude: float) -> float:
        return (self.north - latitude) * self.scale


def region(
    west: float, south: float, east: float, north: float, *, counts: Sequence[int], width: int
) -> SafeString:
    """The land around the box; in it the fields of a grid, darker where more rows lie. Without counts the
    box alone."""
    view = _view_of(west, south, east, north)
    fields = _fields(view, (west, south, east, north), counts, width) if width else SafeString("")
    frame = format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        "frame" if fields else "bar",
        short(view.x(west)), short(view.y(north)),
        short(max(view.x(east) - view.x(west), LEAST)),
        short(max(view.y(south) - view.y(north), LEAST)),
    )  # fmt: skip
    return picture(
        format_html('<rect class="sea" width="{}" height="{}"></rect>', WIDTH, HEIGHT)
        + _land(view) + _degrees(view) + fields + frame,
        width=WIDTH,
        height=HEIGHT,
        kind="map",
        title=_("Region covered"),
        description=_said((west, south, east, north), counts, width),
    )  # fmt: skip


def _view_of(west: float, south: float, east: float, north: float) -> View:
    """Around the box's middle, as much larger as MARGIN says, and never beyond the poles."""
    narrow = max(math.cos(math.radians((south + north) / 2)), SHORTEST)
    across = (east - west) * narrow * HEIGHT / WIDTH
    tall = min(180.0, max(MARGIN * (north - south), MARGIN * across, DEGREES_MIN))
    scale = HEIGHT / tall
    wide = min(360.0, max(WIDTH / scale / narrow, east - west))
    top = min(90.0, max((south + north) / 2 + tall / 2, tall - 90.0))
    left = min(180.0 - wide, max((west + east) / 2 - wide / 2, -180.0))
    return View(west=left, north=top, scale=scale, narrow=WIDTH / scale / wide)


@cache
def outlines() -> tuple[Ring, ...]:
    """Longitudes and latitudes of each outline."""
    return tuple(tuple(_points(line)) for line in LAND.read_text().splitlines())


def _points(line: str) -> Iterator[tuple[float, float]]:
    x = y = 0
    for pair in line.split():
        across, up = pair.split(",")
        x, y = x + int(across), y + int(up)
        yield x / TENTHS, y / TENTHS


def _land(view: View) -> SafeString:
    return format_html_join(
        "",
        '<polygon class="land" points="{}"></polygon>',
        (
            (" ".join(f"{short(view.x(x))},{short(view.y(y))}" for x, y in ring),)
            for ring in outlines()
            if _is_in(view, ring)
        ),
    )


def _is_in(view: View, ring: Ring) -> bool:
    longitudes, latitudes = ([point[axis] for point in ring] for axis in (0, 1))
    return (
        max(longitudes) >= view.west
        and min(longitudes) <= view.east
        and max(latitudes) >= view.south
        and min(latitudes) <= view.north
    )


def _degrees(view: View) -> SafeString:
    """A few meridians and parallels, with their degrees at the lower and the left edge."""
    across = _round_degrees(view.west, view.east)
    up = _round_degrees(view.south, view.north)
    return format_html_join(
        "",
        '<line class="ring" x1="{x}" y1="0" x2="{x}" y2="{tall}"></line>'
        '<text class="label halo" x="{x}" y="{low}" text-anchor="middle">{words}</text>',
        (
            {"x": short(view.x(at)), "tall": HEIGHT, "low": HEIGHT - 6, "words": longitude_shown(at)}
            for at in across
            if LABEL_PX * 4 < view.x(at) < WIDTH - LABEL_PX * 4
        ),
    ) + format_html_join(
        "",
        '<line class="ring" x1="0" y1="{y}" x2="{wide}" y2="{y}"></line>'
        '<text class="label halo" x="4" y="{low}">{words}</text>',
        (
            {
                "y": short(view.y(at)),
                "wide": WIDTH,
                "low": short(view.y(at) - 3),
                "words": latitude_shown(at),
            }
            for at in up
            if TENTHS * 2 < view.y(at) < HEIGHT - TENTHS * 2
        ),
    )  # fmt: skip


def _round_degrees(least: float, most: float) -> range:
    every = next((step for step in STEPS if (most - least) / step <= LINES_MAX), STEPS[-1])
    return range(math.ceil(least / every) * every, math.floor(most) + 1, every)


def longitude_shown(degrees: float) -> str:
    side = "" if degrees in (0, 180, -180) else "E" if degrees > 0 else "W"
    return f"{abs(degrees):g}°{side}"


def latitude_shown(degrees: float) -> str:
    side = "" if degrees == 0 else "N" if degrees > 0 else "S"
    return f"{abs(degrees):g}°{side}"


def _fields(
    view: View, box: tuple[float, float, float, float], counts: Sequence[int], width: int
) -> SafeString:
    """The fields that have rows, in SHADES by the logarithm of their number."""
    west, south, east, north = box
    lines = len(counts) // width
    most = math.log1p(max(counts, default=0)) or 1.0
    wide, tall = (east - west) / width, (north - south) / max(lines, 1)
    return format_html_join(
        "",
        '<rect class="field-{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (
                max(1, math.ceil(SHADES * math.log1p(number) / most)),
                short(view.x(west + at % width * wide)),
                short(view.y(north - at // width * tall)),
                short(max(wide * view.scale * view.narrow, LEAST)),
                short(max(tall * view.scale, LEAST)),
            )
            for at, number in enumerate(counts[: lines * width])
            if number
        ),
    )


def _said(box: tuple[float, float, float, float], counts: Sequence[int], width: int) -> str:
    west, south, east, north = box
    said = _("Longitude %(west)s to %(east)s, latitude %(south)s to %(north)s.") % {
        "west": longitude_shown(west),
        "east": longitude_shown(east),
        "south": latitude_shown(south),
        "north": latitude_shown(north),
    }
    if not width or not any(counts):
        return said
    at = max(range(len(counts)), key=counts.__getitem__)
    across = west + (at % width + 0.5) * (east - west) / width
    down = north - (at // width + 0.5) * (north - south) / (len(counts) // width)
    return f"{said} " + _("Most rows, %(count)s in one field, lie around %(longitude)s, %(latitude)s.") % {
        "count": count_shown(counts[at]),
        "longitude": longitude_shown(round(across, 2)),
        "latitude": latitude_shown(round(down, 2)),
    }  # fmt: skip
