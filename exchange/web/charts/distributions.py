"""Data at a glance: sparklines, histograms, and the radar of its quality."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.core.pictures import picture, short

SPARKLINE_WIDTH, SPARKLINE_HEIGHT = 120, 28
POINTS_MIN, POINTS_MAX = 2, 200
WIDTH, HEIGHT, FOOT = 240, 72, 14
BINS_MAX = 60
LEAST = 1.5  # a bin that is not empty must be seen
RADAR_WIDTH, RADAR_HEIGHT = 340, 260
CENTRE_X, CENTRE_Y, RADIUS = 170, 130, 88
RINGS = (0.25, 0.5, 0.75, 1.0)
CORNERS_MIN = 3


def sparkline(values: Sequence[float], *, title: str) -> SafeString:
    """The course of a series. Empty for fewer than two values."""
    values = list(values)[-POINTS_MAX:]
    if len(values) < POINTS_MIN:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = SPARKLINE_WIDTH / (len(values) - 1)
    points = " ".join(
        f"{short(number * step)},{short(SPARKLINE_HEIGHT - 2 - (value - low) / span * (SPARKLINE_HEIGHT - 4))}"
        for number, value in enumerate(values)
    )
    return picture(
        format_html('<polyline class="line" points="{}"></polyline>', points),
        width=SPARKLINE_WIDTH,
        height=SPARKLINE_HEIGHT,
        kind="sparkline",
        title=title,
        description=_("From %(first)s to %(last)s; lowest %(low)s, highest %(high)s.")
        % {"first": values[0], "last": values[-1], "low": low, "high": high},
    )


def histogram(
    *, column: str, edges: Sequence[Any], counts: Sequence[int], is_small: bool = False
) -> SafeString:
    """Bars over the value's range. Empty when there is nothing to draw."""
    counts = list(counts)[:BINS_MAX]
    highest = max(counts, default=0)
    if not highest or len(edges) <= len(counts):
        return SafeString("")
    foot = 0 if is_small else FOOT
    step = WIDTH / len(counts)
    bars = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (
                short(number * step),
                short(HEIGHT - foot - high),
                short(max(step - 1, 0.5)),
                short(high),
            )
            for number, size in enumerate(counts)
            if (high := max(size / highest * (HEIGHT - foot), LEAST if size else 0))
        ),
    )
    ends = (
        SafeString("")
        if is_small
        else format_html(
            '<text class="label" x="0" y="{y}">{low}</text>'
            '<text class="label" x="{x}" y="{y}" text-anchor="end">{high}</text>',
            x=WIDTH,
            y=HEIGHT - 2,
            low=str(edges[0]),
            high=str(edges[len(counts)]),
        )
    )
    tallest = counts.index(highest)
    return picture(
        format_html("{}{}", bars, ends),
        width=WIDTH,
        height=HEIGHT,
        kind="histogram",
        title=_("Values of %(column)s") % {"column": column},
        description=_("From %(low)s to %(high)s; most rows lie between %(from)s and %(until)s.")
        % {
            "low": edges[0],
            "high": edges[len(counts)],
            "from": edges[tallest],
            "until": edges[tallest + 1],
        },
    )


def top_values(*, column: str, top: Sequence[Sequence[Any]], rows: int) -> SafeString:
    """The most frequent values as bars beside their names."""
    shown = [(str(value), int(number)) for value, number in top[:5]]
    if not shown or rows <= 0:
        return SafeString("")
    highest = max(number for _value, number in shown) or 1
    line = 16
    shapes = format_html_join(
        "",
        '<rect class="bar soft" x="0" y="{}" width="{}" height="13"></rect>'
        '<text class="label" x="4" y="{}">{}</text>'
        '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                number * line,
                short(max(size / highest * WIDTH, LEAST)),
                number * line + 10,
                value[:24] + "…" if len(value) > 25 else value or "“”",  # noqa: PLR2004
                WIDTH,
                number * line + 10,
                f"{size / rows:.1%}",
            )
            for number, (value, size) in enumerate(shown)
        ),
    )
    return picture(
        shapes,
        width=WIDTH,
        height=line * len(shown),
        kind="top",
        title=_("Most frequent values of %(column)s") % {"column": column},
        description=ngettext(
            "The most frequent value is “%(value)s”, in %(count)d row.",
            "The most frequent value is “%(value)s”, in %(count)d rows.",
            shown[0][1],
        )
        % {"value": shown[0][0], "count": shown[0][1]},
    )


