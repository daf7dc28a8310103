"""What a period of use costs, day by day, up to its cap."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.web.charts.drawing import picture, short
from exchange.web.charts.plane import HEIGHT, LEFT, RIGHT, WIDTH, Plane, heights
from exchange.web.templatetags.assay import active_locale, money
from pricing.money import Money


def cost_path(
    path: Sequence[tuple[date, Money]], *, begins: date, ends: date, cap: Money | None
) -> SafeString:
    """The cost as a line of steps, with the cap as a line that it does not cross. Empty before use."""
    if not path:
        return SafeString("")
    last = path[-1][1]
    high = 1.12 * max(last.minor, cap.minor if cap else 0, 1)
    plane = Plane(west=begins.toordinal(), east=ends.toordinal(), low=0, high=high)
    points = [(float(begins.toordinal()), 0.0)]
    points += [(float(day.toordinal()), float(amount.minor)) for day, amount in path]
    shapes = plane.frame(
        across=[(at.toordinal(), _day(at)) for at in (begins, ends)],
        up=heights(0, high, last.currency),
    )
    if cap is not None:
        at = short(plane.y(cap.minor))
        shapes += format_html(
            '<line class="guide" x1="{}" y1="{}" x2="{}" y2="{}"></line>'
            '<text class="label" x="{}" y="{}">{}</text>',
            LEFT, at, WIDTH - RIGHT, at, LEFT + 4, short(plane.y(cap.minor) - 4), _("Cap"),
        )  # fmt: skip
    shapes += plane.steps(points) + plane.mark(points[-1], money(last))
    return picture(
        shapes,
        width=WIDTH,
        height=HEIGHT,
        kind="metered",
        title=_("Cost of the period over time"),
        description=_("%(amount)s until %(day)s.")
        % {"amount": money(last), "day": _day(path[-1][0])},
    )


def _day(day: date) -> str:
    return str(format_date(day, "d MMM", locale=active_locale()))
