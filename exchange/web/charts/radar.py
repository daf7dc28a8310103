"""The six dimensions of quality as a radar."""

import math
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture, short

WIDTH, HEIGHT = 340, 260
CENTRE_X, CENTRE_Y, RADIUS = 170, 130, 88
RINGS = (0.25, 0.5, 0.75, 1.0)
CORNERS_MIN = 3


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
        width=WIDTH,
        height=HEIGHT,
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