def picture_of_column(column: Mapping[str, Any], *, rows: int) -> SafeString:
    """The picture that fits the column: its spread, or its most frequent values."""
    spread = column.get("histogram")
    name = str(column.get("name", ""))
    if spread:
        drawn = histogram(column=name, edges=spread["edges"], counts=spread["counts"])
        if drawn:
            return drawn
    return top_values(column=name, top=column.get("top") or [], rows=rows)


def moved(
    *, column: str, distance: float, shapes: Mapping[str, Sequence[Any]] | None
) -> SafeString:
    """A bar as long as the distance (0 to 1); above it, where they may be seen, the promised distribution
    in pale bars and the delivered one in strong thin ones."""
    top = HEIGHT - FOOT if shapes else 0
    bars = _two_shapes(shapes, top) if shapes else SafeString("")
    line = format_html(
        '<rect class="bar soft" x="0" y="{y}" width="{whole}" height="8"></rect>'
        '<rect class="bar" x="0" y="{y}" width="{part}" height="8"></rect>',
        y=top + 4,
        whole=WIDTH,
        part=short(max(min(distance, 1.0) * WIDTH, LEAST)),
    )
    return picture(
        format_html("{}{}", bars, line),
        width=WIDTH,
        height=top + FOOT,
        kind="moved",
        title=_("How %(column)s moved") % {"column": column},
        description=_("A distance of %(distance)s between the promised and the delivered values.")
        % {"distance": f"{distance:.3f}"},
    )


def _two_shapes(shapes: Mapping[str, Sequence[Any]], height: int) -> SafeString:
    highest = max((*shapes["before"], *shapes["after"], 1))
    step = WIDTH / max(1, len(shapes["before"]))
    rows = [
        (
            kind,
            short(number * step + inset),
            short(height - high),
            short(step - 1 - 2 * inset),
            short(high),
        )
        for kind, counts, inset in (
            ("bar soft", shapes["before"], 0.0),
            ("bar", shapes["after"], step / 4),
        )
        for number, count in enumerate(counts)
        if (high := count / highest * height)
    ]
    return format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>', rows
    )


def radar(axes: Sequence[tuple[str, float]], *, score: str) -> SafeString:
    """Each axis has a name and a share from 0 to 1. Empty with fewer than three."""
    if len(axes) < CORNERS_MIN:
        return SafeString("")
    corners = len(axes)
    rings = format_html_join(
        "",
        '<polygon class="ring" points="{}"></polygon>',
        ((_points([share] * corners),) for share in RINGS),
    )
    spokes = format_html_join(
        "",
        '<line class="ring" x1="{}" y1="{}" x2="{}" y2="{}"></line>'
        '<text class="label" x="{}" y="{}" text-anchor="{}">{}</text>'
        '<text class="label strong" x="{}" y="{}" text-anchor="{}">{}</text>',
        (_spoke(number, corners, name, share) for number, (name, share) in enumerate(axes)),
    )
    area = format_html(
        '<polygon class="area" points="{}"></polygon>', _points([share for _name, share in axes])
    )
    return picture(
        format_html("{}{}{}", rings, spokes, area),
        width=RADAR_WIDTH,
        height=RADAR_HEIGHT,
        kind="radar",
        title=_("Quality score %(score)s") % {"score": score},
        description="; ".join(f"{name}: {share:.1%}" for name, share in axes),
    )


def _at(number: int, corners: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / corners - math.pi / 2
    return (
        CENTRE_X + math.cos(angle) * RADIUS * share,
        CENTRE_Y + math.sin(angle) * RADIUS * share,
    )


def _points(shares: Sequence[float]) -> str:
    places = (_at(number, len(shares), share) for number, share in enumerate(shares))
    return " ".join(f"{short(x)},{short(y)}" for x, y in places)


def _spoke(number: int, corners: int, name: str, share: float) -> tuple[object, ...]:
    x, y = _at(number, corners, 1)
    label_x, label_y = _at(number, corners, 1.16)
    side = round((x - CENTRE_X) / RADIUS)
    anchor = {-1: "end", 0: "middle", 1: "start"}[side]
    shift = -8 if label_y < CENTRE_Y - RADIUS else 4
    return (
        CENTRE_X, CENTRE_Y, short(x), short(y),
        short(label_x), short(label_y + shift), anchor, name,
        short(label_x), short(label_y + shift + 14), anchor, f"{share:.0%}",
    )  # fmt: skip
