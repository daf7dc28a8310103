"""A line as high as a word."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture, short

WIDTH, HEIGHT = 120, 28
POINTS_MIN, POINTS_MAX = 2, 200


def sparkline(values: Sequence[float], *, title: str) -> SafeString:
    """The course of a series. Empty for fewer than two values."""
    values = list(values)[-POINTS_MAX:]
    if len(values) < POINTS_MIN:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = WIDTH / (len(values) - 1)
    points = " ".join(
        f"{short(number * step)},{short(HEIGHT - 2 - (value - low) / span * (HEIGHT - 4))}"
        for number, value in enumerate(values)
    )
    return picture(
        format_html('<polyline class="line" points="{}"></polyline>', points),
        width=WIDTH,
        height=HEIGHT,
        kind="sparkline",
        title=title,
        description=_("From %(first)s to %(last)s; lowest %(low)s, highest %(high)s.")
        % {"first": values[0], "last": values[-1], "low": low, "high": high},
    )
